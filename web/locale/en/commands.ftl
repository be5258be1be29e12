# What the commands `telepath demo`, `migrate`, `slides add`, `institutions`, `people` and `audit verify` say.

demo-starting = telepath prepares its demonstration in "{ $folder }". The first time its slides are drawn: about two minutes.
demo-slide = Slide { $name }
demo-ready =

    telepath is ready:  { $address }

    What to try
      1. Open the address, sign in, pick Dr Inès Flamboyant (Cayenne).
         Open the case CAY-26-0412, look at its slide, ask for an opinion: choose Dr Claire Houblon.
         Its slide “A1 IF” is one of fluorescence: channels and focus. That of CAY-26-0398 has a colour profile.
      2. In a private window sign in as Dr Claire Houblon (Lille):
         the request is waiting. Accept it, open the slide, then "Open live".
      3. Ms Nadia Registre (audit) sees who saw and did what.
      4. Dr Inès Flamboyant also has an opinion to read, material to provide (CAY-26-0389), a refusal to send elsewhere (CAY-26-0410),
         a late request, and two LYMPHOPATH second readings, one of them disputed and with a third reader (CAY-26-0342).
      5. Dr Solène Balata (Cayenne): who waits for whom, the pool and its duties, the statistics of a year.
         Dr Blanche Dentelle (Lille): the activity statement, to be printed.

    Two people on one computer: the second needs a private window.
    Stop: Ctrl + C. The data stays; the next start finds it again.

command-migrated = The database is up to date.
command-slide-added = Slide added to case { $number }: { $width } × { $height } px, { $format }.
command-audit-unaltered = Nothing was altered: { $records ->
        [0] no record
        [one] one record
       *[other] { $records } records
    }, { $checkpoints } signed heads, { $anchored } compared with their copy outside.
command-audit-due = Tree { $tree }: { $records } records, all older than the retention.
command-audit-to-delete = Nothing was deleted yet. To delete them for good, keeping their last signed head: the same command with --delete.
command-audit-retired = Tree { $tree }: { $records } records deleted. Its last signed head stays, and the log says so.
command-audit-nothing-to-retire = { $years ->
        [0] Nothing to retire: the audit is kept for ever (TELEPATH_AUDIT_RETENTION_YEARS).
       *[other] Nothing to retire: no closed tree is older than { $years } years (TELEPATH_AUDIT_RETENTION_YEARS).
    }
command-audit-of-retired = Tree { $tree }: retired, only its last signed head is kept.
command-audit-altered = THE LOG WAS ALTERED. { $records } records read, { $checkpoints } signed heads, { $anchored } copies outside. Change nothing more and tell whoever is responsible for security.

command-institution-added = Institution entered: { $name }, FINESS { $finess }.
command-institutions-none = There is no institution yet. Enter the first with "telepath institutions add".
command-finess-unusual = Beware: the check digit of this FINESS number does not fit. That is normal for a test number, not for a real institution: look it up in the register.
command-rpps-unusual = Beware: the check digit of this RPPS number does not fit. That is normal for a test number, not for a real professional: look it up in the register.
command-person-added = Person entered: { $name }, identifier { $identifier }. They can sign in once "telepath people roles" has given them a role in an institution.
command-people-none = There is nobody yet. Enter the first person with "telepath people add".
command-roles-set = { $name } has these roles in { $institution }: { $roles }.
command-roles-ended = { $name } no longer belongs to { $institution }.
command-expertise-set = { $name } ({ $institution }) is asked for opinions on: { $organs }.
command-expertise-unavailable = { $name } ({ $institution }) is no longer asked for opinions on: { $organs }.

command-unavailable = "telepath check" says what does not answer, and which setting to look at.

error-command-system = The operating system refuses ({ $reason }). Check TELEPATH_DATA, its rights and the space left.
error-command-not-started = The service did not start: the log above says why.
error-case-unknown = There is no case { $number } in institution { $institution }. Check the FINESS number and the case's number.
error-demo-in-production = The demonstration does not start in production. Remove TELEPATH_PRODUCTION, or run "telepath serve".
error-database-not-migrated = The database's schema is not the newest. Run "telepath migrate" with an account that may.
error-database-role = The database role { $role } could change or delete what the audit has sealed ({ $rights }). Whoever takes over this machine could then rewrite who saw what, so the service does not start. Let another role own the tables, put its address into TELEPATH_MIGRATIONS_DATABASE, and run "telepath migrate" (deploy/README.md, step 2).
error-vault-key-wrong = TELEPATH_VAULT_KEY is not the key under which the database keeps the personal data of the audit: it could not read them. Put the former key back. If it is lost, so are these data: see deploy/README.md, step 3.
error-audit-retire-role = The role { $role } can delete nothing of the audit, and that is on purpose. Run this command with the role that owns the tables, in TELEPATH_MIGRATIONS_DATABASE.
error-database-other = TELEPATH_DATABASE and TELEPATH_MIGRATIONS_DATABASE lead to different databases. Both must name the same one, each with its own role.

error-directory-finess = A FINESS number has nine characters: digits, and at the second place perhaps a letter (2A and 2B in Corsica). Copy it from annuaire.esante.gouv.fr.
error-directory-finess-key = The check digit of this FINESS number does not fit the others: one of them is probably wrong. Copy it from annuaire.esante.gouv.fr; if it is written so there, add --unusual.
error-directory-rpps = An RPPS number has eleven digits, without the 8 that Pro Santé Connect puts in front. Copy it from annuaire.esante.gouv.fr.
error-directory-rpps-key = This RPPS number does not exist: its last digit does not fit the others. One of them is wrong: copy it from annuaire.esante.gouv.fr.
error-directory-identifier = A SubjectNameID has 64 characters at most, without spaces or accents; with an RPPS number it is 8 and that number. Copy it as Pro Santé Connect gives it.
error-directory-email = This is not an address that mail can be sent to. Give one such as name@example.org, without accents, or leave --email out.
error-directory-code = The field “{ $field }” takes a code of capital letters and digits, { $limit } at most. Copy it from the terminology that the help of the command names.
error-directory-region = There is no such region. Give its INSEE code: { $known }.
error-directory-time-zone = There is no such time zone. Give its IANA name, capitals included, such as Europe/Paris or America/Cayenne; without --time-zone it is that of the region.
error-directory-choice = The field “{ $field }” takes one of these: { $known }.
error-directory-person-unknown = Nobody has the identifier { $identifier }. Look in "telepath people list", or enter the person with "telepath people add".
error-directory-institution-unknown = No institution has the FINESS { $finess }. Look in "telepath institutions list", or enter it with "telepath institutions add".
error-directory-not-an-expert = { $name } does not have the role of expert at { $institution }. Give it first with “people roles”.
error-directory-not-a-member = { $name } has no role in { $institution }. Check both in "telepath people list", or give a role with "telepath people roles".
