# Ce que disent les scripts des pages : notifications à l’écran, brouillons, vérification du poste.

live-join = Rejoindre
live-open = Ouvrir
live-dismiss = Fermer
live-unread = { $count ->
    [one] { $count } notification non lue
   *[other] { $count } notifications non lues
}

live-browser-came = Quelque chose vous attend.
live-browser-granted = Elles sont autorisées sur ce poste.
live-browser-denied = Ce navigateur les bloque. Pour les recevoir, autorisez les notifications de ce site dans les réglages du navigateur.
live-browser-default = Elles ne sont pas encore autorisées sur ce poste.
live-browser-none = Ce navigateur ne les connaît pas.

live-draft-saving = Enregistrement…
live-draft-saved = Enregistré à { $time }
live-draft-waiting = Modifications non enregistrées
live-draft-failed = Non enregistré – nouvelle tentative dans un instant
live-draft-ended = Non enregistré : votre session ou votre droit a pris fin. Votre texte reste ici ; copiez-le avant de quitter la page.
live-draft-signed-out = Non enregistré : votre session est terminée. Votre texte est gardé dans cet onglet jusqu’à votre retour.
live-draft-refused = Non enregistré : le serveur refuse ce texte. { $reason }
live-draft-restored = Texte non enregistré retrouvé sur ce poste : relisez-le, il sera enregistré à la prochaine frappe.
live-draft-conflict = Ce brouillon a été modifié ailleurs. Rien n’a été écrasé : comparez les deux textes.
live-draft-theirs = Version enregistrée
live-draft-mine = Votre version
live-draft-keep-mine = Garder ma version
live-draft-take-theirs = Prendre la version enregistrée

live-check-running = Mesure en cours…
live-check-bandwidth = { $megabits } Mbit/s, aller-retour { $milliseconds } ms
live-check-bandwidth-slow = { $megabits } Mbit/s, aller-retour { $milliseconds } ms : l’affichage sera lent, les lames s’ouvriront d’abord floues.
live-check-failed = La mesure n’a pas abouti.
live-check-websocket = Séances en direct possibles (aller-retour { $milliseconds } ms).
live-check-websocket-blocked = Les WebSockets sont bloqués sur ce réseau : on peut suivre une séance, pas la présenter. Demandez à votre service informatique de les autoriser vers ce site.
live-check-screen = { $width } × { $height } pixels
live-check-screen-small = { $width } × { $height } pixels : écran petit pour lire des lames (2 millions de pixels au moins).
live-check-gamut-srgb = sRGB
live-check-gamut-p3 = P3
live-check-gamut-rec2020 = Rec. 2020
live-check-gamut-narrow = inférieur à sRGB
live-check-gpu = La carte graphique sert à l’affichage.
live-check-gpu-details = Carte graphique : { $renderer }
live-check-screen-details = Pixels de l’écran par pixel de page : { $ratio } ; étendue des couleurs annoncée : { $gamut }
live-check-line = { $name } : { $result }
live-check-overall-ok = Ce poste convient à la lecture de lames.
live-check-overall-warn = Ce poste permet la lecture de lames, avec des points à améliorer : { $weak }.
live-check-overall-bad = Une mesure au moins n’a pas abouti ; à revoir : { $weak }.
live-check-copied = Copié : collez ce texte dans un message.
live-check-gpu-software = La carte graphique ne sert pas : l’affichage se fait par le processeur, un peu moins fluide.
live-check-gpu-none = aucune
live-check-clock = Horloge exacte à { $seconds } s près.
live-check-clock-off = L’horloge de ce poste s’écarte de { $seconds } s de celle du serveur : réglez-la.
