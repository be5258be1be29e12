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
rooms-state-events-title = Les WebSockets sont bloqués sur ce réseau : vous suivez et écrivez, mais ne pouvez pas présenter.
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
rooms-waiting = { $name } présente, mais n’est pas en liaison
rooms-presenting-left = Vous présentez – { $name } n’est plus en liaison
rooms-left = Vous avez quitté la vue de { $name }
rooms-cut-following = Liaison coupée, image figée
rooms-cut-left = Liaison coupée : la vue de { $name } n’arrive plus
rooms-cut-presenting = Liaison coupée : votre champ n’arrive plus aux autres
rooms-rejoin = Rejoindre
rooms-rejoin-key = Rejoindre la vue de qui présente (F)

rooms-participants = Participants
rooms-you = vous
rooms-status-presenting = présente
rooms-status-following = suit
rooms-status-away = regarde ailleurs
rooms-hand-over = Donner la main
rooms-hand-over-to = Donner la main à { $name }
rooms-ask = Demander la main
rooms-asked-sent = Demande envoyée à { $name }.
rooms-take = Prendre la main
rooms-take-title = Prendre la présentation : tous suivront votre vue
rooms-asks = { $name } demande la main
rooms-ask-ignore = Plus tard
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

error-room-closed = La séance est terminée.
error-room-epoch = La présentation a changé entre-temps. Réessayez si besoin.
error-room-not-presenter = Seule la personne qui présente peut faire cela.
error-room-already-presenter = Cette personne présente déjà.
error-room-same-slide = Cette lame est déjà à l’écran.
error-room-invited = Trop de personnes sont invitées à la fois.
error-room-too-fast = Trop d’actions à la fois. Attendez un instant.
error-room-operation = Cette action a déjà servi à autre chose. Rechargez la page.
error-room-cannot-present = Cette personne n’a pas le droit de voir la lame, ou n’est pas dans la séance.
