# Dossiers : liste, dossier, prélèvements, discussion, annotations.

cases-title = Dossiers
cases-lead = { $place }, et les dossiers partagés avec vous.
cases-new = Nouveau dossier
cases-filter = Rechercher un numéro ou un intitulé
cases-filter-apply = Rechercher
cases-number = Numéro
cases-name = Intitulé
cases-organ = Organe
cases-slides = Lames
cases-count = { $count ->
    [0] –
    [one] { $count } lame
   *[other] { $count } lames
}
cases-active = Dernière activité
cases-pages = Pages de la liste
cases-newer = Plus récents
cases-older = Plus anciens
cases-none = Aucun dossier pour l’instant
cases-none-text = Un dossier réunit les lames d’un examen, les demandes d’avis et ce qui s’en dit.
cases-none-found = Aucun dossier ne correspond à « { $wanted } »
cases-show-all = Voir tous les dossiers

cases-new-title = Nouveau dossier
cases-edit-title = Modifier le dossier { $number }
cases-number-hint = Le numéro d’examen de votre laboratoire, ou tout autre numéro pseudonyme. Jamais le nom du patient, ni son numéro de sécurité sociale (NIR, INS).
cases-title-hint = Ce qui permet de reconnaître le dossier dans une liste : « Biopsie gastrique, suspicion de lymphome ». Sans identité.
cases-context-hint = Âge, sexe, antécédents et constatations utiles à la lecture. Sans nom, sans date de naissance complète.
cases-organ-choose = Choisir un organe
cases-create = Créer le dossier
cases-save = Enregistrer
cases-cancel = Annuler
cases-not-saved = Le dossier n’a pas été enregistré
cases-conflict = Voici ce qui est enregistré maintenant. Votre saisie est conservée ci-dessous : complétez-la si besoin, puis enregistrez de nouveau.

cases-edit = Modifier
cases-ask = Demander un avis
cases-facts-title = Le dossier
cases-place = Établissement
cases-opened-by = Ouvert par
cases-opened-at = Ouvert le
cases-slides-title = { $count ->
    [0] Lames
    [one] { $count } lame
   *[other] { $count } lames
}
cases-slide-specimen = Prélèvement { $label }
cases-slide-block = Bloc { $block }
cases-slide-size-mm = { $width } × { $height } mm
cases-slide-size-px = { $width } × { $height } px
cases-no-slides = Ce dossier n’a pas encore de lame
cases-no-slides-administrator = Sur le serveur, enregistrez un fichier de lame avec la commande :
cases-no-slides-staff = Ajoutez-les ci-dessous.
cases-no-slides-shared = Aucune lame de ce dossier ne vous a été partagée
cases-consults-title = Avis
cases-consult = Demande d’avis
cases-consult-asked = demandé le
cases-no-consults = Aucun avis demandé
cases-no-consults-yours = Aucun avis que vous puissiez voir
cases-specimens-title = Prélèvements
cases-no-specimens = Aucun prélèvement décrit.
cases-specimen-add = Ajouter un prélèvement
cases-specimen-hint = La lettre ou le numéro du laboratoire : A, B1.
cases-specimen-save = Ajouter
cases-thread-title = Discussion
cases-thread-empty = Rien n’a encore été écrit.
cases-thread-earlier = { $count ->
    [one] Un message plus ancien
   *[other] { $count } messages plus anciens
}
cases-thread-consult = { $count ->
    [0] Demande d’avis
   *[other] Demande d’avis à { $experts }
}
cases-thread-hint = Écrit dans le dossier : lu par toutes les personnes qui y ont accès, et dans chaque demande d’avis. Pour répondre à un seul expert, écrire dans sa demande d’avis. Sans identité du patient.
cases-send = Envoyer
cases-see-field = Voir le champ ({ $slide })
cases-attached = Avec le champ de la lame { $slide }.
cases-detach = Ne pas joindre

field-number = Numéro
field-organ = Organe
field-title = Intitulé
field-context = Renseignements cliniques
field-label = Repère
field-description = Description

error-case-organ = Choisissez un organe dans la liste.
error-case-number-patient = Ce numéro ressemble à un numéro de sécurité sociale (NIR, INS). Donnez un numéro qui ne désigne pas le patient.
error-case-number-form = Le numéro se compose de lettres sans accent, de chiffres, d’espaces et de . / _ - ; il commence et finit par une lettre ou un chiffre.
error-case-number-taken = Un autre dossier de votre établissement porte déjà le numéro { $number }.
error-specimen-taken = Ce dossier a déjà un prélèvement { $label }.
error-specimen-too-many = Un dossier compte { $limit } prélèvements au plus.
error-annotation-operation = L’identifiant de l’opération n’est pas valable.
error-annotation-operation-used = Cette annotation a déjà été traitée. Rechargez la lame.
error-annotation-geometry = La forme dessinée n’est pas valable.
error-annotation-outside = L’annotation sort de la lame.
error-annotation-too-many = Une lame compte { $limit } annotations au plus.
error-body-type = L’envoi de cette page n’a pas la forme attendue. Rechargez-la, puis recommencez.
error-body-unreadable = L’envoi de cette page n’est pas compris. Rechargez-la, puis recommencez.
