# What went wrong and why (error-<code>), then a title and an advice for each kind of answer.
# The other areas keep the sentences of their own codes in their own files.

error-internal = Une erreur interne est survenue. Rien de ce qui était enregistré n’a été perdu.
error-not-found = Cette page n’existe pas, ou vous n’y avez pas accès.
error-method = Cette adresse ne s’utilise pas de cette façon.
error-request = La demande n’a pas pu être comprise.
error-unauthenticated = Votre session est terminée, ou vous n’êtes pas identifié.
error-step-up-required = Cette action demande de confirmer votre identité.
error-invalid = Une des informations saisies n’est pas valable.
error-invalid-transition = Cette action n’est plus possible dans l’état actuel.
error-too-large = L’envoi dépasse la taille permise.
error-audit-tree = La trace d’audit a été endommagée dans la base : rien n’est scellé tant que l’administrateur ne l’a pas vérifiée (telepath audit verify).
error-too-many-requests = Trop de demandes sont venues de ce poste en peu de temps.

error-form-unreadable = Le formulaire reçu est illisible.
error-form-too-large = Le formulaire dépasse { $limit } ko.
error-field-too-long = Le champ « { $field } » compte { $length } caractères ; il en accepte { $limit } au plus.
error-field-unseen = Cette page a joint d’elle-même une information qui ne convient pas. Rechargez-la, puis recommencez.
error-field-too-many = Le champ « { $field } » accepte { $limit } valeurs au plus.
error-field-choice = La valeur du champ « { $field } » ne fait pas partie des choix proposés.
error-field-number = Le champ « { $field } » attend un nombre entier entre { $lowest } et { $highest }.

error-setting-unknown = Le réglage { $name } n’existe pas.
error-setting-invalid = { $reason ->
        [number] Le réglage { $name } doit être un nombre.
        [positive] Le réglage { $name } doit être un nombre supérieur à zéro.
        [port] Le réglage { $name } doit être un numéro de port, de 1 à 65535.
        [sandbox] Le réglage { $name } doit être « required » ou « optional ».
        [flag] Le réglage { $name } doit être « true » ou « false ».
        [origin] Le réglage { $name } doit être l’adresse telle que les navigateurs l’affichent, en minuscules et sans rien après le nom : par exemple https://telepath.example.org
        [address] Le réglage { $name } doit être une adresse qui commence par https:// (ou http:// pour un essai).
        [networks] Le réglage { $name } doit contenir des adresses IP ou des réseaux, séparés par des virgules.
        [level] Le réglage { $name } doit être critical, error, warning, info ou debug.
        [key] Le réglage { $name } doit contenir 64 chiffres hexadécimaux.
        [scheme] Le réglage { $name } doit commencer par un des préfixes pris en charge, donnés dans deploy/telepath.env.example.
        [folder] Le réglage { $name } doit être un dossier où le service peut écrire.
        [months] Le réglage { $name } doit être un nombre de jours de 183 à 366 : six à douze mois.
        [years] Le réglage { $name } doit être un nombre d’années, au moins 1 ; ou 0 pour ne jamais rien retirer.
        [verifier-keys] Le réglage { $name } doit contenir des clés de vérification telles que `telepath audit key` les affiche, séparées par des virgules.
        [client-auth] Le réglage { $name } doit être client_secret_basic, private_key_jwt ou tls_client_auth.
        [endpoints] Le réglage { $name } doit contenir des paires nom=adresse séparées par des espaces, avec les noms du document de découverte : par exemple token_endpoint=https://…
        [oidc-scope] Le réglage { $name } doit contenir openid.
        [channel] Le réglage { $name } doit être CARD, MOBILE ou vide.
        [acr] Le réglage { $name } doit contenir des niveaux séparés par des virgules, sans en laisser un vide, et de 255 caractères au plus.
        [one-key] Les réglages TELEPATH_VAULT_KEY et { $name } disent la même chose : ne gardez que l’un des deux.
        [bus] Le réglage { $name } doit avoir la forme redis://identifiant:motdepasse@hôte:6379 (rediss:// avec TLS, unix:///chemin), les signes comme @ ou / du mot de passe écrits avec %, et les fichiers qu’il nomme doivent exister.
        [bucket] Le réglage { $name } doit avoir la forme s3://seau/préfixe?endpoint=https://s3.example&region=fr-par, sans identifiant ni mot de passe : donnez-les par AWS_ACCESS_KEY_ID et AWS_SECRET_ACCESS_KEY.
        [bucket-tls] En production, le stockage que nomme { $name } doit être joint en https : les lames passeraient en clair sur le réseau.
        [key-file] Le fichier que nomme { $name } doit contenir 64 chiffres hexadécimaux, et rien d’autre.
       *[other] Le réglage { $name } n’est pas valable.
    }
error-setting-insecure-origin = En production, l’adresse publique doit commencer par https://.
error-setting-simulator = En production, le réglage { $name } ne peut pas être celui du simulateur.
error-setting-secret-missing = En production, le réglage { $name } doit contenir le secret que le fournisseur d’identité a remis avec l’identifiant.
error-setting-key-missing = En production, le réglage { $name } doit contenir 64 chiffres hexadécimaux.
error-key-file-missing = Le fichier que nomme le réglage { $name } est introuvable, ou le service ne peut pas le lire. Sans lui, les identités des patients sont illisibles. Vérifiez le chemin et le propriétaire du fichier.
error-key-file-open = D’autres que le service peuvent lire le fichier que nomme le réglage { $name } : la clé n’y est pas en sûreté. Retirez-leur ce droit (chmod 0400), puis relancez le service.
error-setting-insecure-issuer = En production, le fournisseur d’identité doit être joint en https.

error-title-400 = Demande incorrecte
error-title-401 = Identification nécessaire
error-title-403 = Action non permise
error-title-404 = Page introuvable
error-title-405 = Action impossible ici
error-title-409 = La situation a changé
error-title-413 = Envoi trop volumineux
error-title-422 = Information non valable
error-title-429 = Trop de demandes
error-title-500 = Erreur interne
error-title-503 = Service momentanément indisponible

error-advice-400 = Revenez à la page précédente et recommencez.
error-advice-401 = Identifiez-vous, puis recommencez. Un texte saisi dans la page précédente s’y trouve encore.
error-advice-403 = Si vous pensez que cette action vous revient, adressez-vous à l’équipe qui gère telepath.
error-advice-404 = Vérifiez l’adresse, ou demandez l’accès à la personne qui vous a communiqué ce lien.
error-advice-405 = Revenez à la page précédente et utilisez ses boutons.
error-advice-409 = Revenez à la page précédente, rechargez-la pour voir l’état actuel, puis reprenez votre action si elle reste utile.
error-advice-413 = Réduisez l’envoi, puis recommencez.
error-advice-422 = Revenez à la page précédente, corrigez, puis recommencez : votre saisie s’y trouve encore.
error-advice-429 = Attendez une minute, puis recommencez.
error-advice-500 = Recommencez dans un instant. Si l’erreur persiste, communiquez la référence ci-dessous à l’équipe qui gère telepath.
error-advice-503 = Recommencez dans un instant. Un avis urgent peut toujours être demandé par téléphone.

error-reference = Référence { $reference }
error-login = S’identifier
error-home = Retour à la liste de travail
error-back = Retour à la page précédente
