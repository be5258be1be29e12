# The coordination's board: who waits for whom.

coordination-board = Who waits for whom
board-lead = { $count ->
    [0] No request of the institution is under way.
    [one] One request of the institution is under way.
   *[other] { $count } requests of the institution are under way.
}
board-none = Nobody waits for an answer
board-none-text = Requests of your institution that are under way appear here by themselves.
board-next = Next deadlines
board-since = asked
board-waits-for = Waits for
board-others = { $count ->
    [one] and one more
   *[other] and { $count } more
}
board-refused = { $count ->
    [one] one refusal or silence
   *[other] { $count } refusals or silences
}
board-escalates = without an answer the next one is asked
board-stays = without an answer nobody else is asked
board-more = The { $count } nearest deadlines. All requests under way:
board-experts = Experts who are waited for
board-experts-hint = Requests of the institution, by the expert who was asked. A request to several counts for each.
board-requesters = Who waits
board-requesters-hint = Requests of the institution, by requester.
board-own = Our experts
board-own-hint = Requests to experts of the institution, wherever they come from.
board-nobody = Nobody
board-who = Name
board-asked = Unanswered
board-accepted = Being read
board-held = On hold
board-late = Late
board-oldest = Oldest
board-next-due = Next deadline
