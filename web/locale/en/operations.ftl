# What `telepath backup`, `restore` and `check` say.

operations-backup-made = { $files ->
        [one] One file
       *[other] { $files } files
    } written ({ $megabytes } MB), with { $slides ->
        [0] no slide
        [one] one slide
       *[other] { $slides } slides
    }.
operations-backup-apart = The slides stay in their bucket and were not copied: only that they are there was checked. Their backup is the bucket’s own (versions, replication).
operations-backup-audit = The audit log in it holds { $records ->
        [one] one sealed record
       *[other] { $records } sealed records
    }.
operations-backup-digest = SHA-256 of the manifest: { $digest }. Written down elsewhere, it proves the whole backup.
operations-backup-with-keys = The keys are in this backup: whoever holds it can sign a false audit, and read what is personal in it. Move keys.json and vault.json to a safe, and keep only the newest there: older ones would open what was erased since.
operations-backup-without-keys = The keys are not in this backup. Keep TELEPATH_AUDIT_KEY, TELEPATH_SECRET_KEY and TELEPATH_VAULT_KEY apart: the service cannot come back without the first, and without vault.json nobody can read what is personal in its audit.
operations-backup-damaged = Slide or attachment { $slide } is damaged: its files are missing, or are no longer what was registered.

operations-restore-done = The service of { $made } is back, with { $slides ->
        [0] no slide
        [one] one slide
       *[other] { $slides } slides
    }.
operations-restore-absent = The slide or attachment { $slide } is missing in the bucket, or is not whole there. Bring its files back from the versions or the copy of the bucket.
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
error-restore-unfinished = The restore is NOT finished: database and slides are back, but not what must follow, and what was erased since the backup may be there again. Do not start the service. Mend what the technical log says, empty the database and the storage, then restore again.


operations-check-clock = Clock
operations-check-database = Database
operations-check-storage = Storage
operations-check-bus = Bus
operations-check-identity = Identity provider
operations-check-mail = Mail
operations-check-audit = Audit
operations-check-keys = Keys
operations-check-anchors = Copies of the audit outside
operations-check-erasures = Erasures
operations-check-log = Technical log
operations-check-sandbox = Decoder sandbox
operations-check-proxy = Address and proxy
operations-check-sum = { $ok } good, { $warning } to look at, { $failed } failed.
operations-check-no-answer = no answer within { $seconds } seconds. See whether the service it speaks to is running and reachable from here.
operations-check-broke = the check itself failed ({ $kind }); the log says where. Please report it.

operations-check-clock-right = agrees with the identity provider’s.
operations-check-clock-free = no time service keeps it right. Install and start chrony (or systemd-timesyncd).
operations-check-clock-wrong = { $seconds } seconds away from the identity provider’s. Beyond 30 seconds nobody can sign in: start chrony, then check again.
operations-check-clock-alone = could not be compared: the identity provider gave no time. See what is said of it below.

operations-check-database-good = { $kind } is reachable, writable, durable, and of the newest schema ({ $revision }).
operations-check-database-unreachable = does not answer. Check TELEPATH_DATABASE, and that the server runs and lets this machine in.
operations-check-database-empty = holds nothing yet. Run `telepath migrate`.
operations-check-database-behind = its schema is { $present }, this version needs { $newest }. Make a backup, then run `telepath migrate`.
operations-check-database-read-only = cannot be written to. A standby server, a full disk, or missing rights on the tables.
operations-check-database-powerful = the service’s role { $role } could change or delete what the audit has sealed ({ $rights }). Give the tables to another role, put it into TELEPATH_MIGRATIONS_DATABASE, then run `telepath migrate`.
operations-check-database-weak = an acknowledged signature could be lost at a power cut: { $settings }. Put these settings back to their safe defaults.

operations-check-storage-good = an object was written, read and removed.
operations-check-storage-roomy = an object was written, read and removed; { $free } GB are free.
operations-check-storage-short = only { $free } GB are free, and a slide takes about 2. Make room, or move the storage to a larger disk.
operations-check-storage-unwritable = cannot be written to. Check TELEPATH_STORAGE, the rights of the service’s user, and the space left.
operations-check-storage-refused = the bucket does not do what it is asked. Check the bucket, the address and the region in TELEPATH_STORAGE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what this key may do (read, write, delete, list): the technical log has what the server answered.
operations-check-storage-staging-short = an object was written, read and removed, but only { $free } GB are free for the local copies of slides that are decoded. Make room in TELEPATH_DATA, or lower TELEPATH_STAGING_GIGABYTES.
operations-check-storage-altered = gives back something else than what was written. Do not use this disk.
operations-check-storage-undeletable = keeps what was removed. Check the rights of the service’s user.

operations-check-bus-good = what is published comes back.
operations-check-bus-memory = in memory: right for one node, not for several (then set TELEPATH_BUS to a Valkey or Redis).
operations-check-bus-refused = Valkey does not do what it is asked for. Check the name and the password in TELEPATH_BUS (a sign such as @ or / is written with %), and what this user may do: publish, subscribe, unsubscribe and ping, on every channel.
operations-check-bus-silent = it is connected, and nothing comes back. Look into Valkey’s own log.
operations-check-bus-tls = no TLS is agreed: the certificate is not trusted, has ended or has another name. Check TELEPATH_BUS (rediss://, ?ssl_ca_certs=file).
operations-check-bus-unreachable = does not answer as a Valkey. Check the address in TELEPATH_BUS (rediss:// where it speaks TLS, redis:// where not), and that Valkey runs and lets this machine in.

operations-check-identity-good = its discovery document is that of our issuer; { $keys ->
        [one] one signing key
       *[other] { $keys } signing keys
    } published.
operations-check-identity-unreachable = does not answer. Nobody can sign in: check the way out (firewall, DNS) and TELEPATH_OIDC_ISSUER.
operations-check-identity-certificate = its certificate is not trusted here. Check the clock and the package ca-certificates; never switch verification off.
operations-check-identity-status = answers { $status } instead of its discovery document. Check TELEPATH_OIDC_ISSUER and TELEPATH_OIDC_DISCOVERY.
operations-check-identity-unreadable = what it gives is not a discovery document. Check TELEPATH_OIDC_DISCOVERY.
operations-check-identity-issuer = says that it is { $issuer }, which is not TELEPATH_OIDC_ISSUER. Tokens would be refused: put the exact value there.
operations-check-identity-no-keys = publishes no usable signing key. Signing in cannot work: ask the provider.

operations-check-mail-good = the server answers, encrypts and lets us in; nothing was sent.
operations-check-mail-folder = letters are written into a folder, and reach nobody. For a real service set TELEPATH_MAIL.
operations-check-mail-unwritable = the folder of letters cannot be written to. Check TELEPATH_MAIL and the rights of the service’s user.
operations-check-mail-unreachable = the server does not answer as a mail server. Check TELEPATH_MAIL and the firewall.
operations-check-mail-certificate = the server’s certificate is not trusted here. Check the host name in TELEPATH_MAIL and the package ca-certificates.
operations-check-mail-clear = the server offers no encryption, and a password is never sent in clear. Use smtps:// or another port.
operations-check-mail-login = the server refuses our name and password. Check TELEPATH_MAIL.
operations-check-mail-unencrypted = the server answers, but offers no encryption. Letters carry no patient data; still, ask for TLS.

operations-check-audit-good = signed by our key up to record { $size }.
operations-check-audit-no-log = the database cannot be asked. See what is said of it above.
operations-check-audit-other-key = the newest checkpoint was not signed by our key. Put the service’s own key into TELEPATH_AUDIT_KEY.
operations-check-audit-unsigned = records have waited { $minutes } minutes for a signature ({ $unsealed } not even sealed). Is the service running? Its log says what stops it.
operations-check-keys-good = the audit is signed by key { $number }, and the vault opens ({ $keys } { $keys ->
        [one] known key
       *[other] known keys
    }).
operations-check-keys-new = the audit will be signed by key { $number }.
operations-check-keys-unknown = the last heads of { $trees } were signed by key { $number }, which is neither TELEPATH_AUDIT_KEY nor in TELEPATH_AUDIT_OLD_KEYS. Put it there, as `telepath audit key` printed it; the record of the change of key has it too.
operations-check-anchors-good = { $holders } places hold the newest signed head, up to record { $size }.
operations-check-anchors-none = nobody outside holds a copy yet. Start the service; in production at least two places must be named in TELEPATH_AUDIT_ANCHORS.
operations-check-anchors-late = records have waited { $minutes } minutes until somebody outside held their signature. Is the service running? Its technical log says what stops it.
operations-check-anchors-troubled = { $name } has not taken { $attempts } copies. { $reason }
operations-check-anchors-gap = { $anchor } holds a signature over { $signed } records of tree { $tree }, and { $present } are here: records are missing or were rewritten. Run `telepath audit verify`, and find out who had access.
operations-check-erasures-good = { $count ->
        [0] the list is empty.
        [one] the list names one erasure; nothing of it is left in the database.
       *[other] the list names { $count } erasures; nothing of them is left in the database.
    }
operations-check-erasures-there = { $count ->
        [one] what one erasure removed is in the database again.
       *[other] what { $count } erasures removed is in the database again.
    } Run `telepath erase-again`.
operations-check-erasures-false = the list contains a file that nobody known signed, and that is not followed: { $file }. Find out who wrote or changed it; if the key of the audit changed, put the former one into TELEPATH_AUDIT_OLD_KEYS.
operations-check-erasures-unknown = the database does not answer: nothing says whether what was erased still is.
operations-check-log-good = its folder can be written to; { $days } days are kept.
operations-check-log-unwritable = its folder cannot be written to. Check TELEPATH_LOG_FOLDER, its owner and the disk.

operations-check-sandbox-good = a worker sees its slide’s folder only, no network, and has limits.
operations-check-sandbox-missing = not had on this system: { $missing }. Slides are opened all the same. Use a kernel with Landlock (5.13 or newer), or install bubblewrap; let the unit allow it (deploy/telepath.service), and do not run the service as root in a container without rights.
operations-check-sandbox-refused = not had on this system: { $missing }. So no slide is opened. Use a kernel with Landlock (5.13 or newer), or install bubblewrap, and let the unit allow it (deploy/telepath.service); or set TELEPATH_DECODER_SANDBOX=optional, and trust every file.

operations-check-proxy-good = { $origin } answers, and lets WebSockets through.
operations-check-proxy-unreachable = { $origin } does not answer. Check TELEPATH_ORIGIN, DNS, nginx, and that the service runs.
operations-check-proxy-certificate = the certificate is not trusted, or not for this name. Check the renewal, and the full chain in nginx.
operations-check-proxy-no-upgrade = no WebSocket comes through (HTTP { $status }). Compare nginx with deploy/nginx.conf, and TELEPATH_ORIGIN with the public address. Meanwhile rooms fall back to slower ways.
operations-check-proxy-altered = something between changes what is sent. Look for a filtering proxy.
operations-check-proxy-expires = works, but the certificate ends on { $date }. Renew it.

audit-clock-source-chrony = chrony
audit-clock-source-systemd-timesyncd = systemd-timesyncd
audit-clock-source-ntpsec = ntpsec
audit-clock-source-ntp = ntp
audit-clock-source-unknown = unknown source
