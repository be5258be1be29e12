# What `telepath backup`, `restore` and `check` say.

operations-backup-made = { $files ->
        [one] One file
       *[other] { $files } files
    } written ({ $megabytes } MB), with { $slides ->
        [0] no slide
        [one] one slide
       *[other] { $slides } slides
    }.
operations-backup-audit = The audit log in it holds { $records ->
        [one] one sealed record
       *[other] { $records } sealed records
    }.
operations-backup-digest = SHA-256 of the manifest: { $digest }. Written down elsewhere, it proves the whole backup.
operations-backup-with-keys = The keys are in this backup: whoever holds it can sign a false audit. Lock it away.
operations-backup-without-keys = The keys are not in this backup. Keep TELEPATH_AUDIT_KEY and TELEPATH_SECRET_KEY apart: the service cannot come back without the first.
operations-backup-damaged = Slide { $slide } is damaged: its files are missing, or are no longer what was registered.

operations-restore-done = The service of { $made } is back, with { $slides ->
        [0] no slide
        [one] one slide
       *[other] { $slides } slides
    }.
operations-restore-records = Its audit log holds { $records ->
        [one] one record
       *[other] { $records } records
    }.
operations-restore-no-witness = No signed checkpoint was found outside the backup: nobody can tell whether something happened after it.
operations-restore-missing = { $missing ->
        [one] One audit record is missing
       *[other] { $missing } audit records are missing
    }: the newest checkpoint outside the backup was signed for { $anchored } records ({ $last }). What was done since the backup is lost; tell the people concerned.
operations-restore-set-aside = { $count ->
        [one] The checkpoint
       *[other] The { $count } checkpoints
    } of the lost time went into a folder of their own among the anchors: keep it as evidence.
operations-restore-nothing-missing = Nothing is missing: the newest checkpoint outside the backup was signed for { $anchored } records.
operations-restore-audit-good = The audit verifies: nothing in it was altered.
operations-restore-audit-bad = The audit does NOT verify. Do not open the service before this is understood:

error-backup-target-exists = The target of the backup exists already. Give the name of a new folder.
error-backup-disk-short = The disk is short: { $needed } MB are needed, { $free } MB are free.
error-backup-write-failed = The backup could not be written; nothing of it was kept. The log says which file.
error-backup-database-damaged = The copy of the database is damaged: SQLite's own check refuses it. Check the disk before anything else.
error-backup-program-missing = The program { $program } is missing: install the Debian package { $package }.
error-backup-program-old = { $program } is of version { $version }, older than the PostgreSQL { $server } that it is to read: install the package { $package }.
error-backup-program-failed = { $program } failed (status { $status }); the log says why.
error-restore-no-backup = This folder is not a telepath backup.
error-restore-file-missing = The backup is not whole: { $file } is missing.
error-restore-file-altered = The backup was altered: { $file } is not what was written.
error-restore-file-stranger = The backup was altered: { $file } does not belong to it.
error-restore-newer = This backup was made by a newer telepath ({ $version }): install that version first.
error-restore-other-database = This backup holds a { $made } database, the settings name { $here }: a backup goes back into the same kind.
error-restore-not-empty = The service is not empty. Restore only into an empty database and an empty storage.
error-restore-audit-key = The audit of this backup was signed by another key. Put the former key into TELEPATH_AUDIT_KEY.
