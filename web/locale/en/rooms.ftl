# The live session: page, participants, discussion, messages of the script, errors of realtime.

rooms-title = { $number } · { $label } – live session
rooms-panel = Participants and discussion
rooms-panel-toggle = Participants and discussion (C)

rooms-running = Live session under way – { $name } presents
rooms-running-join = Join
rooms-company = { $count ->
    [0] Live session: nobody is invited, the staff of { $house } may join from the case.
   *[other] Live session: { $names } will be invited.
}
rooms-company-awaited = Live session with the expert: possible once the expert has accepted.

rooms-state-connecting = Connecting…
rooms-state-open = Live
rooms-state-reconnecting = Reconnecting…
rooms-state-events = Following only
rooms-state-events-title = This network blocks the direct connection: you follow and write, but cannot present.
rooms-state-ended = Ended
rooms-state-apart = Partly cut off
rooms-state-apart-title = Some of the participants cannot be reached at the moment.

rooms-presenting-alone = { $count ->
    [0] You are presenting – nobody else is invited
   *[other] You are presenting – waiting for { $names }
}
rooms-presenting-followed = { $count ->
    [0] You present – nobody follows you
    [one] You present – { $count } person follows you
   *[other] You present – { $count } people follow you
}
rooms-following = You follow { $name }
rooms-watching = You follow { $name }, who does not present
rooms-watching-gone = { $name } is no longer connected
rooms-waiting = { $name } presents, but has no connection
rooms-watched = { $count ->
    [one] { $count } person follows your field
   *[other] { $count } people follow your field
}
rooms-sharp = { $sharp }/{ $count } { $count ->
    [one] screen sharp
   *[other] screens sharp
}
rooms-sharp-title = Screens on which all of your field is sharp: { $sharp } of { $count }
rooms-waiting-to-go = { $count ->
    [one] { $count } action goes once the connection is back
   *[other] { $count } actions go once the connection is back
}
rooms-presenting-left = You present – { $name } is no longer connected
rooms-left = You left { $name }’s view
rooms-cut-following = Connection lost, picture frozen
rooms-cut-watching = Connection lost, picture frozen
rooms-cut-left = Connection lost: the view of { $name } no longer arrives
rooms-cut-presenting = Connection lost: the others no longer receive your field
rooms-rejoin = Rejoin
rooms-rejoin-key = Rejoin (F)

rooms-participants = Participants
rooms-you = you
rooms-status-presenting = presents
rooms-status-following = follows the presenter
rooms-status-follows = follows { $name }
rooms-status-follows-you = follows your field
rooms-status-away = looks elsewhere
rooms-hand-over = Hand over
rooms-hand-over-to = Hand over to { $name }
rooms-ask = Ask to present
rooms-asked-sent = Request sent to { $name }.
rooms-take = Take over
rooms-take-title = Take over the presentation: everybody will follow your view
rooms-asks = { $name } asks to present
rooms-ask-ignore = Later
rooms-ask-nobody = Nobody asks to present.
rooms-watch = Follow { $name }: see what this person looks at
rooms-watch-circle = { $name } follows your field already.
rooms-watch-stopped = { $name } follows your field: you no longer follow theirs.
rooms-screen-loading = not sharp yet
rooms-screen-usable = readable
rooms-screen-sharp = sharp
rooms-screen-title = Your field on their screen: { $state }
rooms-common = Seen by all
rooms-same = Same magnification as the presenter
rooms-same-title = Otherwise your window shows all of the presenter’s field, larger or smaller.

rooms-gather = Gather
rooms-gather-title = Invite everybody back to your field (G)
rooms-gather-nobody = Nobody looks elsewhere.
rooms-gathered = { $name } invites everybody to their field.
rooms-gathered-call = { $name } invites you to their field
rooms-gathered-stay = Stay here
rooms-gathered-came = Came: { $came } of { $count }
rooms-gathered-away = Still elsewhere: { $names }
rooms-gathered-all = Everybody is here.

rooms-onward = { $name } goes on to the next case.
rooms-onward-call = { $name } goes on to the next case
rooms-onward-kept = Nothing is lost: what you wrote and drew stays here.
rooms-onward-go = Join the next case
rooms-onward-standing = The meeting has gone on to the next case
rooms-onward-leaving = Going on to the next case…

rooms-link = Copy the session’s address
rooms-link-title = To send it to colleagues, or to put it on the agenda of another session. It opens nothing to whoever has no right to the case.
rooms-link-copied = Address of the session copied.
rooms-link-by-hand = The session’s address is in the address bar: copy it from there.

rooms-took = { $name } presents now.
rooms-you-present = You present now: the others see your field.
rooms-slide-changed = { $name } shows slide { $label }.
rooms-slide-presenter-only = Only the presenter changes the slide.

rooms-thread = Discussion
rooms-thread-empty = What you write here stays in the case.
rooms-line = Message
rooms-line-placeholder = Write a message…
rooms-line-send = Send
rooms-line-with-view = Attach the field I am looking at
rooms-line-view = See the field
rooms-line-view-other = Field of another slide

rooms-agenda = Agenda
rooms-agenda-make = Agenda…
rooms-agenda-edit = Change the agenda
rooms-agenda-place = { $place } of { $count }
rooms-agenda-planned = { $minutes } min
rooms-agenda-running = { $spent } / { $minutes } min
rooms-agenda-go = Go to “{ $label }”
rooms-agenda-next = Next
rooms-agenda-next-title = Go to the next item (J)
rooms-agenda-at = Current item: “{ $label }”.
rooms-agenda-end = That was the last item of the agenda.
rooms-agenda-told = { $name } set the agenda.
rooms-agenda-more = A slide chosen for an item is shown to all when you come to it.
rooms-agenda-more-rooms = To go on to another case, paste the address of its session, or several at once. Everybody in the session reads these lines.
rooms-agenda-elsewhere = Another case
rooms-agenda-next-case = Next case
rooms-agenda-room = Address of the session for item { $number }
rooms-agenda-room-hint = Address of the session
rooms-agenda-room-wrong = Paste the address of a session, as “Copy the session’s address” gives it.
rooms-agenda-add-room = Add another case
rooms-agenda-carry = { $count ->
    [one] Continue the agenda (1 item)
   *[other] Continue the agenda ({ $count } items)
}
rooms-agenda-carry-title = Set what is left of the agenda that you come from here (J)
rooms-agenda-label = Item { $number }
rooms-agenda-slide = Slide of item { $number }
rooms-agenda-slide-none = No slide
rooms-agenda-minutes = Minutes planned for item { $number }
rooms-agenda-up = Move item { $number } up
rooms-agenda-down = Move item { $number } down
rooms-agenda-remove = Remove item { $number }
rooms-agenda-add = Add an item
rooms-agenda-add-slides = Add the slides of the case
rooms-agenda-save = Save
rooms-agenda-cancel = Cancel

rooms-roll = Attendance
rooms-roll-name = Name
rooms-roll-institution = Institution
rooms-roll-joined = Joined
rooms-roll-left = Left
rooms-roll-here = present
rooms-roll-print = Print
rooms-roll-failed = The attendance list could not be read. Try again in a moment.

rooms-ink = Draw on the slide, for all (T)
rooms-ink-bar = Drawing
rooms-ink-undo = Undo my last line
rooms-ink-erase-own = Erase my lines
rooms-ink-erase-all = Erase all lines
rooms-ink-done = Done
rooms-ink-failed = The lines on this slide could not be read. Load the page again to see them.

rooms-key-gather = Gather everybody on one’s field
rooms-key-present = Ask to present, or hand over to who asks
rooms-key-item = Next item of the agenda
rooms-key-ink = Draw on the slide
rooms-key-ink-undo = Undo one’s last line

rooms-leave = Leave
rooms-leave-title = Leave the session without ending it
rooms-close = End
rooms-close-title = End the session for everybody
rooms-close-ask = End the session for everybody?
rooms-close-more = The discussion and the pinned fields stay in the case.
rooms-close-yes = End the session
rooms-close-no = Go on

rooms-ended-title = The session has ended
rooms-ended-closed = The discussion and the pinned fields stay in the case.
rooms-ended-closed-by = { $name } ended the session. The discussion and the pinned fields stay in the case.
rooms-ended-closed-you = You ended the session. The discussion and the pinned fields stay in the case.
rooms-ended-session = Your session has expired.
rooms-ended-right = Your right to take part has ended.
rooms-ended-gone = There is no such session, or no longer, for you.
rooms-ended-version = telepath was updated. Load the page again to go on.
rooms-ended-flood = Too many messages were sent from this computer.
rooms-ended-protocol = A message from this computer was not understood. Load the page again to go on.
rooms-ended-unsent = Message not sent: { $text }
rooms-back-case = Back to the case
rooms-reload = Load the page again

error-room-gone = What this action needs is gone, or is not open to you.
error-room-closed = The session has ended.
error-room-epoch = The presentation changed in the meantime. Try again if needed.
error-room-not-presenter = Only the presenter can do this.
error-room-already-presenter = This person presents already.
error-room-same-slide = This slide is on the screen already.
error-room-invited = Too many people are invited at once.
error-room-too-fast = Too many actions at once. Wait a moment.
error-room-waiting = The connection is cut, and too many actions are waiting already. The last one is not done: do it again when the session is live again.
error-room-operation = This action was already used for something else. Load the page again.
error-room-cannot-present = This person may not see the slide, or is not in the session.
error-room-drawings = This session has { $limit } lines already. Erase some before you draw more.
error-room-no-drawing = This line is erased already.
error-room-not-drawer = Only the person who drew this line and the presenter can erase it.
error-room-plane = The slide has { $planes } focal planes only. Choose one of them.
error-room-other-case = This slide is of another case. A session is about one case: open one from the other case.
error-room-agenda-whose = Only the person who opened the session and the presenter can change the agenda.
error-room-agenda-twice = An item is on the agenda twice. Load the page again and retry.
error-room-no-item = This item is not on the agenda any more. Choose another one.
error-room-same-item = This item is the current one already.
error-room-same-room = You are in this session already. Choose another one.
error-room-next = This session does not exist, is over, or is not open to you. Open one from the next case, then try again.
error-room-next-item = Item { $item }: this session does not exist, is over, or is not open to you. Open one from the case of this item, or take its address out.
field-item = Agenda item
