# The auditor's pages. audit-kind-<kind of telepath/audit_catalogue.py, dots as dashes>.

audit-title = Audit
audit-lead = What the members of your institution ({ $institution }) did, and all that was done to its cases. Each reading of this page is itself recorded.
audit-chain = Integrity of the log
audit-sealed = { $count ->
    [0] No record sealed.
    [one] { $count } record sealed.
   *[other] { $count } records sealed.
}
audit-waiting = { $count ->
    [one] { $count } waiting to be sealed.
   *[other] { $count } waiting to be sealed.
}
audit-signed = Last signature { $when }, over { $size ->
    [one] { $size } record.
   *[other] { $size } records.
}
audit-unsigned = No signature yet.
audit-verify = Verify now
audit-check-good = intact
audit-check-bad = { $count ->
    [one] { $count } anomaly
   *[other] { $count } anomalies
}
audit-checked = Verified on { $when } by { $who }: { $records ->
    [one] { $records } record recomputed
   *[other] { $records } records recomputed
}, { $anchored ->
    [0] no signature compared with its outside copy.
    [one] { $anchored } signature compared with its outside copy.
   *[other] { $anchored } signatures compared with their outside copies.
}

audit-search = Search
audit-clear = Clear all
audit-any = any
audit-field-person = Person
audit-field-case = Case or identifier
audit-field-kind = Action
audit-field-outcome = Outcome
audit-field-since = From
audit-field-until = To
error-audit-date = “{ $field }” is not a date.

audit-when = When
audit-who = Who
audit-what = What
audit-why = By what right
audit-more = Details
audit-since = since
audit-run = { $count } times
audit-times = Times
audit-last = Last time
audit-case = Case { $number }
audit-case-lead = Who saw it, and who did what to it.
audit-in-order = In order, newest first
audit-pages = Pages
audit-older = Older
audit-newest = Back to the newest
audit-none = No record
audit-none-why = Nothing fits this search in what your institution may know.
audit-nobody = someone unidentified
audit-service = the telepath service

audit-outcome-success = success
audit-outcome-refused = refused
audit-outcome-failure = failure

audit-because-institution = member of the institution
audit-because-consult = consult
audit-because-offer = consult offered
audit-because-room = live session
audit-because-link = shared link
audit-because-break-glass = emergency access

audit-object-case = case
audit-object-slide = slide
audit-object-consult = consult
audit-object-room = live session
audit-object-person = person
audit-object-institution = institution

audit-detail-acr = Level of identification
audit-detail-session = Session
audit-detail-address = Address
audit-detail-device = Browser
audit-detail-because = Right
audit-detail-object = Object
audit-detail-sequence = Place
audit-detail-leaf = Fingerprint
audit-detail-part = { $name }: { $value }

# What records of one kind or another hold besides: the names given to tx.audit(…).
audit-detail-action = Action asked for
audit-detail-anchored = Heads compared with their copy outside
audit-detail-annotation = Annotation
audit-detail-asked = Search
audit-detail-auth-mode = Means of identification
audit-detail-bytes = Bytes
audit-detail-change = Change
audit-detail-changed = Fields changed
audit-detail-checkpoints = Signed heads
audit-detail-consult = Consult
audit-detail-damaged = Damaged slides
audit-detail-digest = Digest of the content
audit-detail-epoch = Epoch of the live session
audit-detail-expert = Expert
audit-detail-fact = Fact of the live session
audit-detail-finess = FINESS
audit-detail-first-problems = First problems
audit-detail-format = Format
audit-detail-invited = People invited
audit-detail-keys = Keys in the backup
audit-detail-line = Message
audit-detail-made-at = Backup of
audit-detail-missing = Missing records
audit-detail-number = Number
audit-detail-offer = Offer
audit-detail-opinion = Opinion
audit-detail-organ = Organ
audit-detail-presenter = Presenter
audit-detail-problems = Problems
audit-detail-reading = Reading
audit-detail-reason = Reason
audit-detail-records = Records
audit-detail-roles = Roles
audit-detail-room = Live session
audit-detail-seq = Place in the live session
audit-detail-slide = Slide
audit-detail-slides = Slides
audit-detail-specimen = Specimen
audit-detail-stream = Connection to the live session
audit-detail-urgency = Urgency
audit-detail-version = Version
audit-detail-view = View of the slide

audit-kind-session-started = Signed in
audit-kind-session-refused = Sign-in refused
audit-kind-session-activity-chosen = Activity chosen
audit-kind-session-stepped-up = Identity confirmed
audit-kind-session-ended = Signed out
audit-kind-access-refused = Access refused
audit-kind-directory-changed = Directory changed
audit-kind-case-created = Case created
audit-kind-case-changed = Case changed
audit-kind-case-viewed = Case viewed
audit-kind-slide-added = Slide added
audit-kind-slide-refused = Slide refused
audit-kind-slide-viewed = Slide viewed
audit-kind-annotation-created = Annotation created
audit-kind-annotation-deleted = Annotation deleted
audit-kind-thread-written = Message written
audit-kind-consult-requested = Opinion requested
audit-kind-consult-viewed = Consult viewed
audit-kind-consult-revoked = Consult withdrawn
audit-kind-offer-made = Expert asked
audit-kind-offer-accepted = Consult accepted
audit-kind-offer-declined = Consult declined
audit-kind-opinion-drafted = Opinion drafted
audit-kind-opinion-signed = Opinion signed
audit-kind-opinion-amended = Opinion amended
audit-kind-report-printed = Report printed
audit-kind-room-opened = Session opened
audit-kind-room-joined = Session joined
audit-kind-room-left = Session left
audit-kind-room-fact = Act in a session
audit-kind-room-closed = Session closed
audit-kind-audit-read = Audit read
audit-kind-audit-verified = Log verified
audit-kind-backup-made = Backup made
audit-kind-backup-restored = Backup restored
