# `telepath audit export`: a folder that an outsider can check.

command-audit-exported = { $records ->
    [one] { $records } record exported
   *[other] { $records } records exported
} ({ $megabytes } MB), { $trees ->
    [one] { $trees } tree
   *[other] { $trees } trees
}, { $checkpoints ->
    [one] { $checkpoints } signed head.
   *[other] { $checkpoints } signed heads.
}
command-audit-export-digest = Digest of the whole (SHA-256 of manifest.note): { $digest }
command-audit-export-key = Verifier key, to be handed over by another way: { $key }
command-audit-export-bad = THIS EXPORT IS NOT ACCEPTED by its own verifier: { $problem }. Run “telepath audit verify” and tell whoever answers for security.

error-audit-export-target-exists = The folder of the export exists already. Give the name of a new folder.
error-audit-export-write = The export could not be written; nothing of it was kept. Check the room on the disk, and the right to write there.
error-audit-export-refused = This export is not accepted by its own verifier: { $problem }. It is not handed over. Run the verification of the log, and tell whoever answers for security.
error-audit-export-year = The log has no tree { $year }.
error-audit-export-empty = No record fits what was asked for.
error-audit-export-checkpoint = One of the heads given is not signed by this log.
error-audit-export-case-where = Give the institution of the case too (--institution, FINESS number).
error-audit-export-institution = No institution has the FINESS number { $institution }.
