# Ce que l’étiquette et les fichiers d’une lame disent du patient, la copie qui ne le dit pas, et l’échelle saisie à la main.

identity-link = Étiquette et identité
identity-title = Étiquette et identité : { $slide }
identity-recorded = Cette consultation est consignée.
identity-before = Sur le verre
identity-before-hint = L’étiquette et la vue d’ensemble telles que le scanner les a photographiées. Elles ne sont montrées à personne hors de votre établissement.
identity-picture-label = Étiquette
identity-picture-macro = Vue d’ensemble du verre
identity-no-picture-label = Pas d’étiquette photographiée dans ce fichier.
identity-no-picture-macro = Pas de vue d’ensemble dans ce fichier.
identity-after = Ce que les autres voient
identity-after-hint = Cette étiquette est dessinée à la place : pseudonyme du dossier, bloc, coloration, numéro FINESS.
identity-drawn = Étiquette dessinée
identity-found = Ce qui identifie dans les fichiers, et ce qu’une copie en garde
identity-found-hint =
    { $count ->
        [one] Un endroit a été trouvé à l’arrivée de la lame. Ce qui y était écrit n’est consigné nulle part.
       *[other] { $count } endroits ont été trouvés à l’arrivée de la lame. Ce qui y était écrit n’est consigné nulle part.
    }
identity-kept = Une copie garde les pixels tels qu’ils sont, l’échelle, l’objectif et les couleurs. Les dates et heures de numérisation, les noms de fichiers et les numéros de série en sont retirés. Un nom écrit à la main sur le verre, dans la zone numérisée, y reste visible.
identity-nothing = Rien dans les fichiers de cette lame n’identifie quelqu’un.
identity-not-looked = Cette lame a été ajoutée avant que les fichiers soient examinés. Une copie est examinée au moment où elle est faite.
identity-no-copy = Aucune copie ne peut quitter le service.
identity-no-copy-hint = Le format de cette lame n’est pas assez connu pour promettre qu’aucun nom n’y reste. Exportez-la en DICOM ou en OME-TIFF depuis le logiciel du scanner.
identity-copy = Télécharger une copie sans l’identité
identity-what = Nature
identity-where = Endroit
identity-done = Dans une copie
identity-kind-patient = Patient
identity-kind-birth-date = Date de naissance
identity-kind-identifier = Numéro d’examen ou de prélèvement
identity-kind-barcode = Code-barres
identity-kind-label = Photographie de l’étiquette
identity-kind-macro = Vue d’ensemble du verre
identity-kind-picture = Autre image jointe
identity-kind-person = Personne
identity-kind-place = Établissement
identity-kind-device = Appareil
identity-kind-file-name = Nom de fichier
identity-kind-date = Date ou heure
identity-kind-uid = Identifiant unique
identity-kind-private = Champ propre au constructeur
identity-kind-text = Texte libre
identity-kind-leftover = Octets oubliés dans le fichier
identity-deed-blanked = Effacé
identity-deed-replaced = Remplacé
identity-deed-removed = Retiré
identity-deed-left-out = Laissé de côté
identity-deed-renamed = Renommé
error-slide-copy-unknown = Le format de cette lame n’est pas assez connu pour promettre qu’aucun nom n’y reste : aucune copie n’en est faite. Exportez-la en DICOM ou en OME-TIFF depuis le logiciel du scanner.

field-mpp = Échelle (µm par pixel)
cases-scale-hint = Celle du scanner, par exemple 0,25 ; ou l’objectif, par exemple ×40.
cases-scale-missing = Le fichier ne donne pas d’échelle crédible : ni barre d’échelle, ni mesure en µm.
cases-scale-offered = Le fichier porte « { $text } », avec une virgule : à vérifier avant de l’enregistrer.
cases-scale-entered = Échelle saisie par { $name }
cases-scale-save = Enregistrer l’échelle
cases-scale-withdraw = Revenir à ce que dit le fichier
error-slide-scale = Cette échelle n’est pas possible. Saisissez des µm par pixel entre 0,05 et 20, par exemple 0,25, ou un objectif : ×2,5, ×5, ×10, ×20 ou ×40.
done-slide-scale = Échelle enregistrée.
command-slide-exported =
    { $files ->
        [one] Copie sans l’identité écrite : { $target } ({ $bytes } octets, { $removed } endroits effacés ou remplacés).
       *[other] Copie sans l’identité écrite : { $target } ({ $files } fichiers, { $bytes } octets, { $removed } endroits effacés ou remplacés).
    }
command-slide-reread = Lame { $slide } relue : { $changed }.
command-slide-not-reread = Lame { $slide } non relue : { $why }
command-slide-levels-kept = Ses niveaux seraient autres aujourd’hui : ils restent tels qu’enregistrés, avec leur index.
reread-nothing = rien de nouveau
reread-facts = ce que le fichier dit d’elle
reread-colours = table de couleurs
reread-thumbnail = vignette
reread-findings = repérage de l’identité
reread-index = index des tuiles
