# Ce que disent les commandes `telepath demo`, `migrate`, `slides add`, `institutions`, `people` et `audit verify`.

demo-starting = telepath prépare sa démonstration dans « { $folder } ». La première fois, les lames sont dessinées : environ deux minutes.
demo-slide = Lame { $name }
demo-ready =

    telepath est prêt :  { $address }

    À essayer
      1. Ouvrez l’adresse, « Se connecter », choisissez la Dr Inès Flamboyant (Cayenne).
         Ouvrez le dossier CAY-26-0412, regardez la lame, demandez un avis : choisissez la Dr Claire Houblon.
         Sa lame « A1 IF » est en fluorescence : canaux et mise au point. Celle de CAY-26-0398 a un profil de couleur.
      2. Dans une fenêtre privée, connectez-vous comme Dr Claire Houblon (Lille) :
         la demande l’attend. Acceptez-la, ouvrez la lame, puis « Ouvrir en direct ».
      3. Mme Nadia Registre (audit) voit qui a vu et fait quoi.
      4. La Dr Inès Flamboyant a aussi un avis à lire, un complément à fournir (CAY-26-0389), un refus à réorienter (CAY-26-0410),
         une demande en retard, et deux relectures LYMPHOPATH, dont une discordance chez un troisième lecteur (CAY-26-0342).
      5. La Dr Solène Balata (Cayenne) : qui attend qui, le groupe d’experts et ses astreintes, les statistiques d’un an.
         La Dr Blanche Dentelle (Lille) : le relevé d’activité, à imprimer.

    Deux personnes sur un même ordinateur : il faut une fenêtre privée pour la seconde.
    Arrêter : Ctrl + C. Les données restent, le prochain démarrage les retrouve.

command-migrated = La base de données est à jour.
command-slide-added = Lame ajoutée au dossier { $number } : { $width } × { $height } px, { $format }.
command-audit-unaltered = Rien n’a été altéré : { $records ->
        [0] aucun enregistrement
        [one] un enregistrement
       *[other] { $records } enregistrements
    }, { $checkpoints } têtes signées, { $anchored } comparées à leur copie extérieure.
command-audit-due = Arbre { $tree } : { $records } enregistrements, tous plus anciens que la durée de conservation.
command-audit-to-delete = Rien n’est encore effacé. Pour les effacer définitivement en gardant leur dernière tête signée : la même commande avec --delete.
command-audit-retired = Arbre { $tree } : { $records } enregistrements effacés. Sa dernière tête signée demeure, et le journal en fait état.
command-audit-nothing-to-retire = { $years ->
        [0] Rien à retirer : l’audit est conservé sans limite (TELEPATH_AUDIT_RETENTION_YEARS).
       *[other] Rien à retirer : aucun arbre clos n’a plus de { $years } ans (TELEPATH_AUDIT_RETENTION_YEARS).
    }
command-audit-of-retired = Arbre { $tree } : retiré, seule sa dernière tête signée demeure.
command-audit-altered = LE JOURNAL A ÉTÉ ALTÉRÉ. { $records } enregistrements lus, { $checkpoints } têtes signées, { $anchored } copies extérieures. Ne modifiez plus rien et prévenez le responsable de la sécurité.

command-institution-added = Établissement enregistré : { $name }, FINESS { $finess }.
command-institutions-none = Il n’y a encore aucun établissement. Enregistrez le premier par « telepath institutions add ».
command-finess-unusual = Attention : la clé de ce numéro FINESS ne correspond pas. C’est normal pour un numéro d’essai, pas pour un établissement réel : vérifiez-le dans l’annuaire.
command-rpps-unusual = Attention : la clé de ce numéro RPPS ne correspond pas. C’est normal pour un numéro d’essai, pas pour un professionnel réel : vérifiez-le dans l’annuaire.
command-person-added = Personne enregistrée : { $name }, identifiant { $identifier }. Elle pourra se connecter quand « telepath people roles » lui aura donné un rôle dans un établissement.
command-people-none = Il n’y a encore personne. Enregistrez la première personne par « telepath people add ».
command-roles-set = { $name } a ces rôles dans l’établissement { $institution } : { $roles }.
command-roles-ended = { $name } n’appartient plus à l’établissement { $institution }.
command-expertise-set = Des avis pourront être demandés à { $name } ({ $institution }) sur : { $organs }.
command-expertise-unavailable = Plus aucun avis ne sera demandé à { $name } ({ $institution }) sur : { $organs }.

command-unavailable = « telepath check » dit ce qui ne répond pas, et quel réglage vérifier.

error-command-system = Le système d’exploitation refuse ({ $reason }). Vérifiez TELEPATH_DATA, ses droits et la place qui reste.
error-command-not-started = Le service n’a pas démarré : le journal ci-dessus en donne la raison.
error-case-unknown = Aucun dossier { $number } dans l’établissement { $institution }. Vérifiez le numéro FINESS et le numéro du dossier.
error-demo-in-production = La démonstration ne démarre pas en production. Retirez TELEPATH_PRODUCTION, ou lancez « telepath serve ».
error-database-not-migrated = Le schéma de la base n’est pas à jour. Lancez « telepath migrate » avec un compte qui en a le droit.
error-database-role = Le rôle { $role } de la base pourrait modifier ou effacer ce que l’audit a scellé ({ $rights }). Qui prendrait la main sur cette machine pourrait alors réécrire qui a vu quoi : le service ne démarre pas. Confiez les tables à un autre rôle, indiquez son adresse dans TELEPATH_MIGRATIONS_DATABASE, puis lancez « telepath migrate » (deploy/README.md, étape 2).
error-vault-key-wrong = La clé TELEPATH_VAULT_KEY n’est pas celle sous laquelle la base garde les données personnelles de l’audit : elle ne pourrait pas les lire. Remettez la clé d’avant. Si elle est perdue, ces données le sont aussi : voyez deploy/README.md, étape 3.
error-audit-retire-role = Le rôle { $role } ne peut rien effacer de l’audit, et c’est voulu. Lancez cette commande avec celui à qui les tables appartiennent, indiqué dans TELEPATH_MIGRATIONS_DATABASE.
error-database-other = TELEPATH_DATABASE et TELEPATH_MIGRATIONS_DATABASE mènent à deux bases différentes. Les deux doivent désigner la même, chacune avec son propre rôle.

error-directory-finess = Un numéro FINESS a neuf caractères : des chiffres et, en deuxième place, parfois une lettre (2A et 2B en Corse). Recopiez-le depuis annuaire.esante.gouv.fr.
error-directory-finess-key = La clé de ce numéro FINESS ne correspond pas aux autres chiffres : l’un d’eux est sans doute faux. Recopiez-le depuis annuaire.esante.gouv.fr ; s’il y est écrit ainsi, ajoutez --unusual.
error-directory-rpps = Un numéro RPPS a onze chiffres, sans le 8 que Pro Santé Connect met devant. Recopiez-le depuis annuaire.esante.gouv.fr.
error-directory-rpps-key = Ce numéro RPPS n’existe pas : son dernier chiffre ne correspond pas aux autres. L’un d’eux est faux : recopiez-le depuis annuaire.esante.gouv.fr.
error-directory-identifier = Un SubjectNameID a 64 caractères au plus, sans espace ni accent ; avec un numéro RPPS, c’est 8 suivi de ce numéro. Recopiez-le tel que Pro Santé Connect le donne.
error-directory-email = On ne peut pas écrire à cette adresse. Donnez-en une comme nom@example.org, sans accent, ou retirez --email.
error-directory-code = Le champ « { $field } » attend un code en majuscules et chiffres, { $limit } au plus. Recopiez-le depuis la terminologie que nomme l’aide de la commande.
error-directory-region = Cette région n’existe pas. Donnez son code INSEE : { $known }.
error-directory-time-zone = Ce fuseau horaire n’existe pas. Donnez son nom IANA, majuscules comprises, comme Europe/Paris ou America/Cayenne ; sans --time-zone, c’est celui de la région.
error-directory-choice = Le champ « { $field } » attend une de ces valeurs : { $known }.
error-directory-person-unknown = Personne n’a l’identifiant { $identifier }. Voyez « telepath people list », ou enregistrez la personne par « telepath people add ».
error-directory-institution-unknown = Aucun établissement n’a le FINESS { $finess }. Voyez « telepath institutions list », ou enregistrez-le par « telepath institutions add ».
error-directory-not-an-expert = { $name } n’a pas le rôle d’expert à { $institution }. Donnez-le d’abord avec « people roles ».
error-directory-not-a-member = { $name } n’a aucun rôle dans l’établissement { $institution }. Vérifiez l’un et l’autre par « telepath people list », ou donnez un rôle par « telepath people roles ».
