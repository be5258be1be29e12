# Notifications: on screen, in the stream and by mail.

notices-title = Notifications
notices-unread = { $count ->
    [0] Everything is read.
    [one] { $count } unread notification.
   *[other] { $count } unread notifications.
}
notices-mark-read = Mark all as read
notices-new = New
notices-none = No notification
notices-none-text = Requests for an opinion, answers and invitations to a live session will appear here.

notices-consult-offered = { $by } asks for your opinion.
notices-consult-accepted = { $by } accepted your request for an opinion.
notices-offer-declined = { $by } declined your request for an opinion: you may ask another expert.
notices-offer-withdrawn = Another expert accepted the request for an opinion that was offered to you, or you are no longer asked to take part.
notices-opinion-signed = { $by } signed the opinion you asked for.
notices-opinion-amended = { $by } added to the opinion or amended it.
notices-consult-revoked = { $by } cancelled the request for an opinion.
notices-room-invited = { $by } invites you to join a live session.
notices-thread-written = { $by ->
    [telepath] A reader wrote to you.
   *[other] { $by } wrote to you.
}
notices-invitation-accepted = { $by } answered your invitation.
notices-credential-awaited = { $by } is waiting for their credential to be checked.

notices-mail-subject = A request waits for you in telepath
notices-mail-text = Hello,

    A request waits for you in telepath:
    { $link }

    This message is sent automatically and holds no patient data. Please do not reply to it.

error-mail-address = Nobody can write to this address. Give one such as name@example.org, without accents.
error-mail-refused = The mail server refuses this recipient.
error-mail-scheme = The address of the mail service must begin with smtp://, smtps:// or file:// ({ $scheme } is not one of them).
error-event-unknown = Unknown event: { $kind }.
notices-erased = Case erased
