# Ce que disent `telepath backup`, `restore` et `check`.

operations-backup-made = { $files ->
        [one] Un fichier écrit
       *[other] { $files } fichiers écrits
    } ({ $megabytes } Mo), avec { $slides ->
        [0] aucune lame
        [1] une lame
       *[other] { $slides } lames
    }.
operations-backup-audit = Le journal d’audit sauvegardé contient { $records ->
        [0] zéro enregistrement scellé
        [one] un enregistrement scellé
       *[other] { $records } enregistrements scellés
    }.
operations-backup-digest = SHA-256 du manifeste : { $digest }. Notée ailleurs, cette empreinte fait foi pour toute la sauvegarde.
operations-backup-with-keys = Les clés sont dans cette sauvegarde : qui la détient peut signer un faux journal. Gardez-la sous clé.
operations-backup-without-keys = Les clés ne sont pas dans cette sauvegarde. Conservez à part TELEPATH_AUDIT_KEY et TELEPATH_SECRET_KEY : sans la première, le service ne peut pas être restauré.
operations-backup-damaged = La lame { $slide } est endommagée : ses fichiers manquent ou ne sont plus ceux qui ont été enregistrés.

operations-restore-done = Le service du { $made } est rétabli, avec { $slides ->
        [0] aucune lame
        [1] une lame
       *[other] { $slides } lames
    }.
operations-restore-records = Son journal d’audit contient { $records ->
        [0] zéro enregistrement
        [one] un enregistrement
       *[other] { $records } enregistrements
    }.
operations-restore-no-witness = Aucun point de contrôle signé n’a été trouvé hors de la sauvegarde : rien ne permet de savoir si quelque chose s’est passé après elle.
operations-restore-missing = { $missing ->
        [one] Un enregistrement d’audit manque
       *[other] { $missing } enregistrements d’audit manquent
    } : le dernier point de contrôle conservé hors de la sauvegarde a été signé pour { $anchored } enregistrements ({ $last }). Ce qui a été fait depuis la sauvegarde est perdu ; prévenez les personnes concernées.
operations-restore-set-aside = { $count ->
        [one] Le point de contrôle de la période perdue a été rangé
       *[other] Les { $count } points de contrôle de la période perdue ont été rangés
    } dans un dossier à part, parmi les ancrages : conservez-le comme preuve.
operations-restore-nothing-missing = Rien ne manque : le dernier point de contrôle conservé hors de la sauvegarde a été signé pour { $anchored } enregistrements.
operations-restore-audit-good = Le journal d’audit est vérifié : rien n’y a été modifié.
operations-restore-audit-bad = La vérification du journal d’audit ÉCHOUE. N’ouvrez pas le service avant d’avoir compris pourquoi :

error-backup-target-exists = La destination de la sauvegarde existe déjà. Donnez le nom d’un nouveau dossier.
error-backup-disk-short = Le disque est trop petit : il faut { $needed } Mo, il reste { $free } Mo.
error-backup-write-failed = La sauvegarde n’a pas pu être écrite ; rien n’en a été gardé. Le journal technique nomme le fichier.
error-backup-database-damaged = La copie de la base de données est endommagée : le contrôle de SQLite la refuse. Vérifiez le disque avant toute chose.
error-backup-program-missing = Le programme { $program } est absent : installez le paquet Debian { $package }.
error-backup-program-old = { $program } est en version { $version }, plus ancienne que le PostgreSQL { $server } à lire : installez le paquet { $package }.
error-backup-program-failed = { $program } a échoué (code { $status }) ; le journal technique dit pourquoi.
error-restore-no-backup = Ce dossier n’est pas une sauvegarde de telepath.
error-restore-file-missing = La sauvegarde est incomplète : il manque { $file }.
error-restore-file-altered = La sauvegarde a été modifiée : { $file } n’est plus ce qui avait été écrit.
error-restore-file-stranger = La sauvegarde a été modifiée : { $file } n’en fait pas partie.
error-restore-newer = Cette sauvegarde vient d’un telepath plus récent ({ $version }) : installez d’abord cette version.
error-restore-other-database = Cette sauvegarde contient une base { $made }, les réglages désignent { $here } : une sauvegarde se restaure dans le même type de base.
error-restore-not-empty = Le service n’est pas vide. Ne restaurez que dans une base et un stockage vides.
error-restore-audit-key = Le journal d’audit de cette sauvegarde a été signé par une autre clé. Mettez l’ancienne clé dans TELEPATH_AUDIT_KEY.
