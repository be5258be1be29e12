# Notifications : à l’écran, dans le flux et par courriel.

notices-title = Notifications
notices-unread = { $count ->
    [0] Tout est lu.
    [one] { $count } notification non lue.
   *[other] { $count } notifications non lues.
}
notices-mark-read = Tout marquer comme lu
notices-new = Nouveau
notices-none = Aucune notification
notices-none-text = Les demandes d’avis, les réponses et les invitations à une séance en direct apparaîtront ici.

notices-consult-offered = { $by } vous demande un avis.
notices-consult-accepted = { $by } accepte votre demande d’avis.
notices-offer-declined = { $by } décline votre demande d’avis : vous pouvez solliciter un autre expert.
notices-offer-withdrawn = Un autre expert a accepté la demande d’avis qui vous était proposée, ou votre participation n’est plus demandée.
notices-opinion-signed = { $by } a signé l’avis demandé.
notices-opinion-amended = { $by } a complété ou rectifié son avis.
notices-consult-revoked = { $by } a annulé sa demande d’avis.
notices-room-invited = { $by } vous invite à rejoindre une séance en direct.
notices-thread-written = { $by ->
    [telepath] Un lecteur vous a écrit.
   *[other] { $by } vous a écrit.
}
notices-invitation-accepted = { $by } a répondu à votre invitation.
notices-credential-awaited = { $by } attend que son titre d’exercice soit vérifié.

notices-mail-subject = Une demande vous attend dans telepath
notices-mail-text = Bonjour,

    Une demande vous attend dans telepath :
    { $link }

    Ce message est envoyé automatiquement et ne contient aucune donnée de patient. Merci de ne pas y répondre.

error-mail-address = On ne peut pas écrire à cette adresse. Donnez-en une comme nom@example.org, sans accent.
error-mail-refused = Le serveur de messagerie refuse ce destinataire.
error-mail-scheme = L’adresse de la messagerie doit commencer par smtp://, smtps:// ou file:// ({ $scheme } n’en est pas une).
error-event-unknown = Événement inconnu : { $kind }.
notices-erased = Dossier effacé
