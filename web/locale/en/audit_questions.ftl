# The auditor's screens: the questions, the state of the log, what is taken along.

audit-questions = The twelve questions
audit-question-slide = Who saw this slide?
audit-about-slide = Which regions, at which magnifications, when, from where and by what right.
audit-question-person = What did this person see?
audit-about-person = Everything they looked at in 30 days, or another period.
audit-question-refusals = Which accesses were refused?
audit-about-refusals = To one person or to all, when and why.
audit-question-opinion = What changed in this opinion?
audit-about-opinion = Each version, by whom, what stood there before, before or after the signature.
audit-question-rights = Who gave or withdrew rights?
audit-about-rights = To whom, on what, why and until when.
audit-question-break-glass = Who went past the rules in an emergency?
audit-about-break-glass = Each emergency access, the reason given and the review that followed.
audit-question-links = Which share links have there been?
audit-about-links = Made by whom, opened by whom, expired or withdrawn when.
audit-question-exports = What has left the service?
audit-about-exports = Exports, reports, downloads, extracts, backups.
audit-question-privileged = What did the administration do?
audit-about-privileged = Accesses of administrators and auditors, keys and settings that changed.
audit-question-integrity = Is the log complete and unaltered?
audit-about-integrity = Since which signature, and who else holds a copy.
audit-question-erasures = What was erased, and why?
audit-about-erasures = What was erased for good, by whom, for what reason.
audit-question-clock = Is the recorded time right?
audit-about-clock = Where the time comes from, and how far off it was measured.
audit-question-records = The whole log
audit-about-records = Every record that your institution may know, newest first.
audit-records-open = Open the log
audit-later-break-glass = This version opens no emergency access: there can be none. They will appear here as soon as they exist.
audit-later-links = This version makes no share links: there can be none. They will appear here as soon as they exist.
audit-needs-person = Give a person
audit-needs-case = Give a case
audit-chain-now = At this moment
audit-chain-live = signed
audit-chain-late = signature is late
audit-chain-new = not signed yet
audit-chain-more = Who holds the copies, and checking a signature
audit-window = A signature leaves at least every { $seconds } seconds. Only what has just come, less than { $seconds } seconds ago, is not held outside yet.
audit-check-never = never verified
audit-check-never-why = Nobody has asked for the log to be verified yet.
audit-copies = { $count ->
    [one] { $count } copy outside
   *[other] { $count } copies outside
}
audit-copies-none = no copy outside
audit-copies-none-why = Nobody else holds a signature: a complete rewrite of the log would not show. The administrator sets TELEPATH_AUDIT_ANCHORS.
audit-copies-not-yet = The outside holders have not acknowledged anything yet.
audit-copies-held = The newest covers { $size ->
    [one] { $size } record
   *[other] { $size } records
} of { $sealed }.
audit-gap-title = Records are missing
audit-gap = An outside holder ({ $anchor }) has the signature of { $signed } records of { $tree }; the log presents { $present }.
audit-holders = Who holds a copy
audit-holders-about = Each keeps the signatures away from here: even with the password of the database, nobody can change what they cover without its being noticed.
audit-holder = Holder
audit-holder-records = Up to record
audit-holder-since = Received
audit-holder-state = State
audit-holder-good = up to date
audit-holder-waiting = nothing received yet
audit-holder-behind = { $count ->
    [one] { $count } record behind
   *[other] { $count } records behind
}
audit-holder-trouble = { $count ->
    [one] unreachable, { $count } attempt
   *[other] unreachable, { $count } attempts
}
audit-compare = Check a signature that you kept
audit-compare-about = Paste the whole text, from the first line to the last. It is compared with the log at once.
audit-compare-do = Compare
audit-field-note = Signature kept
audit-compared-good = The log still holds what this signature covers
audit-compared-bad = This signature does not agree with the log
audit-compared-same = A genuine signature. The first { $size } records of { $tree } are those it covers; the log has { $present } today.
audit-compared-false = This text bears no valid signature of this service: it was damaged on its way, or was not written here.
audit-compared-unknown = A genuine signature, but the log has no year named { $tree }: it was removed, or was never here.
audit-compared-missing = A genuine signature of { $size } records of { $tree }, but the log has only { $present }: some are missing at the end.
audit-compared-differs = A genuine signature, but the first { $size } records of { $tree } are no longer those it covers: they have been changed since.
audit-trees = The years of the log
audit-tree = Year
audit-tree-records = Records
audit-tree-first = First place
audit-tree-opened = Opened
audit-tree-signed = Last signature
audit-tree-signed-size = over { $size }
audit-note-newest = Last signature, to keep
audit-note-keep = Copy this text away from here (a mail to yourself will do). Pasted above another day, it will tell whether the log was changed in between.
audit-key = Verification key
audit-key-about = For whoever has to check our signatures and exports. It is no secret.
audit-problem-checkpoint-false = A signature of the log is not genuine ({ $why }).
audit-problem-tree-missing = A signature covers { $signed } records of { $origin }, which the log does not have.
audit-problem-two-heads = Two different signatures cover the same first { $signed } records of { $tree }: history was rewritten.
audit-problem-records-missing = { $tree }: { $signed } records were signed, { $present } are present.
audit-problem-tree-altered = { $tree }: what the database keeps of the tree does not agree with its { $records } records.
audit-problem-record-missing = Record { $seq } is missing; the next one is { $next }.
audit-problem-record-altered = Record { $seq } was changed: its digest is no longer its own.
audit-problem-head-differs = { $tree }: between records { $first } and { $last } something was changed after the signature.
audit-problem-record-unreadable = Record { $seq } can no longer be read.
audit-problem-copy-altered = Record { $seq }: what the database shows of it is not what it says.
audit-field-acts = Show
audit-field-number = Case number
audit-field-action = Action
audit-field-checkpoint = Signature
audit-field-opinion = Opinion
audit-field-slide = Slide
audit-acts-seen = what was seen
audit-acts-all = everything they did
audit-erased = erased
audit-exports = Take along
audit-exports-about = The table opens in a spreadsheet, times in UTC. The verifiable export holds the sealed records of the chosen case, person and period, with all that is needed to check them without this service. Both are recorded in the log.
audit-export-csv = Table (CSV)
audit-export-zip = Verifiable export (ZIP)
audit-gist-access-refused = { $action }: { $reason }
audit-gist-clock-measured = { $source }, estimated error { $error_ms } ms
audit-gist-key-changed = { $name }
audit-gist-setting-changed = { $name }
audit-gist-right-given = to { $subject }: { $rights } ({ $basis })
audit-gist-right-limited = { $subject }: { $rights } ({ $basis })
audit-gist-right-withdrawn = { $subject }: { $rights } ({ $basis })
audit-gist-slide-regions = { $tiles ->
    [one] { $tiles } partial view
   *[other] { $tiles } partial views
}, levels { $levels }
audit-gist-subject-erased = { $because }
audit-right-view = view
audit-right-annotate = annotate
audit-right-discuss = discuss
audit-right-present = present
audit-right-answer = answer
audit-right-manage = manage
audit-reason-no-role = no role allows it
audit-reason-no-grant = no right was given
audit-reason-expired = the right had expired
audit-action-case-view = open the case
audit-action-case-list = list cases
audit-action-case-create = create a case
audit-action-case-edit = change the case
audit-action-slide-view = see the slide
audit-action-annotation-write = annotate
audit-action-thread-read = read the messages
audit-action-thread-write = write a message
audit-action-consult-request = ask for an opinion
audit-action-consult-view = see the request
audit-action-consult-manage = manage the request
audit-action-consult-answer = answer the request
audit-action-room-open = open a live room
audit-action-room-join = join the live room
audit-action-room-present = present in the live room
audit-action-audit-read = read the audit
audit-extract = “Who saw my data” extract
audit-extract-about = For the person whose case it is: to be printed, in plain words.
audit-extract-open = Prepare the extract
audit-mine = My own trail
