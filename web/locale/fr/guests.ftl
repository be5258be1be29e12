# Invités sans compte : l’invitation, la porte d’entrée, la page de l’invité, la liste des invitations.

guests-invite = Inviter une personne sans compte
guests-invite-consult = Inviter quelqu’un sans compte à voir les lames
guests-invite-room = Inviter quelqu’un sans compte
guests-new-title = Inviter une personne sans compte
guests-new-lead-consult = Elle verra les lames de cette demande d’avis, et rien d’autre : ni dossier, ni question, ni discussion, ni avis.
guests-new-lead-room = Elle verra dans cette séance la lame que montre la personne qui présente, et rien d’autre : ni dossier, ni messages, ni avis.
guests-new-how = Elle reçoit un courriel avec une adresse personnelle. En l’ouvrant, elle se fait envoyer un code à la même messagerie : sans ce code, l’adresse n’ouvre rien. Son nom et l’heure sont inscrits sur l’image.
guests-new-problem = L’invitation n’est pas envoyée
guests-send = Envoyer l’invitation
guests-cancel = Annuler
guests-begins-hint = Vide : dès maintenant. { $zone }.
guests-hours = { $hours ->
    [one] 1 heure
   *[other] { $hours } heures
}
guests-rights = Ce que la personne pourra faire
guests-rights-look = Regarder est toujours permis ; télécharger, discuter et répondre ne le sont jamais.
guests-right-point = Montrer avec son pointeur
guests-right-annotate = Poser des repères sur les lames
guests-right-view = Regarder

field-guest-name = Nom de la personne
field-guest-email = Adresse de courriel
field-guest-language = Langue du courriel
field-begins = Début
field-hours = Durée
field-rights = Droits
field-digits = Code à huit chiffres

done-invited = Invitation envoyée.
done-invited-unsent = L’invitation est créée, mais le courriel n’a pas pu partir. Utilisez « Renvoyer le courriel » dans quelques minutes.
done-letter-sent = Courriel renvoyé avec une nouvelle adresse ; l’ancienne n’ouvre plus rien.
done-link-withdrawn = Invitation retirée. Ce qui était ouvert est fermé.

guests-list-title = Invitations sans compte
guests-list-lead = Qui a été invité à voir des lames de votre établissement sans avoir de compte, par qui, et ce qui en a été fait.
guests-list-none = Aucune invitation
guests-list-none-text = On invite depuis une demande d’avis, ou depuis une séance en direct.
guests-list-guest = Personne invitée
guests-list-scope = À voir
guests-list-made = Invitée par
guests-list-until = Valable
guests-list-opened = Ouvertures
guests-list-state = État
guests-list-act = Action
guests-scope-consult = Lames d’une demande d’avis
guests-scope-room = Séance en direct
guests-from-until = du { $from } au { $until }
guests-opened = { $count ->
    [0] jamais
    [one] une fois, { $at }
   *[other] { $count } fois, la dernière { $at }
}
guests-state-early = Pas encore ouverte
guests-state-open = En cours
guests-state-expired = Expirée
guests-state-ended = Terminée
guests-withdraw = Retirer
guests-withdraw-of = Retirer l’invitation de { $name }
guests-letter-anew = Renvoyer le courriel
guests-letter-anew-of = Renvoyer le courriel à { $name }

administration-links = Invitations sans compte
administration-links-about = Qui voit des lames sans avoir de compte, par qui il a été invité, et ce qu’il a ouvert ; retirer une invitation.

guests-mail-subject = Invitation à voir des lames dans telepath
guests-mail-text = Bonjour { $name },

    { $by } ({ $place }) vous invite à voir des lames de microscopie dans telepath.

    Ouvrez cette adresse, qui n’est que pour vous :
    { $link }

    Vous y demanderez un code, envoyé à cette messagerie. L’invitation est valable du { $from } au { $until }.

    Ne transmettez pas ce message : votre nom s’affiche sur les images, et chaque ouverture est enregistrée.

    Ce message est envoyé automatiquement et ne contient aucune donnée de patient. Merci de ne pas y répondre.
guests-code-subject = Votre code pour telepath
guests-code-text = Bonjour,

    Votre code : { $digits }

    Il sert une fois, dans les dix minutes, sur la page où vous l’avez demandé. Ne le donnez à personne.

    Si vous n’avez rien demandé, ne faites rien : sans ce code, rien ne s’ouvre.

guests-door-title = Invitation
guests-door-heading = Voir les lames auxquelles vous êtes invité
guests-door-lead = Pour nous assurer que c’est bien vous, un code est envoyé à l’adresse de courriel qui a reçu l’invitation.
guests-door-send = Recevoir un code
guests-door-send-again = Recevoir un autre code
guests-door-sent = Si l’invitation est en cours, un code vient d’être envoyé. Il arrive en général en moins d’une minute.
guests-door-enter = Entrer
guests-door-refused = Ce code n’ouvre rien
guests-door-refused-text = Vérifiez les huit chiffres du dernier courriel ; un code sert une fois et vit dix minutes. S’il ne vient aucun code, l’invitation n’a pas commencé, est terminée, ou l’adresse est incomplète : ouvrez de nouveau celle du courriel, ou écrivez à la personne qui vous a invité.
guests-door-nothing = Ouvrez l’adresse de votre courriel
guests-door-nothing-text = Aucune invitation n’est ouverte dans ce navigateur. Ouvrez de nouveau l’adresse du courriel d’invitation : un code vous sera demandé.
guests-door-professional = Vous avez un compte ?
guests-door-login = Se connecter
guests-busy-title = Trop d’essais
guests-busy-text = Trop de codes ont été demandés ou essayés. Attendez dix minutes, puis ouvrez de nouveau l’adresse de votre courriel.

guests-page-title = Votre invitation
guests-page-consult = Des lames à voir
guests-page-room = Une séance en direct
guests-page-lead = { $by } ({ $place }) vous invite.
guests-page-organ = Organe
guests-page-until = Valable jusqu’au
guests-page-may = Vous pouvez
guests-page-slides = Lames
guests-page-no-slides = Il n’y a pas encore de lame à voir.
guests-page-room-join = Entrer dans la séance
guests-page-room-text = Vous verrez la lame que montre { $name }.
guests-page-over = Cette invitation est terminée
guests-page-over-text = Elle a été retirée, ou la séance est close. Écrivez à la personne qui vous a invité si vous devez encore voir ces lames.
guests-page-marked = Votre nom et l’heure s’affichent sur les images, et chaque ouverture est enregistrée. Ne faites pas de capture d’écran.
guests-leave = Quitter
guests-back = Votre invitation

guests-room-title = Séance en direct
guests-member = invité

error-link-length = Une invitation dure { $hours } heures au plus, et ne finit pas avant d’avoir commencé.
error-link-ahead = Une invitation commence dans les { $days } jours.
error-link-over = Cette invitation est terminée : faites-en une autre.
error-guest-begins = Indiquez une date et une heure.

audit-object-link = invitation sans compte
audit-right-point = montrer
audit-detail-guest = Personne invitée
audit-detail-email = Adresse de courriel
audit-detail-scope = À voir
audit-detail-scope-id = Identifiant
audit-detail-begins = À partir du
audit-detail-openings = Ouvertures
audit-action-guest-leave-scope = sortir de son invitation
audit-reason-link-early = invitation pas encore ouverte
audit-reason-link-expired = invitation expirée
audit-reason-link-ended = invitation terminée
audit-reason-link-over = fin de l’invitation
audit-reason-no-code = aucun code en cours
audit-reason-wrong-code = code faux
audit-reason-too-many-codes = trop de codes demandés
audit-reason-too-many-tries = trop d’essais
audit-reason-room-over = séance close
audit-reason-consult-over = demande d’avis annulée
audit-reason-guest = invité sans compte
