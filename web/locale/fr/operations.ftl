# Ce que disent `telepath backup`, `restore` et `check`.

operations-backup-made = { $files ->
        [one] Un fichier écrit
       *[other] { $files } fichiers écrits
    } ({ $megabytes } Mo), avec { $slides ->
        [0] aucune lame
        [1] une lame
       *[other] { $slides } lames
    }.
operations-backup-apart = Les lames restent dans leur seau et n’ont pas été copiées : seule leur présence a été vérifiée. Leur sauvegarde est celle du seau (versions, réplication).
operations-backup-audit = Le journal d’audit sauvegardé contient { $records ->
        [0] zéro enregistrement scellé
        [one] un enregistrement scellé
       *[other] { $records } enregistrements scellés
    }.
operations-backup-digest = SHA-256 du manifeste : { $digest }. Notée ailleurs, cette empreinte fait foi pour toute la sauvegarde.
operations-backup-with-keys = Les clés sont dans cette sauvegarde : qui la détient peut signer un faux journal et lire ce qu’il a de personnel. Rangez keys.json et vault.json dans un coffre, et n’y gardez que les plus récents : d’anciens rendraient lisible ce qui a été effacé depuis.
operations-backup-without-keys = Les clés ne sont pas dans cette sauvegarde. Conservez à part TELEPATH_AUDIT_KEY, TELEPATH_SECRET_KEY et TELEPATH_VAULT_KEY : sans la première, le service ne peut pas être restauré ; sans vault.json, ce que le journal a de personnel ne pourra plus être lu.
operations-backup-damaged = La lame ou la pièce jointe { $slide } est endommagée : ses fichiers manquent ou ne sont plus ceux qui ont été enregistrés.

operations-restore-done = Le service du { $made } est rétabli, avec { $slides ->
        [0] aucune lame
        [1] une lame
       *[other] { $slides } lames
    }.
operations-restore-absent = La lame ou la pièce jointe { $slide } manque dans le seau, ou n’y est pas entière. Rétablissez ses fichiers depuis les versions ou la copie du seau.
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
error-restore-unfinished = La restauration n’est PAS terminée : la base et les lames sont revenues, mais pas ce qui doit suivre, et ce qui a été effacé depuis la sauvegarde peut y être de nouveau. Ne démarrez pas le service. Corrigez ce que dit le journal technique, videz la base et le stockage, puis restaurez de nouveau.


operations-check-clock = Horloge
operations-check-database = Base de données
operations-check-storage = Stockage
operations-check-bus = Bus
operations-check-identity = Fournisseur d’identité
operations-check-mail = Courriel
operations-check-audit = Audit
operations-check-keys = Clés
operations-check-anchors = Copies extérieures de l’audit
operations-check-erasures = Effacements
operations-check-log = Journal technique
operations-check-sandbox = Isolement du décodeur
operations-check-proxy = Adresse et mandataire
operations-check-sum = Conformes : { $ok } ; à examiner : { $warning } ; en échec : { $failed }.
operations-check-no-answer = pas de réponse en { $seconds } secondes. Vérifiez que le service visé fonctionne et qu’il est joignable d’ici.
operations-check-broke = le contrôle lui-même a échoué ({ $kind }) ; le journal technique dit où. Merci de le signaler.

operations-check-clock-right = d’accord avec celle du fournisseur d’identité.
operations-check-clock-free = aucun service de temps ne la tient à l’heure. Installez et démarrez chrony (ou systemd-timesyncd).
operations-check-clock-wrong = { $seconds } secondes d’écart avec celle du fournisseur d’identité. Au-delà de 30 secondes, plus personne ne peut se connecter : démarrez chrony, puis recommencez.
operations-check-clock-alone = n’a pas pu être comparée : le fournisseur d’identité n’a pas donné l’heure. Voyez ce qui est dit de lui plus bas.

operations-check-database-good = { $kind } répond, accepte les écritures, ne perd rien, et son schéma est le plus récent ({ $revision }).
operations-check-database-unreachable = ne répond pas. Vérifiez TELEPATH_DATABASE, et que le serveur fonctionne et accepte cette machine.
operations-check-database-empty = ne contient encore rien. Lancez `telepath migrate`.
operations-check-database-behind = son schéma est { $present }, cette version attend { $newest }. Faites une sauvegarde, puis lancez `telepath migrate`.
operations-check-database-read-only = refuse les écritures. Serveur de secours, disque plein, ou droits manquants sur les tables.
operations-check-database-powerful = le rôle { $role } du service pourrait modifier ou effacer ce que l’audit a scellé ({ $rights }). Confiez les tables à un autre rôle, indiquez-le dans TELEPATH_MIGRATIONS_DATABASE, puis lancez `telepath migrate`.
operations-check-database-weak = une signature acquittée pourrait se perdre lors d’une coupure de courant : { $settings }. Remettez ces réglages à leur valeur sûre.

operations-check-storage-good = un objet a été écrit, relu et supprimé.
operations-check-storage-roomy = un objet a été écrit, relu et supprimé ; { $free } Go libres.
operations-check-storage-short = il ne reste que { $free } Go, et une lame en prend environ 2. Faites de la place, ou déplacez le stockage sur un disque plus grand.
operations-check-storage-unwritable = refuse les écritures. Vérifiez TELEPATH_STORAGE, les droits de l’utilisateur du service et l’espace libre.
operations-check-storage-refused = le seau ne fait pas ce qui lui est demandé. Vérifiez le seau, l’adresse et la région de TELEPATH_STORAGE, AWS_ACCESS_KEY_ID et AWS_SECRET_ACCESS_KEY, et les droits de cette clé (lire, écrire, supprimer, lister) : le journal technique dit ce que le serveur a répondu.
operations-check-storage-staging-short = un objet a été écrit, relu et supprimé, mais il ne reste que { $free } Go pour les copies locales des lames à décoder. Faites de la place dans TELEPATH_DATA, ou réduisez TELEPATH_STAGING_GIGABYTES.
operations-check-storage-altered = ne rend pas ce qui a été écrit. N’utilisez pas ce disque.
operations-check-storage-undeletable = garde ce qui a été supprimé. Vérifiez les droits de l’utilisateur du service.

operations-check-bus-good = ce qui est publié revient.
operations-check-bus-memory = en mémoire : convient à un seul nœud, pas à plusieurs (dans ce cas, donnez l’adresse d’un Valkey ou d’un Redis dans TELEPATH_BUS).
operations-check-bus-refused = Valkey ne fait pas ce qui lui est demandé. Vérifiez l’identifiant et le mot de passe dans TELEPATH_BUS (un signe comme @ ou / s’y écrit avec %), et ce que cet utilisateur peut faire : publish, subscribe, unsubscribe et ping, sur tous les canaux.
operations-check-bus-silent = la liaison est faite, et rien ne revient. Regardez le journal de Valkey.
operations-check-bus-tls = aucune liaison TLS ne s’établit : le certificat n’est pas reconnu, a expiré ou porte un autre nom. Vérifiez TELEPATH_BUS (rediss://, ?ssl_ca_certs=fichier).
operations-check-bus-unreachable = ne répond pas comme un Valkey. Vérifiez l’adresse dans TELEPATH_BUS (rediss:// s’il parle TLS, redis:// sinon), et que Valkey fonctionne et laisse entrer cette machine.

operations-check-identity-good = son document de découverte est bien celui de notre émetteur ; { $keys ->
        [one] une clé de signature publiée
       *[other] { $keys } clés de signature publiées
    }.
operations-check-identity-unreachable = ne répond pas. Personne ne peut se connecter : vérifiez la sortie du réseau (pare-feu, DNS) et TELEPATH_OIDC_ISSUER.
operations-check-identity-certificate = son certificat n’est pas reconnu ici. Vérifiez l’horloge et le paquet ca-certificates ; ne désactivez jamais la vérification.
operations-check-identity-status = répond { $status } au lieu de son document de découverte. Vérifiez TELEPATH_OIDC_ISSUER et TELEPATH_OIDC_DISCOVERY.
operations-check-identity-unreadable = ce qu’il donne n’est pas un document de découverte. Vérifiez TELEPATH_OIDC_DISCOVERY.
operations-check-identity-issuer = se présente comme { $issuer }, ce qui n’est pas TELEPATH_OIDC_ISSUER. Ses jetons seraient refusés : mettez-y la valeur exacte.
operations-check-identity-no-keys = ne publie aucune clé de signature utilisable. La connexion ne peut pas fonctionner : interrogez le fournisseur.

operations-check-mail-good = le serveur répond, chiffre et nous accepte ; rien n’a été envoyé.
operations-check-mail-folder = les courriels sont écrits dans un dossier et n’atteignent personne. Pour un vrai service, réglez TELEPATH_MAIL.
operations-check-mail-unwritable = le dossier des courriels refuse les écritures. Vérifiez TELEPATH_MAIL et les droits de l’utilisateur du service.
operations-check-mail-unreachable = le serveur ne répond pas comme un serveur de courriel. Vérifiez TELEPATH_MAIL et le pare-feu.
operations-check-mail-certificate = le certificat du serveur n’est pas reconnu ici. Vérifiez le nom d’hôte dans TELEPATH_MAIL et le paquet ca-certificates.
operations-check-mail-clear = le serveur ne propose pas de chiffrement, et un mot de passe n’est jamais envoyé en clair. Utilisez smtps:// ou un autre port.
operations-check-mail-login = le serveur refuse notre nom et notre mot de passe. Vérifiez TELEPATH_MAIL.
operations-check-mail-unencrypted = le serveur répond, mais ne propose pas de chiffrement. Les courriels ne portent aucune donnée de patient ; demandez tout de même TLS.

operations-check-audit-good = signé par notre clé jusqu’à l’enregistrement { $size }.
operations-check-audit-no-log = la base de données ne peut pas être interrogée. Voyez ce qui est dit d’elle plus haut.
operations-check-audit-other-key = le dernier point de contrôle n’a pas été signé par notre clé. Mettez celle du service dans TELEPATH_AUDIT_KEY.
operations-check-audit-unsigned = des enregistrements attendent une signature depuis { $minutes } minutes (dont { $unsealed } pas même scellés). Le service fonctionne-t-il ? Son journal technique dit ce qui l’arrête.
operations-check-keys-good = l’audit est signé par la clé { $number }, et le coffre s’ouvre ({ $keys } { $keys ->
        [one] clé connue
       *[other] clés connues
    }).
operations-check-keys-new = l’audit sera signé par la clé { $number }.
operations-check-keys-unknown = les dernières têtes de { $trees } ont été signées par la clé { $number }, qui n’est ni TELEPATH_AUDIT_KEY ni dans TELEPATH_AUDIT_OLD_KEYS. Ajoutez-l’y, telle que `telepath audit key` l’affichait ; l’enregistrement du changement de clé l’a gardée aussi.
operations-check-anchors-good = { $holders } lieux conservent la dernière tête signée, jusqu’à l’enregistrement { $size }.
operations-check-anchors-none = personne à l’extérieur n’en conserve encore de copie. Démarrez le service ; en production, TELEPATH_AUDIT_ANCHORS doit désigner au moins deux lieux.
operations-check-anchors-late = des enregistrements attendent depuis { $minutes } minutes que leur signature soit conservée à l’extérieur. Le service fonctionne-t-il ? Son journal technique dit ce qui l’arrête.
operations-check-anchors-troubled = { $name } n’a pas pris { $attempts } copies. { $reason }
operations-check-anchors-gap = { $anchor } conserve une signature sur { $signed } enregistrements de l’arbre { $tree }, et il y en a { $present } ici : il en manque, ou ils ont été réécrits. Lancez `telepath audit verify`, et cherchez qui a eu accès à la base.
operations-check-erasures-good = { $count ->
        [0] la liste est vide.
        [one] la liste nomme un effacement ; rien n’en reste dans la base.
       *[other] la liste nomme { $count } effacements ; rien n’en reste dans la base.
    }
operations-check-erasures-there = { $count ->
        [one] ce qu’un effacement a supprimé est de nouveau dans la base.
       *[other] ce que { $count } effacements ont supprimé est de nouveau dans la base.
    } Lancez `telepath erase-again`.
operations-check-erasures-false = la liste contient un fichier que personne de connu n’a signé, et qui n’est pas suivi : { $file }. Cherchez qui l’a écrit ou modifié ; si la clé de l’audit a changé, mettez l’ancienne dans TELEPATH_AUDIT_OLD_KEYS.
operations-check-erasures-unknown = la base ne répond pas : rien ne dit si ce qui a été effacé l’est resté.
operations-check-log-good = son dossier accepte les écritures ; { $days } jours sont conservés.
operations-check-log-unwritable = son dossier refuse les écritures. Vérifiez TELEPATH_LOG_FOLDER, son propriétaire et le disque.

operations-check-sandbox-good = un décodeur ne voit que le dossier de sa lame, n’a pas de réseau, et ses ressources sont limitées.
operations-check-sandbox-missing = protections absentes de ce système : { $missing }. Les lames sont ouvertes malgré cela. Utilisez un noyau doté de Landlock (5.13 ou plus récent), ou installez bubblewrap ; l’unité doit l’autoriser (deploy/telepath.service), et le service ne doit pas fonctionner sous root dans un conteneur sans droits.
operations-check-sandbox-refused = protections absentes de ce système : { $missing }. Aucune lame n’est donc ouverte. Utilisez un noyau doté de Landlock (5.13 ou plus récent), ou installez bubblewrap, et une unité qui l’autorise (deploy/telepath.service) ; ou indiquez TELEPATH_DECODER_SANDBOX=optional, et faites confiance à tous les fichiers.

operations-check-proxy-good = { $origin } répond et laisse passer les WebSockets.
operations-check-proxy-unreachable = { $origin } ne répond pas. Vérifiez TELEPATH_ORIGIN, le DNS, nginx, et que le service fonctionne.
operations-check-proxy-certificate = le certificat n’est pas reconnu, ou n’est pas pour ce nom. Vérifiez son renouvellement, et la chaîne complète dans nginx.
operations-check-proxy-no-upgrade = aucun WebSocket ne passe (HTTP { $status }). Comparez nginx à deploy/nginx.conf, et TELEPATH_ORIGIN à l’adresse publique. En attendant, les salles passent par des voies plus lentes.
operations-check-proxy-altered = un équipement intermédiaire modifie ce qui est envoyé. Cherchez un mandataire filtrant.
operations-check-proxy-expires = fonctionne, mais le certificat expire le { $date }. Renouvelez-le.

audit-clock-source-chrony = chrony
audit-clock-source-systemd-timesyncd = systemd-timesyncd
audit-clock-source-ntpsec = ntpsec
audit-clock-source-ntp = ntp
audit-clock-source-unknown = source inconnue
