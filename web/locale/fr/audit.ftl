# The auditor's pages. audit-kind-<kind of telepath/audit_catalogue.py, dots as dashes>.

audit-title = Traçabilité
audit-lead = Les actes des membres de votre établissement ({ $institution }), et tout ce qui a été fait de ses dossiers. Chaque lecture de cette page est elle-même inscrite.
audit-chain = Intégrité du journal
audit-sealed = { $count ->
    [0] Aucun enregistrement scellé.
    [one] { $count } enregistrement scellé.
   *[other] { $count } enregistrements scellés.
}
audit-waiting = { $count ->
    [one] { $count } en attente de scellement.
   *[other] { $count } en attente de scellement.
}
audit-signed = Dernière signature { $when }, sur { $size ->
    [one] { $size } enregistrement.
   *[other] { $size } enregistrements.
}
audit-unsigned = Pas encore de signature.
audit-verify = Vérifier maintenant
audit-check-good = intact
audit-check-bad = { $count ->
    [one] { $count } anomalie
   *[other] { $count } anomalies
}
audit-checked = Vérifié le { $when } par { $who } : { $records ->
    [one] { $records } enregistrement recalculé
   *[other] { $records } enregistrements recalculés
}, { $anchored ->
    [0] aucune signature comparée à sa copie extérieure.
    [one] { $anchored } signature comparée à sa copie extérieure.
   *[other] { $anchored } signatures comparées à leurs copies extérieures.
}

audit-search = Rechercher
audit-clear = Tout effacer
audit-any = tout
audit-field-person = Personne
audit-field-case = Dossier ou identifiant
audit-field-kind = Action
audit-field-outcome = Résultat
audit-field-since = Du
audit-field-until = Au
error-audit-date = « { $field } » n’est pas une date.

audit-when = Quand
audit-who = Qui
audit-what = Quoi
audit-why = À quel titre
audit-more = Détail
audit-since = depuis
audit-run = { $count } fois
audit-times = Fois
audit-last = Dernière fois
audit-case = Dossier { $number }
audit-case-lead = Qui l’a consulté, et qui y a fait quoi.
audit-in-order = Dans l’ordre, le plus récent d’abord
audit-pages = Pages
audit-older = Plus anciens
audit-newest = Revenir aux plus récents
audit-none = Aucun enregistrement
audit-none-why = Rien ne correspond à cette recherche dans ce que votre établissement peut connaître.
audit-nobody = personne non identifiée
audit-service = le service telepath

audit-outcome-success = réussi
audit-outcome-refused = refusé
audit-outcome-failure = échec

audit-because-institution = membre de l’établissement
audit-because-consult = demande d’avis
audit-because-offer = demande d’avis proposée
audit-because-room = séance en direct
audit-because-link = lien de partage
audit-because-break-glass = accès d’urgence

audit-object-case = dossier
audit-object-slide = lame
audit-object-consult = demande d’avis
audit-object-room = séance en direct
audit-object-person = personne
audit-object-institution = établissement

audit-detail-seen = Lettres lues
audit-detail-trials = Lettres montrées
audit-detail-acr = Niveau d’identification
audit-detail-annotations = Annotations
audit-detail-consults = Demandes d’avis
audit-detail-lines = Messages
audit-detail-opinions = Avis signés
audit-detail-rooms = Séances
audit-detail-session = Session
audit-detail-specimens = Prélèvements
audit-detail-subject-name-id = Identifiant national
audit-detail-address = Adresse
audit-detail-device = Navigateur
audit-detail-because = Droit
audit-detail-object = Objet
audit-detail-sequence = Rang
audit-detail-leaf = Empreinte
audit-detail-part = { $name } : { $value }

# What records of one kind or another hold besides: the names given to tx.audit(…).
audit-detail-action = Action demandée
audit-detail-after = Après
audit-detail-anchored = Têtes comparées à leur copie extérieure
audit-detail-adoption-before = Décision précédente
audit-detail-annotation = Annotation
audit-detail-asked = Recherche
audit-detail-auth-mode = Moyen d’identification
audit-detail-back-ms = Horloge reculée de (ms)
audit-detail-basis = Droit donné au titre de
audit-detail-basis-id = Référence de ce droit
audit-detail-before = Avant
audit-detail-box = Région vue (x, y, largeur, hauteur, en pixels du niveau le plus fin)
audit-detail-boxes = Région par niveau
audit-detail-bytes = Octets
audit-detail-change = Modification
audit-detail-changed = Champs modifiés
audit-detail-checkpoints = Têtes signées
audit-detail-compared = Enregistrements couverts par les copies extérieures
audit-detail-consult = Demande d’avis
audit-detail-damaged = Lames endommagées
audit-detail-database-ms = Écart avec l’horloge de la base (ms)
audit-detail-description = Description
audit-detail-digest = Empreinte du contenu
audit-detail-digest-before = Empreinte précédente
audit-detail-epoch = Époque de la séance
audit-detail-error-ms = Erreur estimée (ms)
audit-detail-expert = Expert
audit-detail-fact = Fait de la séance
audit-detail-points = Points du tracé
audit-detail-drawn = Rang du tracé effacé
audit-detail-items = Points à l’ordre du jour
audit-detail-item = Point de l’ordre du jour
audit-detail-onward = Séance suivante
audit-detail-finess = FINESS
audit-detail-first-problems = Premières anomalies
audit-detail-format = Format
audit-detail-removed = Endroits effacés
audit-detail-picture = Image
audit-detail-kinds = Natures
audit-detail-found = Endroits trouvés
audit-detail-from = De
audit-detail-invited = Personnes invitées
audit-detail-keys = Clés dans la sauvegarde
audit-detail-label = Intitulé
audit-detail-kept = Tuiles montrées parmi celles transmises à l’avance, selon le navigateur
audit-detail-levels = Niveaux
audit-detail-line = Message
audit-detail-made-at = Sauvegarde du
audit-detail-missing = Enregistrements manquants
audit-detail-motive = Motif de la demande
audit-detail-name = Nom
audit-detail-number = Numéro
audit-detail-offer = Sollicitation
audit-detail-opened = Avec les données chiffrées
audit-detail-opinion = Avis
audit-detail-organ = Organe
audit-detail-person = Personne
audit-detail-presenter = Présentateur
audit-detail-previous = Empreinte de la déclaration précédente
audit-detail-problems = Anomalies
audit-detail-provider-ms = Écart avec l’horloge du fournisseur d’identité (ms)
audit-detail-question = Question
audit-detail-reading = Lecture
audit-detail-reason = Motif
audit-detail-records = Enregistrements
audit-detail-rights = Droits
audit-detail-scale-source = Origine de l’échelle
audit-detail-roles = Rôles
audit-detail-roles-before = Rôles précédents
audit-detail-room = Séance
audit-detail-root = Racine de l’arbre
audit-detail-seq = Rang dans la séance
audit-detail-since = Depuis
audit-detail-size = Enregistrements de l’arbre
audit-detail-slide = Lame
audit-detail-slides = Lames
audit-detail-source = Source de l’heure
audit-detail-specimen = Prélèvement
audit-detail-stream = Connexion à la séance
audit-detail-subject = Titulaire du droit
audit-detail-subject-kind = Nature du titulaire
audit-detail-synchronised = Synchronisée
audit-detail-tiles = Tuiles transmises
audit-detail-times = Nombre de fois
audit-detail-title = Titre
audit-detail-to = À
audit-detail-until = Jusqu’au
audit-detail-urgency = Urgence
audit-detail-verifier = Clé de vérification
audit-detail-version = Version
audit-detail-view = Consultation de la lame

audit-kind-session-started = Ouverture de session
audit-kind-session-refused = Identification refusée
audit-kind-session-activity-chosen = Choix de l’activité
audit-kind-session-stepped-up = Confirmation d’identité
audit-kind-session-step-up-refused = Confirmation d’identité refusée
audit-kind-session-logout-received = Déconnexion demandée par le fournisseur d’identité
audit-kind-session-ended = Fin de session

audit-kind-access-refused = Accès refusé

audit-kind-emergency-activated = Accès de secours activé
audit-kind-emergency-ended = Accès de secours terminé

audit-kind-directory-changed = Annuaire modifié
audit-kind-directory-read = Annuaire consulté

audit-kind-credential-verified = Titre professionnel vérifié
audit-kind-credential-withdrawn = Titre professionnel retiré

audit-kind-delegation-given = Délégation donnée
audit-kind-delegation-ended = Délégation terminée

audit-kind-right-given = Droit donné
audit-kind-right-limited = Droit limité dans le temps
audit-kind-right-withdrawn = Droit retiré

audit-kind-display-checked = Écran vérifié
audit-kind-link-made = Lien de partage créé
audit-kind-link-opened = Lien de partage ouvert
audit-kind-link-refused = Lien de partage refusé
audit-kind-link-withdrawn = Lien de partage retiré
audit-kind-link-expired = Lien de partage expiré

audit-kind-break-glass-opened = Accès d’urgence ouvert
audit-kind-break-glass-refused = Accès d’urgence refusé
audit-kind-break-glass-ended = Accès d’urgence terminé
audit-kind-break-glass-reviewed = Accès d’urgence examiné

audit-kind-case-created = Dossier créé
audit-kind-case-changed = Dossier modifié
audit-kind-case-viewed = Dossier consulté
audit-kind-case-exported = Dossier exporté
audit-kind-case-imported = Dossier importé

audit-kind-patient-changed = Identité du patient modifiée
audit-kind-patient-viewed = Identité du patient consultée

audit-kind-attachment-added = Pièce jointe ajoutée
audit-kind-attachment-viewed = Pièce jointe consultée
audit-kind-attachment-deleted = Pièce jointe supprimée

audit-kind-upload-started = Envoi de lame commencé
audit-kind-upload-completed = Envoi de lame terminé
audit-kind-upload-abandoned = Envoi de lame abandonné

audit-kind-slide-added = Lame ajoutée
audit-kind-slide-refused = Lame refusée
audit-kind-slide-mismatched = Lame en désaccord avec le dossier
audit-kind-slide-deidentified = Lame dépersonnalisée
audit-kind-slide-changed = Lame modifiée
audit-kind-slide-viewed = Lame consultée
audit-kind-slide-regions = Régions de lame transmises
audit-kind-slide-warmed = Lame préparée à l’avance dans un navigateur
audit-kind-slide-warmed-regions = Régions de lame transmises à l’avance
audit-kind-slide-downloaded = Lame téléchargée
audit-kind-slide-identity-viewed = Étiquette de lame consultée
audit-kind-slide-scale-entered = Échelle de lame saisie
audit-kind-slide-reread = Lame relue

audit-kind-annotation-created = Annotation créée
audit-kind-annotation-deleted = Annotation supprimée

audit-kind-thread-written = Message écrit

audit-kind-gateway-registered = Passerelle déclarée
audit-kind-gateway-connected = Passerelle connectée
audit-kind-gateway-refused = Passerelle refusée
audit-kind-gateway-withdrawn = Passerelle retirée

audit-kind-consult-requested = Avis demandé
audit-kind-consult-viewed = Demande d’avis consultée
audit-kind-consult-suspended = Demande d’avis suspendue
audit-kind-consult-resumed = Demande d’avis reprise
audit-kind-consult-transferred = Demande d’avis transférée
audit-kind-consult-revoked = Demande d’avis retirée

audit-kind-offer-made = Expert sollicité
audit-kind-offer-accepted = Demande acceptée
audit-kind-offer-declined = Demande déclinée
audit-kind-offer-expired = Sollicitation restée sans réponse

audit-kind-routing-changed = Règles d’orientation modifiées

audit-kind-opinion-drafted = Avis rédigé
audit-kind-opinion-committed = Avis arrêté avant lecture du premier
audit-kind-opinion-revealed = Premier diagnostic dévoilé
audit-kind-opinion-signed = Avis signé
audit-kind-opinion-countersigned = Avis contresigné
audit-kind-opinion-amended = Avis complété
audit-kind-opinion-graded = Concordance évaluée
audit-kind-opinion-contested = Avis contesté

audit-kind-report-printed = Compte rendu imprimé
audit-kind-report-sent = Compte rendu transmis
audit-kind-report-checked = Compte rendu contrôlé par son code

audit-kind-statistics-viewed = Statistiques consultées
audit-kind-statistics-exported = Statistiques exportées

audit-kind-room-opened = Séance ouverte
audit-kind-room-invited = Invitation à une séance en cours
audit-kind-room-joined = Séance rejointe
audit-kind-room-left = Séance quittée
audit-kind-room-fact = Action en séance
audit-kind-room-closed = Séance close
audit-kind-room-attendance-viewed = Présences à la séance consultées

audit-kind-recording-started = Enregistrement de séance commencé
audit-kind-recording-stopped = Enregistrement de séance arrêté
audit-kind-recording-viewed = Enregistrement de séance revu
audit-kind-recording-deleted = Enregistrement de séance supprimé

audit-kind-board-opened = Réunion de concertation ouverte
audit-kind-board-changed = Réunion de concertation modifiée
audit-kind-board-viewed = Réunion de concertation consultée
audit-kind-board-decided = Décision de la réunion de concertation
audit-kind-board-signed = Fiche de concertation signée
audit-kind-board-closed = Réunion de concertation close

audit-kind-audit-tree-opened = Journal ouvert
audit-kind-audit-read = Traçabilité consultée
audit-kind-audit-extract-made = Extrait remis au patient
audit-kind-audit-exported = Journal exporté
audit-kind-audit-verified = Journal vérifié
audit-kind-audit-anchored = Signature du journal confiée à l’extérieur
audit-kind-audit-gap-found = Journal en retard sur sa copie extérieure
audit-kind-audit-retired = Journal arrivé à son terme et supprimé

audit-kind-subject-erased = Données effacées

audit-kind-key-changed = Clé changée

audit-kind-setting-changed = Réglage modifié

audit-kind-clock-measured = Heure comparée à une référence

audit-kind-backup-made = Sauvegarde faite
audit-kind-backup-restored = Sauvegarde restaurée

# Codes que contiennent les enregistrements.
audit-yes = oui
audit-no = non
audit-alarm-deadline = Échéance proche
audit-alarm-late = Échéance dépassée
audit-alarm-unanswered = Plus personne à solliciter
audit-alarm-ring = Appel resté sans réponse
audit-left-out-absent = Absent jusqu’après l’échéance
audit-left-out-not-available = Indisponible
audit-left-out-not-in-network = N’appartient pas au réseau
audit-left-out-not-in-pool = N’appartient pas au groupe d’experts
audit-left-out-rule-excludes = Écarté par une règle
audit-change-pool-made = Groupe d’experts créé
audit-change-pool-changed = Groupe d’experts modifié
audit-change-pool-joined = Expert ajouté au groupe
audit-change-pool-left = Expert retiré du groupe
audit-change-pool-ended = Groupe d’experts supprimé
audit-change-rule-made = Règle ajoutée
audit-change-rule-ended = Règle supprimée
audit-change-duties-entered = Astreintes saisies
audit-change-duty-withdrawn = Astreinte retirée
audit-change-swap-asked = Échange d’astreinte demandé
audit-change-swap-taken = Échange d’astreinte accepté
audit-change-swap-declined = Échange d’astreinte refusé
audit-change-swap-withdrawn = Échange d’astreinte abandonné
audit-change-turnaround = Délais modifiés
