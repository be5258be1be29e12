# Pièces jointes d’un dossier.

attachments-title = Pièces jointes
attachments-none = Aucune pièce jointe.
attachments-add = Joindre un document ou une image
attachments-name = Intitulé
attachments-name-hint = Ce que montre la pièce : « Compte rendu initial », « Scanner thoracique ». Jamais le nom du patient.
attachments-file = Fichier
attachments-file-hint = PDF, PNG, JPEG, TIFF ou WebP, 20 Mo et 50 pages au plus. Masquez d’abord l’identité du patient : les pages seront visibles de l’expert.
attachments-not-added = La pièce n’a pas été jointe
attachments-send = Joindre
attachments-remove = Supprimer cette pièce
attachments-kind-pdf = PDF
attachments-kind-picture = Image
attachments-pages =
    { $count ->
        [one] 1 page
       *[other] { $count } pages
    }
attachments-page-alt = { $title }, page { $page } sur { $count }
done-attachment-added = Pièce jointe ajoutée. Seules les images de ses pages sont conservées.
done-attachment-removed = Pièce jointe supprimée.

error-attachment-missing = Aucun fichier n’a été choisi. Choisissez le document à joindre.
error-attachment-unreadable = Ce fichier n’a pas pu être lu : ce n’est ni un PDF ni une image PNG, JPEG, TIFF ou WebP, ou il est endommagé. Ouvrez-le sur votre poste, exportez-le en PDF et recommencez.
error-attachment-locked = Ce PDF est protégé par un mot de passe : il ne peut pas être affiché. Enregistrez-en une copie sans mot de passe et joignez-la.
error-attachment-pages = Ce document a plus de { $limit } pages. Joignez seulement celles qui servent à la question.
error-attachment-pixels = Cette image dépasse { $limit } millions de pixels. Réduisez-la, ou ajoutez-la comme lame.
error-attachment-too-heavy = Ce fichier demande trop de calcul pour être affiché. Imprimez-le en PDF depuis votre poste, puis joignez ce PDF.
error-attachment-too-large = Ce fichier dépasse { $limit } Mo. Réduisez-le, ou joignez-le en plusieurs parties.
error-attachment-too-many = Ce dossier a déjà { $limit } pièces jointes. Supprimez celles qui ne servent plus.

audit-detail-attachment = Pièce jointe
audit-detail-page = Page
audit-detail-pages = Pages
