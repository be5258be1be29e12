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
audit-compared-title-good = The log still holds what this signature covers
audit-compared-title-bad = This signature does not agree with the log
audit-compared-title-retired = The records that this signature covers were retired
audit-compared-same = A genuine signature. The first { $size } records of { $tree } are those it covers; the log has { $present } today.
audit-compared-false = This text bears no valid signature of this service: it was damaged on its way, or was not written here.
audit-compared-unknown = A genuine signature, but the log has no year named { $tree }: it was removed, or was never here.
audit-compared-missing = A genuine signature of { $size } records of { $tree }, but the log has only { $present }: some are missing at the end.
audit-compared-differs = A genuine signature, but the first { $size } records of { $tree } are no longer those it covers: they have been changed since.
audit-compared-retired = A genuine signature of { $size } records of { $tree }. They were retired at the end of their retention, and cannot be compared any more. The log keeps only the end of this tree: { $present } records.
audit-compared-retired-same = A genuine signature. The records of { $tree } were retired at the end of their retention; the log keeps the end, { $present } records, and it is what this signature covers.
audit-compared-retired-differs = A genuine signature. The records of { $tree } were retired at the end of their retention; the log keeps the end, { $present } records, but it is not what this signature covers.
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
audit-problem-tree-retired-early = { $tree }: its records were deleted { $years ->
    [0] though they are to be kept for ever.
    [one] before one year had passed.
   *[other] before { $years } years had passed.
}
audit-problem-record-foreign = A record numbered { $seq } was put in: the log has no such number.
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
audit-exports-about = The table opens in a spreadsheet, times in UTC. The verifiable export holds the sealed records of this answer, with all that is needed to check them without this service. Both are recorded in the log.
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
audit-gist-slide-warmed-regions = { $tiles ->
    [one] { $tiles } partial view
   *[other] { $tiles } partial views
}, levels { $levels }
audit-gist-subject-erased = { $reason }
audit-right-view = view
audit-right-annotate = annotate
audit-right-discuss = discuss
audit-right-present = present
audit-right-answer = answer
audit-reason-no-role = no role allows it
audit-reason-no-expert = without the role of expert
audit-reason-emergency = session opened by an emergency code
audit-reason-other-institution = asked for as a member of another institution
audit-reason-no-grant = no right was given
audit-reason-expired = the right had expired
audit-reason-other-site = from another site
audit-reason-silent = no sign of the connection any more
audit-reason-not-silent = the connection gave a sign again
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
audit-action-consult-accept = accept the request
audit-action-consult-answer = answer the request
audit-action-room-open = open a live room
audit-action-room-join = join the live room
audit-action-room-present = present in the live room
audit-action-audit-read = read the audit
audit-action-request-send = act in an open session
audit-action-socket-open = open a live connection in an open session
audit-extract = “Who saw my data” extract
audit-extract-about = For the person whose case it is: to be printed, in plain words.
audit-extract-open = Prepare the extract
audit-mine = My own trail
audit-slide-which = Which slide of this case?
audit-slide-needs-why = Its number, then the slide; or straight away the identifier of a slide.
audit-slide-gone = A slide that is no longer there
audit-slide-picture = The regions of the slide that were seen; the table beside it says by whom
audit-slide-caption = Each frame is a region sent to a person’s screen; their number is in the table.
audit-slide-no-regions = No region has been sent to a screen yet.
audit-slide-people = Who saw the slide
audit-slide-newest = Only the newest records: narrow the period for the others.
audit-first-last = First and last time
audit-openings = Openings
audit-levels = What was sent
audit-level = level { $level }
audit-levels-none = the page alone, no region
audit-levels-seen = levels { $finest } to { $coarsest }, { $tiles ->
    [one] { $tiles } tile
   *[other] { $tiles } tiles
}
audit-boxes = Regions
audit-box = level { $level }: x { $x }, y { $y }, { $width } × { $height } px
audit-opinion-needs-why = Its number, or the identifier of a request.
audit-opinion-none = No request for an opinion
audit-opinion-of = Request of { $when }
audit-opinion-unsigned = Nothing is signed yet.
audit-version-opinion = Signed opinion
audit-version-addendum = Addendum { $number }
audit-version-compared = Underlined: what is new since the version before. Struck: what is no longer there.
audit-verdict-same = identical to what was signed
audit-verdict-altered = changed since the signature
audit-verdict-absent = absent from the log
audit-verdict-altered-why = The digest of the stored text is not the one that the log holds since the signature.
audit-verdict-absent-why = The log holds no signature of this text.
audit-text-conclusion = Conclusion
audit-text-description = Description
audit-text-remarks = Remarks
audit-text-codings = Codes
audit-digests = Digests
audit-digest-stored = Of the stored text
audit-digest-logged = In the log since the signature
audit-digest-none = none
audit-after-signature = Since the signature
audit-before-signature = Up to the signature
audit-extract-title = Who saw the data of case { $number }
audit-extract-lead = Every person who saw something of this case or wrote in it, from the access log of { $institution }.
audit-extract-made = Made on { $when } by { $who }.
audit-extract-what = What was done
audit-extract-why = Why
audit-extract-when = How often, when
audit-extract-times = { $count ->
    [one] once
   *[other] { $count } times
}
audit-extract-from = from
audit-extract-to = to
audit-extract-none = Nobody has opened this case yet
audit-extract-read = How to read this extract
audit-extract-explained = The number of the case does not hold your name: only your institution knows that it is you. An access that was refused showed nobody anything, and is not counted.
audit-extract-rights = If an access surprises you, ask your institution about it; you may also turn to its data protection officer, and then to the CNIL.
audit-extract-source = From { $records } records of the log, up to place { $newest }.
audit-extract-head = Last signature of the log: { $when }.
audit-extract-print = This page prints as it is, without the menus.
audit-plain-file = read or kept the case file
audit-plain-slides = looked at the slides
audit-plain-ahead = their browser was sent parts of slides ahead
audit-plain-marked = marked a slide
audit-plain-discussed = took part in a discussion
audit-plain-asked = asked for an opinion or answered the request
audit-plain-answered = wrote or signed an opinion
audit-plain-report = printed or sent the report
audit-plain-shared = used a share link
audit-plain-emergency = opened the case in an emergency
audit-plain-checked = checked the case and who had access to it
audit-plain-because-institution = works in the institution that keeps this case
audit-plain-because-consult = was asked for an opinion
audit-plain-because-offer = was offered the request
audit-plain-because-room = took part in a live session on this case
audit-plain-because-link = had been given a share link
audit-plain-because-break-glass = emergency, reason recorded
audit-plain-because-other = reason recorded in the log
audit-mine-lead = All that the log holds of you, as an auditor would see it. This page is open to you alone; opening it is recorded.
audit-mine-all = Everything
audit-mine-seen = What I saw
audit-mine-done = What I did
audit-mine-refused = What was refused to me
audit-mine-sessions = My sessions
audit-mine-none-why = Nothing of the kind is recorded for this period.
audit-file = audit
audit-file-cut = Table cut short: your right or your session has ended. Older records are missing.
error-audit-many-people = { $count } people bear this name: type more of it, the given name and the family name for instance.
audit-column-sequence = Place
audit-column-at = UTC time
audit-column-kind = Code
audit-column-what = Action
audit-column-outcome = Outcome
audit-column-who = Person
audit-column-place = Institution
audit-column-roles = Roles
audit-column-object-kind = Kind of object
audit-column-object = Object
audit-column-case = Case
audit-column-why = By what right
audit-column-acr = Level of identification
audit-column-session = Session
audit-column-address = Address
audit-column-details = Details
audit-gist-audit-read = { $question }
audit-gist-audit-exported = { $format }
audit-question-index = First page of the audit
audit-question-case = One case
audit-question-mine = Their own trail
nav-mine = See my own trail
audit-gap-differs-title = Records have been rewritten
audit-gap-differs = An outside holder ({ $anchor }) has the signature of { $signed } records of { $tree }; the log has { $present }, but they are not the same.
audit-gap-found = Found on { $when }.
audit-unheld = The oldest record that nobody holds yet came { $when }.
audit-holder-folder = folder of another machine
audit-holder-mail = mailbox
audit-holder-witness = witness
audit-holder-bucket = locked S3 bucket
audit-holder-former = no longer in the settings
audit-holder-every = every { $time } at most
audit-object-setting = setting
audit-object-tree = year of the log
audit-object-key = key
audit-extract-link = Who saw this case
