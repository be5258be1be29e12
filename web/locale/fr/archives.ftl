# Une demande d’avis qui part en un seul fichier, et qui en revient

command-consult-exported = { $slides ->
        [0] La demande d’avis est dans l’archive, sans lame
        [one] La demande d’avis est dans l’archive, avec une lame
       *[other] La demande d’avis est dans l’archive, avec { $slides } lames
    } : { $megabytes } Mo.
command-consult-export-digest = Empreinte de l’ensemble (SHA-256 de manifest.json) : { $digest }
command-consult-export-secret = Le fichier n’est pas chiffré. Il contient un dossier médical sans l’identité du patient : à conserver et à transmettre comme tel.
command-consult-imported = { $slides ->
        [0] La demande d’avis du dossier { $number } est ici, sans lame
        [one] La demande d’avis du dossier { $number } est ici, avec une lame
       *[other] La demande d’avis du dossier { $number } est ici, avec { $slides } lames
    } ; son archive a été signée par { $origin }. Conservez le fichier : le journal d’audit de l’autre service s’y trouve, et non ici.
command-consult-imported-at = Sa page, pour ceux qui travaillent dans l’établissement demandeur : { $address }

error-archive-consult-unknown = Cette demande d’avis n’est pas ici. Donnez son identifiant, comme dans l’adresse de sa page.
error-archive-open = Cette demande d’avis n’est pas terminée : quelqu’un est encore sollicité, ou lit encore. Attendez la réponse, ou retirez la demande, puis recommencez.
error-archive-target = Le fichier de l’archive existe déjà. Donnez le nom d’un nouveau fichier.
error-archive-write = L’archive n’a pas pu être écrite ou dépliée ; rien n’en a été gardé. Vérifiez la place sur le disque et le droit d’y écrire.
error-archive-slide-files = Les fichiers de la lame « { $slide } » manquent dans le stockage, ou ne sont pas ceux qui ont été enregistrés. Rien n’a été écrit : rétablissez-les d’abord depuis une sauvegarde.
error-archive-pictures = Une image de la demande d’avis manque, ou n’en est pas une : elle ne peut ni entrer dans une archive, ni en sortir.
error-archive-not-one = Ce fichier n’est pas l’archive d’une demande d’avis, ou il a été tronqué. Copiez-le de nouveau, ou redemandez-le.
error-archive-members = Le contenu de cette archive n’est pas celui qui a été signé : un élément manque, est en double, a été ajouté, ou porte un nom interdit. Rien n’en a été repris. Redemandez-la.
error-archive-members-limit = Cette archive dit contenir plus de { $limit } fichiers : aucune n’en a autant. Rien n’en a été repris.
error-archive-too-large = Dans cette archive, « { $file } » dépasse la taille permise. Rien n’en a été repris.
error-archive-altered = Dans cette archive, « { $file } » n’est pas ce qui a été signé : endommagé, ou modifié depuis. Rien n’en a été repris. Redemandez-la.
error-archive-key = Cette archive n’est signée par aucune des clés données. Demandez à l’expéditeur ce que « telepath audit key » affiche chez lui, et donnez-le avec --key.
error-archive-key-form = Ce qui a été donné avec --key n’est pas une clé. C’est la ligne que « telepath audit key » affiche là d’où vient l’archive.
error-archive-version = Cette archive est de la version { $version }, que ce service ne sait pas lire. Mettez d’abord le service à jour.
error-archive-consult = Ce que cette archive dit de la demande d’avis n’est pas cohérent, ou n’est pas ce que contient cette version. Rien n’en a été repris ; prévenez qui l’a produite.
error-archive-opinion = Un avis de cette archive n’est pas celui que son auteur a signé. Rien n’en a été repris ; prévenez qui l’a produite.
error-archive-audit = L’extrait du journal d’audit de cette archive n’est pas accepté par son vérificateur. Rien n’en a été repris ; prévenez qui l’a produite.
error-archive-here = Cette demande d’avis est déjà ici, ou y a été effacée. Rien n’a été repris de l’archive.
error-archive-case-here = Le dossier de cette demande d’avis, ou une partie de celui-ci, est déjà ici, ou y a été effacé. Rien n’a été repris de l’archive.
error-archive-number = L’établissement demandeur a ici un autre dossier { $number }. Rien n’a été repris de l’archive.
error-archive-institution = L’établissement demandeur, { $name } (FINESS { $finess }), n’est pas ici, ou est suspendu : personne ne pourrait voir la demande d’avis. Enregistrez-le d’abord avec « telepath institutions add », ou rétablissez-le avec « telepath institutions restore ».
error-archive-under-way = Cette archive est déjà en cours d’import, ou un import en a été interrompu il y a moins d’un jour. Attendez qu’il se termine ; ce qui a été interrompu est supprimé au bout d’un jour.
error-archive-label = L’étiquette d’une lame de cette archive nomme un autre dossier. Rien n’en a été repris ; prévenez qui l’a produite.

moment-imported = Reprise d’une archive

audit-kind-consult-exported = Demande d’avis mise en archive
audit-kind-consult-imported = Demande d’avis reprise d’une archive
audit-detail-origin = Provenance
audit-detail-signed-texts = Empreintes des avis
