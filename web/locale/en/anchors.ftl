# Who outside the service keeps the signatures of the audit log (telepath/anchors).

error-setting-anchor = { $reason ->
        [scheme] Address { $number } of TELEPATH_AUDIT_ANCHORS is of no known kind: a folder (file:), a mailbox (mailto:), a witness (https:) or an S3 bucket (s3:).
        [parameter] Address { $number } of TELEPATH_AUDIT_ANCHORS has an unknown parameter; deploy/README.md gives them all.
        [number] In address { $number } of TELEPATH_AUDIT_ANCHORS “every” counts seconds and “years” years: a whole number above zero.
        [language] In address { $number } of TELEPATH_AUDIT_ANCHORS “language” must be fr or en.
        [vkey] Address { $number } of TELEPATH_AUDIT_ANCHORS is a witness’s: it needs its verifier key, “vkey=name+number+key”, as the witness publishes it.
        [twice] Address { $number } of TELEPATH_AUDIT_ANCHORS has the same name as another: give it one by “name=”.
       *[other] Address { $number } of TELEPATH_AUDIT_ANCHORS is malformed.
    }
error-setting-anchors-few = In production { $name } must name at least { $needed } places outside the service that keep the signatures of the audit log; it names { $held }. Without them whoever administers the database could rewrite the log unnoticed. A folder inside TELEPATH_DATA does not count, nor do letters that are put into a folder. See “Who holds copies of the audit” in deploy/README.md.

error-anchor-away = Does not answer.
error-anchor-refused = Refuses what it is sent: address, access rights, or a log that it does not know.
error-anchor-false = Answers or holds something else than what was signed.
error-anchor-fork = Holds a signature that the log here does not go on from: records are missing, or were rewritten.
error-anchor-emptied = No longer holds what it was given: a folder that is not mounted, or was emptied.
error-anchor-unlocked = Takes copies without locking them: the bucket must have been made with object lock.
error-anchor-broke = Sending failed; the technical log says why.

anchors-letter-subject = Audit of { $address }: a signature to keep ({ $size } records)
anchors-letter-text =
    This letter holds the signature of the audit log of { $address }, as of { $size } records. It holds no health data.

    Keep it, with its attachment, as long as the records themselves: while it exists outside the service, nobody can change or delete in it a record older than this letter unnoticed, not even whoever administers the database.

    To check the log: ask the service for its verifiable export (telepath audit export) and the program verify_audit.py, a page that can be read, then run

    python3 -I verify_audit.py EXPORT KEY ATTACHMENT

    where KEY is the verifier key that came when the service was set up. The first letter received is the one to trust; this one says:

    { $key }

    Log: { $origin }

audit-detail-anchor = Where the copy is
audit-detail-differs = Different content
audit-detail-error = Fault
audit-detail-held-at = Held since
audit-detail-present = Records here
audit-detail-signed = Records signed
audit-detail-tree = Log
