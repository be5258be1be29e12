# Signing in, signing out, and why it did not work. The codes error-login-… are those of auth/model.py.

login-title = Sign in
login-heading = Telepathology
login-lead = Shared slides, reading together live, opinions between pathologists.
login-button = Sign in with Pro Santé Connect
login-hint = With your CPS card or the e-CPS application. telepath never learns your code or password.
login-simulator = Here a simulator stands in for Pro Santé Connect: the identities it offers are invented.
login-intended-use = For sharing slides and discussing them between authorised health professionals. telepath is not a certified medical device; the diagnosis remains that of the physician who signs.
login-left-title = You are signed out
login-left-text = Your session is closed. On a shared computer, take your card with you.
login-half-left-title = Not signed out everywhere
login-half-left-text = Your telepath session is closed, but the identity provider does not answer: its own session stays open in this browser. Try again in a moment. If that does not help, take out your card and close every window of the browser before you leave this computer.
login-half-left-again = Sign out again

login-institution-declared = declared in Pro Santé Connect
login-institution-go = Continue

login-again = Sign in again
login-back = Back to the previous page
login-reason = Reason, for support: { $reason }

login-problem-cancelled = Sign-in cancelled
error-login-cancelled = You left Pro Santé Connect before the end.
login-advice-cancelled = Nothing has changed. You can start again whenever you like.

login-problem-unknown = This sign-in is no longer under way
error-login-unknown = This answer from Pro Santé Connect was used already, or belongs to no sign-in begun here.
login-advice-unknown = Reloading the page or going back can do this. Start again.

login-problem-expired = The sign-in took too long
error-login-expired = The sign-in was not finished in time, or the session closed meanwhile.
login-advice-expired = Start again: you have ten minutes.

login-problem-other-browser = Sign-in begun elsewhere
error-login-other-browser = This sign-in was begun in another browser, or cookies are blocked.
login-advice-other-browser = Start again in this browser, with cookies allowed for this address. If you began nothing yourself, close this page.

login-problem-refused = Sign-in refused
error-login-refused = The identity provider’s answer did not pass our checks. No session was opened.
login-advice-refused = Start again. If it is refused again, give the reason below to the team that runs telepath.

login-problem-stale = You need to authenticate again
error-login-stale = Your Pro Santé Connect session is too old to open a session here.
login-advice-stale = Start again: Pro Santé Connect will ask for your card or application.

login-problem-no-account = You are not registered yet
error-login-no-account = Pro Santé Connect recognised you, but nobody has registered you in telepath yet.
login-advice-no-account = Ask the team that runs telepath to register you, with your RPPS number and the name of your institution.

login-problem-no-institution = You belong to no institution
error-login-no-institution = telepath knows you, but no institution counts you among its members.
login-advice-no-institution = Ask the team that runs telepath to enter your role in your institution.

login-problem-other-person = This is not the same person
error-login-other-person = The identity confirmed is not that of the open session. For safety, the session was closed.
login-advice-other-person = Check the card in the reader, then sign in again. Drafts that were saved are kept.

login-problem-not-a-choice = This is not your institution
error-login-not-a-choice = You are not a member of the institution you chose.
login-advice-not-a-choice = Sign in again and choose one of those offered.

login-problem-unavailable = Pro Santé Connect does not answer
error-login-unavailable = Pro Santé Connect is down or too slow. This is not a refusal.
login-advice-unavailable = Try again in a moment. Open sessions go on; an urgent opinion can always be asked for by telephone. If your institution has activated emergency access, the sign-in page offers it.

error-origin = This request comes from another site, or from another address than { $origin }. For safety it was not carried out.
error-body-too-large = The upload is over { $limit } kB.
error-session-limits = A session lasts { $hours } hours at most, and { $minutes } minutes at most without activity.
error-simulator-in-production = The identity simulator does not start in production.
error-directory-institution-exists = An institution has the FINESS { $finess } already.
error-directory-person-exists = Somebody has the identifier { $subject_name_id } already.
