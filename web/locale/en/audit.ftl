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

audit-detail-seen = Letters read
audit-detail-trials = Letters shown
audit-detail-acr = Level of identification
audit-detail-annotations = Annotations
audit-detail-consults = Consults
audit-detail-lines = Messages
audit-detail-opinions = Signed opinions
audit-detail-rooms = Rooms
audit-detail-session = Session
audit-detail-specimens = Specimens
audit-detail-subject-name-id = National identifier
audit-detail-address = Address
audit-detail-device = Browser
audit-detail-because = Right
audit-detail-object = Object
audit-detail-sequence = Place
audit-detail-leaf = Fingerprint
audit-detail-part = { $name }: { $value }

# What records of one kind or another hold besides: the names given to tx.audit(…).
audit-detail-action = Action asked for
audit-detail-after = After
audit-detail-anchored = Heads compared with their copy outside
audit-detail-adoption-before = Decision before
audit-detail-annotation = Annotation
audit-detail-asked = Search
audit-detail-auth-mode = Means of identification
audit-detail-back-ms = Clock put back by (ms)
audit-detail-basis = Right given for
audit-detail-basis-id = Reference of this right
audit-detail-before = Before
audit-detail-box = Region seen (x, y, width, height, in pixels of the finest level)
audit-detail-boxes = Region by level
audit-detail-bytes = Bytes
audit-detail-change = Change
audit-detail-changed = Fields changed
audit-detail-checkpoints = Signed heads
audit-detail-compared = Records covered by the copies outside
audit-detail-consult = Consult
audit-detail-damaged = Damaged slides
audit-detail-database-ms = Offset from the database’s clock (ms)
audit-detail-description = Description
audit-detail-digest = Digest of the content
audit-detail-digest-before = Digest before
audit-detail-epoch = Epoch of the live session
audit-detail-error-ms = Estimated error (ms)
audit-detail-expert = Expert
audit-detail-fact = Fact of the live session
audit-detail-points = Points of the line
audit-detail-drawn = Number of the erased line
audit-detail-items = Items of the agenda
audit-detail-item = Item of the agenda
audit-detail-onward = Next live session
audit-detail-finess = FINESS
audit-detail-first-problems = First problems
audit-detail-format = Format
audit-detail-removed = Places blanked
audit-detail-picture = Picture
audit-detail-kinds = Kinds
audit-detail-found = Places found
audit-detail-from = From
audit-detail-invited = People invited
audit-detail-keys = Keys in the backup
audit-detail-label = Label
audit-detail-kept = Tiles shown of those sent ahead, as the browser says
audit-detail-levels = Levels
audit-detail-line = Message
audit-detail-made-at = Backup of
audit-detail-missing = Missing records
audit-detail-motive = Reason given
audit-detail-name = Name
audit-detail-number = Number
audit-detail-offer = Offer
audit-detail-opened = With the encrypted data
audit-detail-opinion = Opinion
audit-detail-organ = Organ
audit-detail-person = Person
audit-detail-presenter = Presenter
audit-detail-previous = Digest of the statement before
audit-detail-problems = Problems
audit-detail-provider-ms = Offset from the identity provider’s clock (ms)
audit-detail-question = Question
audit-detail-reading = Reading
audit-detail-reason = Reason
audit-detail-records = Records
audit-detail-rights = Rights
audit-detail-scale-source = Origin of the scale
audit-detail-roles = Roles
audit-detail-roles-before = Roles before
audit-detail-room = Live session
audit-detail-root = Root of the tree
audit-detail-seq = Place in the live session
audit-detail-since = Since
audit-detail-size = Records of the tree
audit-detail-slide = Slide
audit-detail-slides = Slides
audit-detail-source = Source of the time
audit-detail-specimen = Specimen
audit-detail-stream = Connection to the live session
audit-detail-subject = Holder of the right
audit-detail-subject-kind = Kind of holder
audit-detail-synchronised = Synchronised
audit-detail-tiles = Tiles sent
audit-detail-times = Times
audit-detail-title = Title
audit-detail-to = To
audit-detail-until = Until
audit-detail-urgency = Urgency
audit-detail-verifier = Verification key
audit-detail-version = Version
audit-detail-view = View of the slide

audit-kind-session-started = Signed in
audit-kind-session-refused = Sign-in refused
audit-kind-session-activity-chosen = Activity chosen
audit-kind-session-stepped-up = Identity confirmed
audit-kind-session-step-up-refused = Confirmation of identity refused
audit-kind-session-logout-received = Sign-out asked for by the identity provider
audit-kind-session-ended = Signed out

audit-kind-access-refused = Access refused

audit-kind-emergency-activated = Emergency sign-in activated
audit-kind-emergency-ended = Emergency sign-in ended

audit-kind-directory-changed = Directory changed
audit-kind-directory-read = Directory read

audit-kind-credential-verified = Credential verified
audit-kind-credential-withdrawn = Credential withdrawn

audit-kind-delegation-given = Delegation given
audit-kind-delegation-ended = Delegation ended

audit-kind-right-given = Right given
audit-kind-right-limited = Right limited in time
audit-kind-right-withdrawn = Right withdrawn

audit-kind-display-checked = Display checked
audit-kind-link-made = Shared link made
audit-kind-link-opened = Shared link opened
audit-kind-link-refused = Shared link refused
audit-kind-link-withdrawn = Shared link withdrawn
audit-kind-link-expired = Shared link expired

audit-kind-break-glass-opened = Emergency access opened
audit-kind-break-glass-refused = Emergency access refused
audit-kind-break-glass-ended = Emergency access ended
audit-kind-break-glass-reviewed = Emergency access reviewed

audit-kind-case-created = Case created
audit-kind-case-changed = Case changed
audit-kind-case-viewed = Case viewed
audit-kind-case-exported = Case exported
audit-kind-case-imported = Case imported

audit-kind-patient-changed = Patient’s identity changed
audit-kind-patient-viewed = Patient’s identity viewed

audit-kind-attachment-added = Attachment added
audit-kind-attachment-viewed = Attachment viewed
audit-kind-attachment-deleted = Attachment deleted

audit-kind-upload-started = Slide upload started
audit-kind-upload-completed = Slide upload completed
audit-kind-upload-abandoned = Slide upload abandoned

audit-kind-slide-added = Slide added
audit-kind-slide-refused = Slide refused
audit-kind-slide-mismatched = Slide at odds with the case
audit-kind-slide-deidentified = Slide de-identified
audit-kind-slide-changed = Slide changed
audit-kind-slide-viewed = Slide viewed
audit-kind-slide-regions = Slide regions sent
audit-kind-slide-warmed = Slide prepared ahead in a browser
audit-kind-slide-warmed-regions = Slide regions sent ahead
audit-kind-slide-downloaded = Slide downloaded
audit-kind-slide-identity-viewed = Slide label viewed
audit-kind-slide-scale-entered = Slide scale entered
audit-kind-slide-reread = Slide read again

audit-kind-annotation-created = Annotation created
audit-kind-annotation-deleted = Annotation deleted

audit-kind-thread-written = Message written

audit-kind-gateway-registered = Gateway registered
audit-kind-gateway-connected = Gateway connected
audit-kind-gateway-refused = Gateway refused
audit-kind-gateway-withdrawn = Gateway withdrawn

audit-kind-consult-requested = Opinion requested
audit-kind-consult-viewed = Consult viewed
audit-kind-consult-suspended = Consult suspended
audit-kind-consult-resumed = Consult resumed
audit-kind-consult-transferred = Consult transferred
audit-kind-consult-revoked = Consult withdrawn

audit-kind-offer-made = Expert asked
audit-kind-offer-accepted = Consult accepted
audit-kind-offer-declined = Consult declined
audit-kind-offer-expired = Offer left unanswered

audit-kind-routing-changed = Routing rules changed

audit-kind-opinion-drafted = Opinion drafted
audit-kind-opinion-committed = Opinion committed before reading the first
audit-kind-opinion-revealed = First diagnosis revealed
audit-kind-opinion-signed = Opinion signed
audit-kind-opinion-countersigned = Opinion countersigned
audit-kind-opinion-amended = Opinion amended
audit-kind-opinion-graded = Concordance graded
audit-kind-opinion-contested = Opinion contested

audit-kind-report-printed = Report printed
audit-kind-report-sent = Report sent
audit-kind-report-checked = Report checked by its code

audit-kind-statistics-viewed = Statistics viewed
audit-kind-statistics-exported = Statistics exported

audit-kind-room-opened = Session opened
audit-kind-room-invited = Invitation to a session that is on
audit-kind-room-joined = Session joined
audit-kind-room-left = Session left
audit-kind-room-fact = Act in a session
audit-kind-room-closed = Session closed
audit-kind-room-attendance-viewed = Attendance of a session viewed

audit-kind-recording-started = Recording of a session started
audit-kind-recording-stopped = Recording of a session stopped
audit-kind-recording-viewed = Recording of a session viewed
audit-kind-recording-deleted = Recording of a session deleted

audit-kind-board-opened = Tumour board opened
audit-kind-board-changed = Tumour board changed
audit-kind-board-viewed = Tumour board viewed
audit-kind-board-decided = Tumour board’s decision
audit-kind-board-signed = Tumour board’s record signed
audit-kind-board-closed = Tumour board closed

audit-kind-audit-tree-opened = Log opened
audit-kind-audit-read = Audit read
audit-kind-audit-extract-made = Extract made for a patient
audit-kind-audit-exported = Log exported
audit-kind-audit-verified = Log verified
audit-kind-audit-anchored = Log’s signature held outside
audit-kind-audit-gap-found = Log behind its copy outside
audit-kind-audit-retired = Log past its term and deleted

audit-kind-subject-erased = Data erased

audit-kind-key-changed = Key changed

audit-kind-setting-changed = Setting changed

audit-kind-clock-measured = Clock compared with a reference

audit-kind-backup-made = Backup made
audit-kind-backup-restored = Backup restored

# Codes that records hold.
audit-yes = yes
audit-no = no
audit-alarm-deadline = Deadline near
audit-alarm-late = Deadline passed
audit-alarm-unanswered = Nobody left to ask
audit-alarm-ring = Ring that nobody answered
audit-left-out-absent = Away until after the deadline
audit-left-out-not-available = Not available
audit-left-out-not-in-network = Not in the network
audit-left-out-not-in-pool = Not in the pool
audit-left-out-rule-excludes = Excluded by a rule
audit-change-pool-made = Pool made
audit-change-pool-changed = Pool changed
audit-change-pool-joined = Expert added to the pool
audit-change-pool-left = Expert removed from the pool
audit-change-pool-ended = Pool ended
audit-change-rule-made = Rule added
audit-change-rule-ended = Rule ended
audit-change-duties-entered = Duties entered
audit-change-duty-withdrawn = Duty withdrawn
audit-change-swap-asked = Swap of a duty asked for
audit-change-swap-taken = Swap of a duty accepted
audit-change-swap-declined = Swap of a duty declined
audit-change-swap-withdrawn = Swap of a duty withdrawn
audit-change-turnaround = Turnarounds changed
