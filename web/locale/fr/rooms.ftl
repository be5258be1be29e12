# La séance en direct : page, participants, discussion, messages du script, erreurs de realtime.

rooms-title = { $number } · { $label } – séance en direct
rooms-panel = Participants et discussion
rooms-panel-toggle = Participants et discussion (C)

rooms-running = Séance en direct en cours – { $name } présente
rooms-running-join = Rejoindre
rooms-company = { $count ->
    [0] Séance en direct : personne n’est invité, l’équipe de votre établissement ({ $house }) peut rejoindre depuis le dossier.
   *[other] Séance en direct : { $names } reçoit une invitation.
}
rooms-company-awaited = Séance en direct avec l’expert : possible dès que l’expert a accepté.

rooms-state-connecting = Connexion…
rooms-state-open = En direct
rooms-state-reconnecting = Reconnexion…
rooms-state-events = Suivi seul
rooms-state-events-title = Ce réseau bloque la liaison directe : vous suivez et écrivez, mais ne pouvez pas présenter.
rooms-state-ended = Terminée
rooms-state-apart = En partie isolé
rooms-state-apart-title = Une partie des participants ne peut pas être jointe pour le moment.

rooms-presenting-alone = { $count ->
    [0] Vous présentez – personne d’autre n’est invité
   *[other] Vous présentez – en attente de { $names }
}
rooms-presenting-followed = { $count ->
    [0] Vous présentez – personne ne vous suit
    [one] Vous présentez – { $count } personne vous suit
   *[other] Vous présentez – { $count } personnes vous suivent
}
rooms-following = Vous suivez { $name }
rooms-watching = Vous suivez { $name }, qui ne présente pas
rooms-watching-gone = { $name } n’est plus en liaison
rooms-waiting = { $name } présente, mais n’est pas en liaison
rooms-watched = { $count ->
    [one] { $count } personne suit votre champ
   *[other] { $count } personnes suivent votre champ
}
rooms-sharp = { $sharp }/{ $count } { $count ->
    [one] écran net
   *[other] écrans nets
}
rooms-sharp-title = Écrans où tout votre champ est net : { $sharp } sur { $count }
rooms-waiting-to-go = { $count ->
    [one] { $count } action partira quand la liaison reviendra
   *[other] { $count } actions partiront quand la liaison reviendra
}
rooms-presenting-left = Vous présentez – { $name } n’est plus en liaison
rooms-left = Vous avez quitté la vue de { $name }
rooms-cut-following = Liaison coupée, image figée
rooms-cut-watching = Liaison coupée, image figée
rooms-cut-left = Liaison coupée : la vue de { $name } n’arrive plus
rooms-cut-presenting = Liaison coupée : votre champ n’arrive plus aux autres
rooms-rejoin = Rejoindre
rooms-rejoin-key = Rejoindre (F)

rooms-participants = Participants
rooms-you = vous
rooms-status-presenting = présente
rooms-status-following = suit la présentation
rooms-status-follows = suit { $name }
rooms-status-follows-you = suit votre champ
rooms-status-away = regarde ailleurs
rooms-hand-over = Donner la main
rooms-hand-over-to = Donner la main à { $name }
rooms-ask = Demander la main
rooms-asked-sent = Demande envoyée à { $name }.
rooms-take = Prendre la main
rooms-take-title = Prendre la présentation : tous suivront votre vue
rooms-asks = { $name } demande la main
rooms-ask-ignore = Plus tard
rooms-ask-nobody = Personne ne demande la main.
rooms-watch = Suivre { $name } : voir ce que cette personne regarde
rooms-watch-circle = { $name } suit déjà votre champ.
rooms-watch-stopped = { $name } suit votre champ : vous ne suivez plus le sien.
rooms-screen-loading = pas encore net
rooms-screen-usable = lisible
rooms-screen-sharp = net
rooms-screen-title = Votre champ sur son écran : { $state }
rooms-common = Vu par tous
rooms-same = Au grossissement de la présentation
rooms-same-title = Sinon votre fenêtre montre tout le champ présenté, plus grand ou plus petit.

rooms-gather = Rassembler
rooms-gather-title = Inviter tout le monde à revenir sur votre champ (G)
rooms-gather-nobody = Personne ne regarde ailleurs.
rooms-gathered = { $name } invite tout le monde sur son champ.
rooms-gathered-call = { $name } vous invite sur son champ
rooms-gathered-stay = Rester ici
rooms-gathered-came = { $count ->
    [one] Venu : { $came } sur { $count }
   *[other] Venus : { $came } sur { $count }
}
rooms-gathered-away = Encore ailleurs : { $names }
rooms-gathered-all = Tout le monde est là.

rooms-onward = { $name } passe au dossier suivant.
rooms-onward-call = { $name } passe au dossier suivant
rooms-onward-kept = Rien n’est perdu : ce que vous avez écrit et dessiné reste ici.
rooms-onward-go = Rejoindre le dossier suivant
rooms-onward-standing = La réunion est passée au dossier suivant
rooms-onward-leaving = Passage au dossier suivant…

rooms-link = Copier l’adresse de la séance
rooms-link-title = Pour l’envoyer à des collègues, ou la mettre à l’ordre du jour d’une autre séance. Elle n’ouvre rien à qui n’a pas de droit sur le dossier.
rooms-link-copied = Adresse de la séance copiée.
rooms-link-by-hand = L’adresse de la séance est dans la barre d’adresse : copiez-la de là.

rooms-took = { $name } présente maintenant.
rooms-you-present = Vous présentez maintenant : les autres voient votre champ.
rooms-slide-changed = { $name } montre la lame { $label }.
rooms-slide-presenter-only = Seule la personne qui présente change de lame.

rooms-thread = Discussion
rooms-thread-empty = Ce que vous écrivez ici reste dans le dossier.
rooms-line = Message
rooms-line-placeholder = Écrire un message…
rooms-line-send = Envoyer
rooms-line-with-view = Joindre le champ que je regarde
rooms-line-view = Voir le champ
rooms-line-view-other = Champ d’une autre lame

rooms-agenda = Ordre du jour
rooms-agenda-make = Ordre du jour…
rooms-agenda-edit = Modifier l’ordre du jour
rooms-agenda-place = { $place } sur { $count }
rooms-agenda-planned = { $minutes } min
rooms-agenda-running = { $spent } / { $minutes } min
rooms-agenda-go = Passer à « { $label } »
rooms-agenda-next = Suivant
rooms-agenda-next-title = Passer au point suivant (J)
rooms-agenda-at = Point en cours : « { $label } ».
rooms-agenda-end = C’était le dernier point de l’ordre du jour.
rooms-agenda-told = { $name } a établi l’ordre du jour.
rooms-agenda-more = Une lame choisie pour un point est montrée à tous quand on y passe.
rooms-agenda-more-rooms = Pour passer à un autre dossier, collez l’adresse de sa séance, ou plusieurs à la fois. Tous ceux qui sont dans la séance lisent ces lignes.
rooms-agenda-elsewhere = Autre dossier
rooms-agenda-next-case = Dossier suivant
rooms-agenda-room = Adresse de la séance du point { $number }
rooms-agenda-room-hint = Adresse de la séance
rooms-agenda-room-wrong = Collez l’adresse d’une séance, telle que la donne « Copier l’adresse de la séance ».
rooms-agenda-add-room = Ajouter un autre dossier
rooms-agenda-carry = { $count ->
    [one] Reprendre l’ordre du jour (1 point)
   *[other] Reprendre l’ordre du jour ({ $count } points)
}
rooms-agenda-carry-title = Mettre ici la suite de l’ordre du jour d’où vous venez (J)
rooms-agenda-label = Point { $number }
rooms-agenda-slide = Lame du point { $number }
rooms-agenda-slide-none = Sans lame
rooms-agenda-minutes = Minutes prévues pour le point { $number }
rooms-agenda-up = Monter le point { $number }
rooms-agenda-down = Descendre le point { $number }
rooms-agenda-remove = Retirer le point { $number }
rooms-agenda-add = Ajouter un point
rooms-agenda-add-slides = Ajouter les lames du dossier
rooms-agenda-save = Enregistrer
rooms-agenda-cancel = Annuler

rooms-roll = Feuille de présence
rooms-roll-name = Nom
rooms-roll-institution = Établissement
rooms-roll-joined = Arrivée
rooms-roll-left = Départ
rooms-roll-here = en séance
rooms-roll-print = Imprimer
rooms-roll-failed = La feuille de présence n’a pas pu être lue. Réessayez dans un instant.

rooms-ink = Dessiner sur la lame, pour tous (T)
rooms-ink-bar = Dessin
rooms-ink-undo = Annuler mon dernier tracé
rooms-ink-erase-own = Effacer mes tracés
rooms-ink-erase-all = Effacer tous les tracés
rooms-ink-done = Terminer
rooms-ink-failed = Les tracés de cette lame n’ont pas pu être lus. Rechargez la page pour les voir.

rooms-key-gather = Rassembler tout le monde sur son champ
rooms-key-present = Demander la main, ou la donner à qui la demande
rooms-key-item = Point suivant de l’ordre du jour
rooms-key-ink = Dessiner sur la lame
rooms-key-ink-undo = Annuler son dernier tracé

rooms-leave = Quitter
rooms-leave-title = Quitter la séance sans la terminer
rooms-close = Terminer
rooms-close-title = Terminer la séance pour tout le monde
rooms-close-ask = Terminer la séance pour tout le monde ?
rooms-close-more = La discussion et les champs marqués restent dans le dossier.
rooms-close-yes = Terminer la séance
rooms-close-no = Continuer

rooms-ended-title = La séance est terminée
rooms-ended-closed = La discussion et les champs marqués restent dans le dossier.
rooms-ended-closed-by = { $name } a terminé la séance. La discussion et les champs marqués restent dans le dossier.
rooms-ended-closed-you = Vous avez terminé la séance. La discussion et les champs marqués restent dans le dossier.
rooms-ended-session = Votre session a expiré.
rooms-ended-right = Votre droit d’y participer a pris fin.
rooms-ended-gone = Cette séance n’existe pas, ou plus, pour vous.
rooms-ended-version = telepath a été mis à jour. Rechargez la page pour continuer.
rooms-ended-flood = Trop de messages ont été envoyés depuis ce poste.
rooms-ended-protocol = Un message de ce poste n’a pas été compris. Rechargez la page pour continuer.
rooms-ended-unsent = Message non envoyé : { $text }
rooms-back-case = Revenir au dossier
rooms-reload = Recharger la page

error-room-gone = Ce que cette action demande n’existe plus, ou ne vous est pas ouvert.
error-room-closed = La séance est terminée.
error-room-epoch = La présentation a changé entre-temps. Réessayez si besoin.
error-room-not-presenter = Seule la personne qui présente peut faire cela.
error-room-already-presenter = Cette personne présente déjà.
error-room-same-slide = Cette lame est déjà à l’écran.
error-room-invited = Trop de personnes sont invitées à la fois.
error-room-too-fast = Trop d’actions à la fois. Attendez un instant.
error-room-waiting = La liaison est coupée, et trop d’actions attendent déjà. La dernière n’est pas faite : recommencez-la quand la séance est de nouveau en direct.
error-room-operation = Cette action a déjà servi à autre chose. Rechargez la page.
error-room-cannot-present = Cette personne n’a pas le droit de voir la lame, ou n’est pas dans la séance.
error-room-drawings = Cette séance a déjà { $limit } tracés. Effacez-en avant d’en ajouter.
error-room-no-drawing = Ce tracé est déjà effacé.
error-room-not-drawer = Seules la personne qui a fait ce tracé et celle qui présente peuvent l’effacer.
error-room-plane = La lame n’a que { $planes } plans. Choisissez l’un d’eux.
error-room-other-case = Cette lame est d’un autre dossier. Une séance porte sur un seul dossier : ouvrez-en une depuis l’autre dossier.
error-room-agenda-whose = Seules la personne qui a ouvert la séance et celle qui présente peuvent changer l’ordre du jour.
error-room-agenda-twice = Un point figure deux fois dans l’ordre du jour. Rechargez la page et recommencez.
error-room-no-item = Ce point n’est plus à l’ordre du jour. Choisissez-en un autre.
error-room-same-item = Ce point est déjà en cours.
error-room-same-room = Vous êtes déjà dans cette séance. Choisissez-en une autre.
error-room-next = Cette séance n’existe pas, est terminée, ou ne vous est pas ouverte. Ouvrez-en une depuis le dossier suivant, puis recommencez.
error-room-next-item = Point { $item } : cette séance n’existe pas, est terminée, ou ne vous est pas ouverte. Ouvrez-en une depuis le dossier de ce point, ou retirez-la du point.
field-item = Point de l’ordre du jour
