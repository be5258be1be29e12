# Header, footer, and the words that every page shares.

skip-to-content = Skip to content
nav-main = Main navigation
nav-worklist = Worklist
nav-cases = Cases
nav-notices = Notifications
nav-audit = Audit
nav-about = About
nav-check = Check my workstation
nav-logout = Sign out
crumbs-label = Breadcrumb
toasts-label = Messages
switch-language = Français
switch-language-title = Lire telepath en français
switch-theme-light = Switch to the light display
switch-theme-dark = Switch to the dark display
footer-not-certified = telepath is not a certified medical device.

done-accepted = Request accepted: the case and its slides are open to you.
done-amended = Addendum signed and passed on.
done-case-changed = Case changed.
done-case-created = Case created.
done-declined = Request declined; your reason is passed on.
done-revoked = Request cancelled.
done-saved = Draft saved.
done-sent = Request sent. A notice will tell you of the answer.
done-signed = Opinion signed and passed on.
done-specimen-added = Specimen added.

form-optional = optional
zone = { $place } time (UTC{ $from }{ $offsets ->
    [1] {""}
   *[other] { " " }in winter, UTC{ $to } in summer
})
deadline-left = { $time } left
deadline-late = { $time } late
duration-days = { $days } d{ $hours ->
        [0] {""}
       *[other] {" "}{ $hours } h
    }
duration-hours = { $hours } h{ $minutes ->
        [0] {""}
       *[other] {" "}{ $minutes } min
    }
duration-minutes = { $minutes } min
size = { $value } { $unit ->
    [B] bytes
    [K] kB
    [M] MB
    [G] GB
   *[T] TB
}

role-requester = requester
role-expert = expert
role-coordinator = coordination
role-board-chair = tumour board chair
role-technician = technician or secretary
role-auditor = auditor
role-observer = observer (health agency)
role-administrator = administrator
