# La visionneuse : page, outils, touches, champs marqués. Lu par les pages et par le script du navigateur.

viewer-title = Lame { $label }
viewer-slide-label = Lame { $label }. Déplacez avec les flèches, zoomez avec + et −, H pour l’aide.
viewer-loading = Ouverture de la lame…
viewer-needs-script = La visionneuse a besoin de JavaScript pour afficher la lame.
viewer-back-case = Dossier { $number }
viewer-slides = Lames du dossier
viewer-slide-unnamed = sans nom
viewer-tools = Outils de la lame

viewer-zoom-in = Agrandir (+)
viewer-zoom-out = Réduire (−)
viewer-fit = Lame entière (0)
viewer-fit-short = Entière
viewer-objectives = Grossissement
viewer-objective = Objectif ×{ $value }
viewer-objective-short = ×{ $value }
viewer-rotate-left = Tourner de 15° vers la gauche (Maj + R)
viewer-rotate-right = Tourner de 15° vers la droite (R)
viewer-rotation = Rotation
viewer-rotation-value = { $value }°
viewer-rotation-reset = Remettre à 0°
viewer-flip = Effet miroir (X)
viewer-minimap = Vue d’ensemble (M)
viewer-minimap-label = Vue d’ensemble : cliquez pour vous y rendre
viewer-full-screen = Plein écran (F)
viewer-full-screen-room = Plein écran (Maj + F)
viewer-link = Copier le lien vers ce champ (L)
viewer-link-copied = Lien copié : il ouvre exactement ce champ.
viewer-link-by-hand = Le lien de ce champ est maintenant dans la barre d’adresse.
viewer-help = Aide et touches (H)
viewer-close = Fermer

viewer-magnification = ×{ $value }
viewer-magnification-title = Grossissement équivalent sur cet écran
viewer-digital-zoom = zoom numérique
viewer-digital-zoom-title = Au-delà de la résolution de la numérisation : aucun détail ne s’ajoute.
viewer-scale-bar = Échelle : { $length }
viewer-position = x { $x }, y { $y }
viewer-spoken = ×{ $magnification }, x { $x }, y { $y }
viewer-spoken-rotation = ×{ $magnification }, x { $x }, y { $y }, rotation { $rotation }°
viewer-spoken-pixels = x { $x } px, y { $y } px
viewer-millimetres = { $value } mm

viewer-unreadable = Illisible
viewer-ended = Vous n’avez plus accès à cette lame.
viewer-ended-more = Le droit de la voir a pris fin, ou votre session a expiré.
viewer-reload = Recharger la page
viewer-link-failing = Connexion difficile : les images arrivent dès que possible.

viewer-pins = Champs marqués
viewer-pin = Marquer ce champ (P)
viewer-pin-label = Légende du champ
viewer-pin-placeholder = p. ex. mitoses, marge, foyer suspect
viewer-pin-save = Marquer
viewer-pin-cancel = Annuler
viewer-pin-unnamed = Champ { $number }
viewer-pin-delete = Supprimer « { $label } »
viewer-pin-saved = Champ marqué.
viewer-pin-deleted = Marque supprimée.
viewer-pin-failed = Le champ n’a pas pu être marqué. Réessayez.
viewer-pins-empty = Aucun champ marqué. La touche P marque celui que vous regardez.
viewer-pins-failed = Les champs marqués n’ont pas pu être lus.

viewer-room-open = Ouvrir une séance en direct
viewer-room-open-title = Regarder cette lame ensemble, en direct

viewer-help-title = Se déplacer sur la lame
viewer-help-mouse = Glissez pour déplacer, roulez pour zoomer, double-cliquez pour agrandir. Sur un écran tactile, pincez et tournez.
viewer-help-keys = Touches
viewer-key-arrows = Déplacer (Maj : d’un écran)
viewer-key-zoom = Agrandir, réduire
viewer-key-objectives = Objectifs ×2,5 ×5 ×10 ×20 ×40
viewer-key-fit = Lame entière
viewer-key-rotate = Tourner de 15° à droite, à gauche
viewer-key-upright = Remettre droit
viewer-key-flip = Effet miroir
viewer-key-minimap = Montrer ou cacher la vue d’ensemble
viewer-key-pin = Marquer ce champ
viewer-key-pins = Montrer ou cacher les champs marqués
viewer-key-link = Copier le lien vers ce champ
viewer-key-full-screen = Plein écran
viewer-key-help = Cette aide
viewer-key-escape = Fermer, annuler
viewer-key-rejoin = Rejoindre la vue de qui présente
viewer-key-chat = Écrire un message
viewer-key-shift = Maj
