# An expert who was asked and never came: the letter, and the page it opens.

asked-mail-subject = You are asked for an opinion in telepath
asked-mail-text = Hello,

    A colleague asks you for an opinion in pathology in telepath, a telepathology service. This page says who, and until when, without signing in:
    { $link }

    To see the case, or to decline, you will then sign in with Pro Santé Connect, or the way agreed with your institution. There is no account to create.

    This message is sent automatically and holds no patient data. Please do not reply to it.

asked-title = You are asked for an opinion
asked-heading = A colleague asks you for an opinion
asked-lead = Sign in to see the case and its slides, then accept or decline. There is no account to create.
asked-by = Asked by
asked-place = Institution
asked-answer-by = Please answer before
asked-due = Opinion due by
asked-login = Sign in with Pro Santé Connect
asked-login-other = Sign in
asked-open = Open the request
asked-decline = Decline
asked-decline-hint = Once signed in, you only have to choose a reason. Another expert can then be asked.
asked-why = This page shows nothing of the patient or the case. It ceases to exist as soon as you have answered, or the request is no longer for you.
asked-busy-title = Too many pages asked for
asked-busy = Too many pages like this one were asked for from your network. Try again in ten minutes.

audit-kind-offer-opened = Letter of an expert who was asked, opened
