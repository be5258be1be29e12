# Guests without an account: the invitation, the door, the guest’s page, the list of invitations.

guests-invite = Invite somebody without an account
guests-invite-consult = Invite somebody without an account to see the slides
guests-invite-room = Invite somebody without an account
guests-new-title = Invite somebody without an account
guests-new-lead-consult = They will see the slides of this request, and nothing else: no case, no question, no discussion, no opinion.
guests-new-lead-room = They will see in this session the slide that the presenter shows, and nothing else: no case, no messages, no opinion.
guests-new-how = They get a mail with an address of their own. When they open it, a code is sent to the same mailbox: without that code the address opens nothing. Their name and the time are written on the picture.
guests-new-problem = The invitation was not sent
guests-send = Send the invitation
guests-cancel = Cancel
guests-begins-hint = Empty: from now on. { $zone }.
guests-hours = { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
}
guests-rights = What they may do
guests-rights-look = They may always look; they may never download, discuss or answer.
guests-right-point = Point with their pointer
guests-right-annotate = Put marks on the slides
guests-right-view = Look

field-guest-name = Name
field-guest-email = Mail address
field-guest-language = Language of the mail
field-begins = Begins
field-hours = Lasts
field-rights = Rights
field-digits = Eight-digit code

done-invited = Invitation sent.
done-invited-unsent = The invitation is made, but its mail could not be sent. Use “Send the mail again” in a few minutes.
done-letter-sent = Mail sent again with a new address; the old one opens nothing any more.
done-link-withdrawn = Invitation withdrawn. What was open is closed.

guests-list-title = Invitations without an account
guests-list-lead = Who was invited to see slides of your institution without having an account, by whom, and what came of it.
guests-list-none = No invitation
guests-list-none-text = One invites from a request for an opinion, or from a live session.
guests-list-guest = Guest
guests-list-scope = To see
guests-list-made = Invited by
guests-list-until = Valid
guests-list-opened = Opened
guests-list-state = State
guests-list-act = Act
guests-scope-consult = Slides of a request
guests-scope-room = Live session
guests-from-until = from { $from } to { $until }
guests-opened = { $count ->
    [0] never
    [one] once, { $at }
   *[other] { $count } times, last { $at }
}
guests-state-early = Not yet open
guests-state-open = Open
guests-state-expired = Expired
guests-state-ended = Ended
guests-withdraw = Withdraw
guests-withdraw-of = Withdraw the invitation of { $name }
guests-letter-anew = Send the mail again
guests-letter-anew-of = Send the mail to { $name } again

administration-links = Invitations without an account
administration-links-about = Who sees slides without having an account, who invited them, and what they opened; withdraw an invitation.

guests-mail-subject = Invitation to see slides in telepath
guests-mail-text = Dear { $name },

    { $by } ({ $place }) invites you to see microscope slides in telepath.

    Open this address, which is for you alone:
    { $link }

    There you ask for a code, which is sent to this mailbox. The invitation is valid from { $from } to { $until }.

    Do not pass this message on: your name is shown on the pictures, and each opening is recorded.

    This message was sent automatically and contains no patient data. Please do not answer it.
guests-code-subject = Your code for telepath
guests-code-text = Hello,

    Your code: { $digits }

    It works once, within ten minutes, on the page where you asked for it. Give it to nobody.

    If you asked for nothing, do nothing: without this code nothing opens.

guests-door-title = Invitation
guests-door-heading = See the slides that you are invited to
guests-door-lead = To be sure that it is you, a code is sent to the mail address that got the invitation.
guests-door-send = Send me a code
guests-door-send-again = Send me another code
guests-door-sent = If the invitation is open, a code was sent just now. It usually comes within a minute.
guests-door-enter = Enter
guests-door-refused = This code opens nothing
guests-door-refused-text = Check the eight digits in the latest mail; a code works once and lives ten minutes. If no code comes, the invitation has not begun, is over, or the address is incomplete: open the one in the mail again, or write to the person who invited you.
guests-door-nothing = Open the address in your mail
guests-door-nothing-text = No invitation is open in this browser. Open the address in the invitation mail again: you will be asked for a code.
guests-door-professional = Do you have an account?
guests-door-login = Sign in
guests-busy-title = Too many tries
guests-busy-text = Too many codes were asked for or tried. Wait ten minutes, then open the address in your mail again.

guests-page-title = Your invitation
guests-page-consult = Slides to see
guests-page-room = A live session
guests-page-lead = { $by } ({ $place }) invites you.
guests-page-organ = Organ
guests-page-until = Valid until
guests-page-may = You may
guests-page-slides = Slides
guests-page-no-slides = There is no slide to see yet.
guests-page-room-join = Enter the session
guests-page-room-text = You will see the slide that { $name } shows.
guests-page-over = This invitation is over
guests-page-over-text = It was withdrawn, or the session is closed. Write to the person who invited you if you still need to see these slides.
guests-page-marked = Your name and the time are shown on the pictures, and each opening is recorded. Please take no screenshots.
guests-leave = Leave
guests-back = Your invitation

guests-room-title = Live session
guests-member = guest

error-link-length = An invitation lasts { $hours } hours at most, and does not end before it begins.
error-link-ahead = An invitation begins within { $days } days.
error-link-over = This invitation is over: make another one.
error-guest-begins = Give a date and a time.

audit-object-link = invitation without an account
audit-right-point = point
audit-detail-guest = Guest
audit-detail-email = Mail address
audit-detail-scope = To see
audit-detail-scope-id = Identifier
audit-detail-begins = From
audit-detail-openings = Openings
audit-action-guest-leave-scope = leave one’s invitation
audit-reason-link-early = invitation not yet open
audit-reason-link-expired = invitation expired
audit-reason-link-ended = invitation over
audit-reason-link-over = end of the invitation
audit-reason-no-code = no code under way
audit-reason-wrong-code = wrong code
audit-reason-too-many-codes = too many codes asked for
audit-reason-too-many-tries = too many tries
audit-reason-room-over = session closed
audit-reason-consult-over = request taken back
audit-reason-guest = guest without an account
