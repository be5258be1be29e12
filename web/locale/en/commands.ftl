# What the commands `telepath demo`, `migrate`, `slides add` and `audit verify` say.

demo-starting = telepath prepares its demonstration in "{ $folder }". The first time its slides are drawn: about two minutes.
demo-slide = Slide { $name }
demo-ready =

    telepath is ready:  { $address }

    What to try
      1. Open the address, sign in, pick Dr Inès Flamboyant (Cayenne).
         Open the case CAY-26-0412, look at its slide, ask for an opinion.
      2. In a private window sign in as Dr Claire Houblon (Lille):
         the request is waiting. Accept it, open the slide, then "Open live".
      3. Ms Nadia Registre (audit) sees who saw and did what.

    Two people on one computer: the second needs a private window.
    Stop: Ctrl + C. The data stays; the next start finds it again.

command-migrated = The database is up to date.
command-slide-added = Slide added to case { $number }: { $width } × { $height } px, { $format }.
command-audit-unaltered = Nothing was altered: { $records ->
        [0] no record
        [one] one record
       *[other] { $records } records
    }, { $checkpoints } signed heads, { $anchored } compared with their copy outside.
command-audit-altered = THE LOG WAS ALTERED. { $records } records read, { $checkpoints } signed heads, { $anchored } copies outside. Change nothing more and tell whoever is responsible for security.

error-command-system = The operating system refuses ({ $reason }). Check TELEPATH_DATA, its rights and the space left.
error-command-not-started = The service did not start: the log above says why.
error-case-unknown = There is no case { $number } in institution { $institution }. Check the FINESS number and the case's number.
error-demo-in-production = The demonstration does not start in production. Remove TELEPATH_PRODUCTION, or run "telepath serve".
error-database-not-migrated = The database's schema is not the newest. Run "telepath migrate" with an account that may.
