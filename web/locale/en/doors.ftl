# The other doors: the telephone, and emergency access when the identity provider does not answer.

doors-phone = With the e-CPS on my telephone
doors-phone-hint = For a shared computer: no card, no reader.
doors-others = Other identity providers
doors-others-hint = For experts who practise abroad and have no RPPS number.
doors-emergency = Emergency access
doors-emergency-hint = An institution has activated it. You need a code from its administrator.
doors-other-ways = Other ways to sign in

field-code = Code

error-login-number-missing = Enter your RPPS number.
error-login-number = This is not an RPPS number: it has eleven digits.

login-problem-too-many = Too many attempts
error-login-too-many = Too many requests were made from this computer, or for this number.
login-advice-too-many = Wait a quarter of an hour, or sign in with your card.

login-problem-declined = Refused on the telephone
error-login-declined = The sign-in was refused in the e-CPS application. No session was opened.
login-advice-declined = If it was not you who refused, check the number you entered before you start again.

login-problem-unanswered = No answer from the telephone
error-login-unanswered = The request was not confirmed within two minutes.
login-advice-unanswered = Check the number you entered and that the e-CPS application is activated, then start again. You can also use your card.

emergency-door-title = Emergency access
emergency-door-lead = Only while Pro Santé Connect does not answer, with the code that your institution’s administrator handed you or read to you on the telephone.
emergency-door-code = Emergency code
emergency-door-code-hint = 28 characters. It works once, within a quarter of an hour.
emergency-door-go = Enter
emergency-door-limits = You will be able to see your cases and discuss them. You will not be able to sign, act as an expert, or administer.
emergency-door-back = Back to sign-in
error-login-code = This code will not do: mistyped, used already, too old, or given to somebody else.
login-problem-code = Code refused
login-advice-code = Ask your institution’s administrator for another code.

emergency-banner = Emergency access: Pro Santé Connect has not confirmed who you are. No signing, no expert’s role.
emergency-banner-way = Sign in with Pro Santé Connect

administration-emergency = Emergency access
administration-emergency-about = Let members in by a code while Pro Santé Connect does not answer.

emergency-title = Emergency access
emergency-lead = When Pro Santé Connect does not answer, you can let members of the institution in with a code that you hand them yourself.
emergency-off = Emergency access is off
emergency-off-text = Nobody can come in without Pro Santé Connect. This is the normal state.
emergency-on = Emergency access is active
emergency-on-until = Until { $until }. Activated by { $by } on { $at }.
emergency-activate-title = Activate
emergency-rule-short = It ends by itself, after 24 hours at the latest.
emergency-rule-told = The institution’s administrators and auditors are told; everything stands in the audit trail, by name.
emergency-rule-less = Whoever comes in this way can look and discuss, but not sign, act as an expert, or administer.
emergency-rule-fresh = You will be asked to confirm who you are. Where that is impossible, the operator of telepath can activate it on the server.
emergency-hours = For how long
emergency-hours-option = { $hours } hours
emergency-activate = Activate emergency access
emergency-end = End it now
emergency-end-hint = Every session that was opened by a code closes at once.
emergency-code-title = Hand out a code
emergency-code-hint = Make sure yourself who the person is: face to face, or by calling them back at a number you know.
emergency-person = Member
emergency-person-choose = Choose a person
emergency-code-make = Make a code
emergency-code-none = No member can be given a code: it takes a clinical or technical role in the institution.
emergency-code-made = Code for { $name }
emergency-code-once = It is shown only here and now. It works once, within { $minutes } minutes.
emergency-code-where = To be entered, with the RPPS number, at
emergency-given-title = Codes handed out
emergency-given-none = No code has been handed out yet.
emergency-given-person = Person
emergency-given-at = Handed out
emergency-given-state = State
emergency-state-used = used
emergency-state-waiting = valid
emergency-state-expired = expired

error-emergency-span = Emergency access lasts { $hours } hours at most.
error-emergency-active = Emergency access is active for this institution already.
error-emergency-by = { $name } does not administer { $institution }, or is suspended. Only an administrator of the institution can ask for emergency access: give their number after --by.
error-emergency-over = Emergency access is not active for this institution.
error-emergency-person = This person cannot be given a code: they are no member, or have no clinical or technical role.
error-emergency-signature = A session opened by emergency access cannot sign. Your text is kept: sign in with Pro Santé Connect to sign it.

notices-emergency-activated = { $by } activated your institution’s emergency access.
notices-emergency-code-used = { $by } came into telepath by emergency access.
notices-emergency-ended = Your institution’s emergency access has ended.

audit-kind-emergency-code-made = Emergency code handed out
audit-kind-emergency-code-used = Came in by an emergency code
audit-detail-emergency = Emergency access
audit-detail-asked-by = At the request of

command-emergency-on = Emergency access is active for { $institution } until { $until } (UTC), at the request of { $name }.
command-emergency-off = Emergency access has ended for { $institution }.
command-emergency-code = Code for { $name }, to be handed over or read on the telephone:
command-emergency-code-once = It works once, within { $minutes } minutes, at { $address }
