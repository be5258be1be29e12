# Lames que l’on envoie : sur la page du dossier, et par l’interface de programmation.

uploads-add = Ajouter des lames
uploads-drop = Déposez des lames ici, ou choisissez-les
uploads-choose-files = Choisir des fichiers
uploads-choose-folder = Choisir un dossier
uploads-hint = SVS, NDPI, TIFF, DICOM, MIRAX, CZI… Une lame de plusieurs fichiers (MIRAX, DICOM, Hamamatsu VMS) se choisit par son dossier, ou s’envoie dans un fichier ZIP.
uploads-needs-script = Pour envoyer des lames d’ici, JavaScript doit être autorisé dans ce navigateur. Sinon l’administrateur de telepath peut les ajouter sur le serveur.
uploads-label = Étiquette
uploads-label-hint = L’étiquette est ce qui se lit dans la liste des lames : sans elle, le bloc et la coloration. Jamais le nom d’un patient.
uploads-stain = Coloration
uploads-block = Bloc
uploads-specimen = Prélèvement
uploads-specimen-none = non précisé
uploads-facts-hint = Pour les lames que vous allez choisir ; coloration et bloc se corrigent ensuite.
uploads-list = Vos envois
uploads-pause = Suspendre
uploads-resume = Reprendre
uploads-pause-of = Suspendre l’envoi de { $name }
uploads-resume-of = Reprendre l’envoi de { $name }
uploads-discard = Abandonner
uploads-discard-of = Abandonner l’envoi de { $name }
uploads-dismiss = Retirer de la liste
uploads-dismiss-of = Retirer { $name } de la liste
uploads-open = Ouvrir la lame
uploads-open-of = Ouvrir la lame { $name }
uploads-state-receiving = Envoi
uploads-state-queued = En attente
uploads-state-paused = Suspendu
uploads-state-cut = Ligne coupée
uploads-state-unchosen = À reprendre
uploads-state-waiting = Reçue
uploads-state-checking = Vérification
uploads-state-registered = Ajoutée
uploads-state-held = Retenue
uploads-state-refused = Refusée
uploads-state-twice = Déjà dans le dossier
uploads-progress = { $percent } % de { $size }
uploads-pace = { $rate }/s, encore { $left }
uploads-files = { $count ->
        [one] 1 fichier
       *[other] { $count } fichiers
    }
uploads-left-seconds = moins d’une minute
uploads-left-minutes = { $minutes ->
        [one] 1 minute
       *[other] { $minutes } minutes
    }
uploads-left-hours = { $hours } h { $minutes } min
uploads-cut = La ligne est coupée. L’envoi reprend seul dès qu’elle revient ; rien de ce qui est arrivé n’est perdu.
uploads-signed-out = Votre session est terminée. Identifiez-vous de nouveau : l’envoi reprendra où il en est.
uploads-unchosen = Choisissez de nouveau les mêmes fichiers : l’envoi reprendra où il en est, jusqu’au { $until }.
uploads-keep-open = Gardez cet onglet ouvert jusqu’à la fin de l’envoi. S’il se ferme, rien n’est perdu : choisissez de nouveau les mêmes fichiers ici pour reprendre.
uploads-may-close = Tout est arrivé. Vous pouvez fermer cet onglet : la vérification se poursuit sans lui.
uploads-wait-checking = La lame est reçue en entier ; elle est vérifiée avant d’entrer dans le dossier.
uploads-twin = Attention : le même fichier est aussi dans le dossier { $number }. L’un des deux est une erreur ; vérifiez l’étiquette des lames.
uploads-held-see = Voir les lames retenues
uploads-done-registered = { $name } : lame ajoutée au dossier.
uploads-done-held = { $name } : lame retenue.
uploads-done-twice = { $name } : cette lame est déjà dans le dossier.
uploads-done-refused = { $name } : lame refusée.
uploads-skipped = { $count ->
        [one] 1 fichier laissé de côté : ce n’est pas une lame ({ $names }).
       *[other] { $count } fichiers laissés de côté : ce ne sont pas des lames ({ $names }).
    }
uploads-missing-folder = { $name } : il manque le dossier « { $folder } » qui l’accompagne. Choisissez le dossier qui contient les deux.
uploads-missing-index = { $name } : son dossier n’a pas de fichier Slidedat.ini. Copiez de nouveau la lame depuis le scanner.
uploads-missing-parts = { $name } : il manque { $count ->
        [one] un des fichiers que nomme son index ({ $names }).
       *[other] { $count } des fichiers que nomme son index ({ $names }…).
    } Copiez de nouveau la lame depuis le scanner.
uploads-foreign =
    { $name } : le service ne peut pas lire le format { $format }. { $format ->
        [iSyntax] Dans le système Philips, exportez la lame en TIFF ou en DICOM
       *[other] Dans le logiciel du scanner, exportez la lame en OME-TIFF, en TIFF pyramidal ou en DICOM
    }, puis envoyez ce fichier.
uploads-empty-file = { $name } : ce fichier est vide. Copiez-le de nouveau depuis le scanner.
uploads-nothing = Rien de ce que vous avez choisi n’est une lame.

error-upload-version = Cet envoi parle une autre version du protocole tus. Utilisez la version { $version }.
error-upload-header = L’en-tête { $header } de cet envoi manque ou n’est pas lisible. Corrigez le programme qui envoie.
error-upload-type = Les octets d’une lame s’envoient avec le type { $type }.
error-upload-offset = Cet envoi commence à l’octet { $offset }, mais { $received } octets sont reçus. Demandez où il en est, puis reprenez de là.
error-upload-busy = Un autre envoi de ce fichier est en cours. Attendez qu’il finisse, puis reprenez.
error-upload-beyond = Le fichier envoyé est plus grand que les { $length } octets annoncés. Recommencez avec la bonne taille.
error-upload-piece = Un morceau dépasse { $limit } Mio. Envoyez le fichier en morceaux plus petits.
error-upload-checksum = Ce morceau est arrivé altéré : sa somme de contrôle diffère. Rien n’en a été gardé ; envoyez-le de nouveau.
error-upload-altered = Cette lame est arrivée altérée : ses octets ne sont pas ceux que son expéditeur a annoncés. Elle n’a pas été ajoutée ; envoyez-la de nouveau.
error-upload-digest = La somme SHA-256 annoncée pour « { $name } » n’en est pas une : 64 chiffres hexadécimaux, en minuscules. Corrigez le programme qui envoie.
error-upload-right = Vous n’avez plus le droit d’ajouter des lames à ce dossier : celle-ci n’a pas été ajoutée. Demandez à l’établissement du dossier de l’ajouter.
error-upload-lost = Les octets de cet envoi ne sont plus là. Recommencez-le.
error-upload-space = Le serveur n’a plus la place de recevoir cette lame. Prévenez l’administrateur de telepath ; ce qui est arrivé n’est pas perdu.
error-upload-nothing = Aucun fichier n’est annoncé. Choisissez au moins un fichier de lame.
error-upload-files = Une lame a au plus { $limit } fichiers. Choisissez le dossier d’une seule lame.
error-upload-name = Un fichier de la lame « { $name } » porte un nom qui ne peut pas être gardé. Copiez de nouveau la lame depuis le scanner, sans renommer ses fichiers.
error-upload-extra = « { $name } » ne fait pas partie de cette lame. Envoyez une lame à la fois, avec ses seuls fichiers.
error-upload-empty = « { $name } » est vide. Copiez de nouveau le fichier depuis le scanner.
error-upload-too-large = Cette lame dépasse { $limit } Go : elle ne peut pas être reçue par le réseau. L’administrateur peut l’ajouter sur le serveur.
error-upload-under-way = { $whose ->
        [person] Vous avez déjà { $count } envois ou { $limit } Go en cours. Laissez-les finir, ou abandonnez-en.
       *[institution] Votre établissement a déjà { $count } envois ou { $limit } Go en cours. Laissez-les finir.
    }
error-upload-unnamed = Ce fichier, avec cette taille, n’est pas de ceux qui ont été annoncés pour cette lame.
error-upload-unfinished = { $count ->
        [one] Un fichier de cette lame n’est pas encore arrivé en entier.
       *[other] { $count } fichiers de cette lame ne sont pas encore arrivés en entier.
    } Envoyez le reste d’abord.
error-upload-state = Cet envoi est déjà terminé : il ne reçoit plus rien et ne s’abandonne plus.
error-zip-damaged = Ce fichier ZIP est incomplet ou abîmé. Refaites-le, puis envoyez-le de nouveau.
error-zip-limit = Ce fichier ZIP est refusé : ce qu’il annonce dépasse ce qu’une lame contient. Décompressez-le, puis envoyez la lame.
error-zip-name = Ce fichier ZIP est refusé : il contient un lien, ou un nom de fichier qui n’est pas accepté. Décompressez-le, puis envoyez la lame.
error-zip-encrypted = Ce fichier ZIP est protégé par un mot de passe. Décompressez-le, puis envoyez la lame.
error-zip-method = Ce fichier ZIP est compressé d’une façon que le service ne lit pas. Décompressez-le, puis envoyez la lame.
error-zip-empty = Ce fichier ZIP ne contient pas de lame.
error-zip-nested = Ce fichier ZIP contient une autre archive. Décompressez-le, puis envoyez les lames une à une.
error-slide-twice = Cette lame est déjà dans ce dossier, octet pour octet : elle n’a pas été ajoutée une seconde fois.

watch-added = Lame ajoutée au dossier { $number }.
watch-twice = Cette lame était déjà dans le dossier { $number } : elle n’a pas été ajoutée une seconde fois.
watch-refused = Mise de côté : { $reason }
error-watch-folder = Ce dossier n’existe pas, ou n’est pas accessible au service.
error-watch-institution = Aucun établissement n’a le numéro FINESS { $institution }. Vérifiez-le avec : telepath institutions list
error-watch-person = Personne n’a le numéro national { $number }. Vérifiez-le avec : telepath people list
error-watch-case = Aucun dossier de cet établissement ne porte le numéro { $number }. Ouvrez-le d’abord, puis remettez la lame.
error-watch-unmatched = { $count ->
        [0] son étiquette ne nomme aucun dossier de cet établissement. Remettez-la dans un sous-dossier qui porte le numéro du dossier.
       *[other] son étiquette pourrait nommer { $count } dossiers de cet établissement. Remettez-la dans un sous-dossier qui porte le numéro du bon.
    }
