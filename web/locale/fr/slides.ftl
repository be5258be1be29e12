# Lames : ce qui a empêché d’en ajouter une ou de la montrer, et les mots de la ligne de commande.

error-slide-unreadable = Cette lame est endommagée : elle n’a pas pu être lue.
error-slide-incomplete = Le fichier de cette lame est incomplet : la copie ou l’envoi s’est interrompu. Envoyez-le de nouveau.
error-slide-empty = Le fichier de cette lame est vide : l’envoi n’a pas abouti. Envoyez-le de nouveau.
error-slide-companion-missing = Il manque un des fichiers qui composent cette lame. Envoyez le dossier entier.
error-slide-unsupported = Ce fichier n’est pas une lame numérique dans un format pris en charge.
error-slide-samples = Les pixels de cette lame ({ $format }) sont d’un type que le service ne peut pas montrer. Exportez-la en OME-TIFF à 8 ou 16 bits, puis envoyez ce fichier.
error-picture-request =
    { $what ->
        [region] La zone demandée n’est pas sur la lame, ou n’est pas écrite comme IIIF le prévoit. Corrigez-la : x,y,largeur,hauteur en pixels.
        [size] La taille demandée n’est pas possible : au plus 2048 pixels, et jamais plus grande que la zone sans « ^ ».
        [rotation] Seules les rotations de 0, 90, 180 et 270 degrés sont possibles.
       *[other] Cette qualité ou ce format d’image n’est pas possible : demandez « default.jpg ».
    }
error-slide-part = Ce fichier n’est qu’une partie d’une lame { $format } répartie sur plusieurs fichiers. Exportez-la en un seul fichier OME-TIFF, puis envoyez ce fichier.
error-slide-time = Ce fichier est un film : il montre le même endroit à plusieurs instants. Exportez un seul instant, en OME-TIFF, puis envoyez ce fichier.
error-slide-vsi = Cette lame est au format VSI (Olympus, Evident), que le service ne peut pas lire. Dans le logiciel du scanner, exportez-la en OME-TIFF, en TIFF pyramidal ou en DICOM, puis envoyez ce fichier.
error-slide-isyntax = Cette lame est au format iSyntax (Philips), que le service ne peut pas lire. Dans le système Philips, exportez-la en TIFF ou en DICOM, puis envoyez ce fichier.
error-slide-format = Cette lame est au format { $format }, que le service ne peut pas lire. Dans le logiciel du scanner, exportez-la en OME-TIFF, en TIFF pyramidal ou en DICOM, puis envoyez ce fichier.
error-slide-picture = Ce fichier ({ $format }) est une image ou un document, et non une lame numérique. Envoyez le fichier du scanner, ou joignez celui-ci au dossier comme document.
error-slide-archive = Ce fichier est une archive ({ $format }). Décompressez-la, puis envoyez la lame qu’elle contient.
error-slide-several = Ce dossier contient { $count } lames. Indiquez celle qu’il faut ajouter.
error-slide-forbidden = Cette lame est refusée : son fichier ne respecte pas les limites de sécurité.
error-slide-reference-outside = Cette lame est refusée : elle renvoie à un fichier lié hors du dossier.
error-slide-file-name = Cette lame est refusée : un de ses fichiers porte un nom qui n’est pas accepté.
error-slide-withheld-data = Cette lame est refusée : ses images empiètent sur l’étiquette ou sur des données protégées.
error-slide-limit =
    { $what ->
        [pixels] Cette lame est refusée : ses dimensions déclarées dépassent ce qu’un scanner produit.
        [levels] Cette lame est refusée : ses niveaux de grossissement ne sont pas plausibles.
        [tile] Cette lame est refusée : la taille de ses tuiles n’est pas acceptée.
        [tiles] Cette lame est refusée : le nombre de ses tuiles ne correspond pas à ses dimensions.
        [directories] Cette lame est refusée : la structure interne de son fichier est anormale.
        [files] Ce dossier contient trop de fichiers.
       *[other] Cette lame est refusée : elle dépasse une limite de sécurité.
    }
error-slide-file-absent = Ce fichier n’existe pas, ou n’est pas accessible au service.
error-tile-unreadable = Cette partie de la lame est illisible.
