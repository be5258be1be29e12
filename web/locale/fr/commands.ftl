# Ce que disent les commandes `telepath demo`, `migrate`, `slides add` et `audit verify`.

demo-starting = telepath prépare sa démonstration dans « { $folder } ». La première fois, les lames sont dessinées : environ deux minutes.
demo-slide = Lame { $name }
demo-ready =

    telepath est prêt :  { $address }

    À essayer
      1. Ouvrez l’adresse, « Se connecter », choisissez la Dr Inès Flamboyant (Cayenne).
         Ouvrez le dossier CAY-26-0412, regardez la lame, demandez un avis.
      2. Dans une fenêtre privée, connectez-vous comme Dr Claire Houblon (Lille) :
         la demande l’attend. Acceptez-la, ouvrez la lame, puis « Ouvrir en direct ».
      3. Mme Nadia Registre (audit) voit qui a vu et fait quoi.

    Deux personnes sur un même ordinateur : il faut une fenêtre privée pour la seconde.
    Arrêter : Ctrl + C. Les données restent, le prochain démarrage les retrouve.

command-migrated = La base de données est à jour.
command-slide-added = Lame ajoutée au dossier { $number } : { $width } × { $height } px, { $format }.
command-audit-unaltered = Rien n’a été altéré : { $records ->
        [0] aucun enregistrement
        [one] un enregistrement
       *[other] { $records } enregistrements
    }, { $checkpoints } têtes signées, { $anchored } comparées à leur copie extérieure.
command-audit-altered = LE JOURNAL A ÉTÉ ALTÉRÉ. { $records } enregistrements lus, { $checkpoints } têtes signées, { $anchored } copies extérieures. Ne modifiez plus rien et prévenez le responsable de la sécurité.

error-command-system = Le système d’exploitation refuse ({ $reason }). Vérifiez TELEPATH_DATA, ses droits et la place qui reste.
error-command-not-started = Le service n’a pas démarré : le journal ci-dessus en donne la raison.
error-case-unknown = Aucun dossier { $number } dans l’établissement { $institution }. Vérifiez le numéro FINESS et le numéro du dossier.
error-demo-in-production = La démonstration ne démarre pas en production. Retirez TELEPATH_PRODUCTION, ou lancez « telepath serve ».
error-database-not-migrated = Le schéma de la base n’est pas à jour. Lancez « telepath migrate » avec un compte qui en a le droit.
