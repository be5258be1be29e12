# What `telepath erase` says, and what backups say of it.

erase-case-question = Case { $number } will be erased for good: { $slides ->
        [0] no slide
        [1] one slide
       *[other] { $slides } slides
    }, { $specimens ->
        [0] no specimen
        [1] one specimen
       *[other] { $specimens } specimens
    }, { $annotations ->
        [0] no annotation
        [1] one annotation
       *[other] { $annotations } annotations
    }, { $lines ->
        [0] no message
        [1] one message
       *[other] { $lines } messages
    }, { $consults ->
        [0] no consult
        [1] one consult
       *[other] { $consults } consults
    }, { $rooms ->
        [0] no room
        [1] one room
       *[other] { $rooms } rooms
    }, { $opinions ->
        [0] no signed opinion
        [1] and ONE SIGNED OPINION, which belongs to the medical record
       *[other] and { $opinions } SIGNED OPINIONS, which belong to the medical record
    }.
erase-person-question = { $name } will be erased for good: directory, sessions, notices, and, in the audit trail, national identifier, addresses and devices.
erase-confirm = To confirm, type “{ $expected }” again:
erase-case-done = Case { $id } is erased: { $slides ->
        [0] no slide
        [1] one slide
       *[other] { $slides } slides
    }, { $opinions ->
        [0] no signed opinion
        [1] one signed opinion
       *[other] { $opinions } signed opinions
    }. The erasure stands in the audit trail and in the list of erasures.
erase-person-done = Person { $id } is erased. The erasure stands in the audit trail and in the list of erasures.
erase-leftover = The files of slide { $slide } could not be removed. The next start of the service tries again.
erase-not-wiped = Somebody was reading, so SQLite’s write-ahead log could not be emptied: traces remain in it until it is. Restart the service: to stop it empties the log.
erase-again-done = { $count ->
        [0] There was nobody to erase again
        [one] An erasure decided before was done again
       *[other] { $count } erasures decided before were done again
    }.
erase-again-left = { $count ->
        [one] An erasure decided before could not be done again
       *[other] { $count } erasures decided before could not be done again
    }: what was erased is in the database again. Do not start the service. Mend what the technical log says, then run `telepath erase-again`.

audit-reason-right-to-erasure = right to erasure
audit-reason-court-order = court order
audit-reason-retention-over = end of the retention period
audit-reason-entered-by-mistake = entered by mistake

error-erase-motive = The motive contains what is to be erased: give the reference of a letter, without identity or case number.
error-erase-unconfirmed = Nothing was erased: confirm in a terminal, or give --yes.
error-erase-signed = Nothing was erased: this person signed { $count ->
        [one] an opinion
       *[other] { $count } opinions
    }. Who signs an opinion is part of the medical record.
error-erase-open-work = Nothing was erased: { $count ->
        [one] one consult still waits
       *[other] { $count } consults still wait
    } for this person, or for an answer to them.
error-erase-role = Nothing was erased: this role of the database has no right to, and should not have. Run the command with TELEPATH_MIGRATIONS_DATABASE.
error-erase-list = Nothing was erased: the list of erasures cannot be written. Check TELEPATH_ERASURE_FOLDER and the rights of whoever runs the command.

operations-restore-erasure-false = The list of erasures contains a file that nobody known signed, and that was not followed: { $file }.
