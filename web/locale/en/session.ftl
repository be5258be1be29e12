# The life of a session on the screen: what warns before its end, and what covers the page after it.

session-idle-title = Are you still there?
session-idle-text = Without a sign from you, your session will close at { $time }. Press any key or move the mouse.
session-idle-stay = I am here
session-end-title = Your session ends at { $time }
session-end-text = To go on, authenticate again in a small window. This page and your text stay open.
session-end-renew = Extend
session-end-later = Later
session-end-guest-title = Your guest access ends at { $time }
session-end-guest-text = It cannot be extended from here. If you still need it, ask the person who invited you for a new link.
session-end-fixed-title = Your session ends at { $time }
session-end-fixed-text = It cannot be extended. Save what you are writing; you can sign in again afterwards.
session-over-label = Session ended
session-over-idle = Your session closed for want of activity
session-over-expired = Your session has come to its end
session-over-ended = Your session has ended
session-over-other = Somebody else has signed in on this browser
session-over-text = The page is hidden so that nobody else can read it. After signing in you will be back in the same place.
session-over-kept = The text that you had not sent is kept in this tab; you will find it again after signing in.
session-over-guest = The page is hidden. If your invitation still holds, open the link that you received again; otherwise ask for a new one.
session-over-other-text = This page was open for another person; it is hidden.
session-over-sign-in = Sign in again
session-over-home = Go to the home page
session-renewed-title = Session extended
session-renewed-text = You can close this window and go on where you were.
