# A consult that leaves as one file, and comes back from it

command-consult-exported = { $slides ->
        [0] The consult lies in the archive, without a slide
        [one] The consult lies in the archive, with one slide
       *[other] The consult lies in the archive, with { $slides } slides
    }: { $megabytes } MB.
command-consult-export-digest = Digest of the whole (SHA-256 of manifest.json): { $digest }
command-consult-export-secret = The file is not encrypted. It holds a medical record without the patient’s identity: keep it and send it as such.
command-consult-imported = { $slides ->
        [0] The consult of case { $number } is here, without a slide
        [one] The consult of case { $number } is here, with one slide
       *[other] The consult of case { $number } is here, with { $slides } slides
    }; its archive was signed by { $origin }. Keep the file: the audit trail of the other service is in it, and not here.
command-consult-imported-at = Its page, for those who work in the institution that asked: { $address }

error-archive-consult-unknown = There is no such consult here. Give its identifier, as in the address of its page.
error-archive-open = This consult is not over: somebody is still asked, or still reads. Wait for the answer, or take the request back, then try again.
error-archive-target = The file of the archive exists already. Give the name of a new file.
error-archive-write = The archive could not be written or unpacked; nothing of it was kept. Check the room on the disk, and the right to write there.
error-archive-slide-files = The files of the slide “{ $slide }” are missing from the storage, or are not those that were registered. Nothing was written: bring them back from a backup first.
error-archive-pictures = A picture of the consult is missing, or is none: it cannot be put into an archive, or taken from one.
error-archive-not-one = This file is no archive of a consult, or was cut short. Copy it again, or ask for it anew.
error-archive-members = The list of what lies in this archive is not what was signed: something is missing, is there twice, was added, or has a name that it may not have. Nothing was taken from it. Ask for it anew.
error-archive-members-limit = This archive says that it holds more than { $limit } files: none does. Nothing was taken from it.
error-archive-too-large = “{ $file }” in this archive is larger than it may be. Nothing was taken from it.
error-archive-altered = “{ $file }” in this archive is not what was signed: damaged, or changed since. Nothing was taken from it. Ask for it anew.
error-archive-key = This archive is signed by nobody of those whose key you gave. Check with whoever sent it what “telepath audit key” prints there, and give that with --key.
error-archive-key-form = What was given with --key is no key. It is the line that “telepath audit key” prints where the archive comes from.
error-archive-version = This archive is of version { $version }, which this service cannot read. Bring the service up to date first.
error-archive-consult = What this archive says of the consult does not fit together, or is not what this version holds. Nothing was taken from it; tell whoever made it.
error-archive-opinion = An opinion in this archive is not what its author signed. Nothing was taken from it; tell whoever made it.
error-archive-audit = The extract of the audit trail in this archive is not accepted by its verifier. Nothing was taken from it; tell whoever made it.
error-archive-here = This consult is here already, or was erased here. Nothing was taken from the archive.
error-archive-case-here = The case of this consult, or a part of it, is here already, or was erased here. Nothing was taken from the archive.
error-archive-number = The institution that asked has another case { $number } here. Nothing was taken from the archive.
error-archive-institution = The institution that asked, { $name } (FINESS { $finess }), is not here, or is suspended: nobody could see the consult. Enter it first with “telepath institutions add”, or bring it back with “telepath institutions restore”.
error-archive-under-way = This archive is being imported already, or an import of it was broken off less than a day ago. Wait for it to end; what was broken off is removed after a day.
error-archive-label = The label of a slide in this archive names another case. Nothing was taken from it; tell whoever made it.

moment-imported = Taken over from an archive

audit-kind-consult-exported = Consult put into an archive
audit-kind-consult-imported = Consult taken from an archive
audit-detail-origin = Where it comes from
audit-detail-signed-texts = Digests of the opinions
