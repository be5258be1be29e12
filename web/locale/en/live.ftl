# What the scripts of the pages say: notices on screen, drafts, check of the workstation.

live-join = Join
live-open = Open
live-dismiss = Close
live-unread = { $count ->
    [one] { $count } unread notice
   *[other] { $count } unread notices
}

live-browser-came = Something waits for you.
live-browser-granted = They are allowed on this workstation.
live-browser-denied = This browser blocks them. To have them, allow notifications of this site in the browser’s settings.
live-browser-default = They are not allowed on this workstation yet.
live-browser-none = This browser does not know them.

live-draft-saving = Saving…
live-draft-saved = Saved at { $time }
live-draft-waiting = Unsaved changes
live-draft-failed = Not saved – trying again in a moment
live-draft-ended = Not saved: your session or your right has ended. Your text stays here; copy it before you leave the page.
live-draft-signed-out = Not saved: your session has ended. Your text is kept in this tab until you are back.
live-draft-refused = Not saved: the server refuses this text. { $reason }
live-draft-restored = Unsaved text was found on this computer: read it again, it will be saved when you next type.
live-draft-conflict = This draft was changed elsewhere. Nothing was overwritten: compare the two texts.
live-draft-theirs = Saved version
live-draft-mine = Your version
live-draft-keep-mine = Keep my version
live-draft-take-theirs = Take the saved version

live-check-running = Measuring…
live-check-bandwidth = { $megabits } Mbit/s, round trip { $milliseconds } ms
live-check-bandwidth-slow = { $megabits } Mbit/s, round trip { $milliseconds } ms: display will be slow, slides will open blurred at first.
live-check-failed = The measurement did not succeed.
live-check-websocket = Live sessions are possible (round trip { $milliseconds } ms).
live-check-websocket-blocked = WebSockets are blocked on this network: a session can be followed, not presented. Ask your IT department to allow them to this site.
live-check-screen = { $width } × { $height } pixels
live-check-screen-small = { $width } × { $height } pixels: a small screen for reading slides (at least 2 million pixels).
live-check-gamut-srgb = sRGB
live-check-gamut-p3 = P3
live-check-gamut-rec2020 = Rec. 2020
live-check-gamut-narrow = narrower than sRGB
live-check-gpu = The graphics card draws the picture.
live-check-gpu-details = Graphics card: { $renderer }
live-check-screen-details = Screen pixels for each pixel of a page: { $ratio }; range of colours declared: { $gamut }
live-check-line = { $name }: { $result }
live-check-overall-ok = This workstation is fit for reading slides.
live-check-overall-warn = Slides can be read on this workstation; these points could be better: { $weak }.
live-check-overall-bad = At least one measurement did not succeed; to be looked at: { $weak }.
live-check-copied = Copied: paste this text into a message.
live-check-gpu-software = The graphics card is not used: the processor draws, a little less smoothly.
live-check-gpu-none = none
live-check-clock = Clock exact to { $seconds } s.
live-check-clock-off = The clock of this computer differs by { $seconds } s from the server’s: set it.
