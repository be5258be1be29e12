# Partage d’un dossier avec un groupe d’établissements, ou avec un établissement d’un tel groupe.

shares-title = Partager
shares-none = Ce dossier n’est partagé avec aucun groupe et aucun établissement.
shares-new = Partager ce dossier
shares-no-partners = Votre établissement ne fait partie d’aucun groupe, ou le groupe est suspendu. L’administration de votre établissement peut en créer un, ou y entrer.
shares-choose = Choisissez un groupe ou un établissement
shares-with-hint = Toutes les personnes qui y travaillent sur des dossiers verront celui-ci et ses lames, même celles ajoutées plus tard. L’identité du patient n’est jamais partagée.
shares-may-look = consulter
shares-may-discuss = consulter, annoter et discuter
shares-may-hint = Discuter comprend : écrire dans la discussion du dossier, annoter les lames et les présenter en séance.
shares-days = { $days ->
    [365] un an
   *[other] { $days } jours
}
shares-without-end = jusqu’au retrait du partage
shares-until = jusqu’au
shares-given = par { $by }, le
shares-suspended = suspendu : personne n’y a accès
shares-give = Partager
shares-withdraw = Ne plus partager avec { $name }
shares-with-us = Partagés avec nous
shares-with-us-hint = Dossiers d’autres établissements, ouverts à votre groupe ou à votre établissement : les { $count } derniers partagés au plus.
shares-all-cases = Voir tous les dossiers
shares-since = Partagé
field-share-with = Avec
field-share-may = Ce qui est permis
field-share-days = Durée
done-case-shared = Dossier partagé.
done-case-unshared = Partage retiré. Ce qui était ouvert par ce partage est fermé.

error-share-partner = Ce dossier ne peut pas être partagé avec ce groupe ou cet établissement : le vôtre n’en fait pas ou plus partie, ou l’accès y est suspendu. Choisissez dans la liste.
error-share-exists = Ce dossier est déjà partagé avec ce groupe ou cet établissement. Pour changer ce qui est permis, retirez d’abord le partage.
error-share-days = Un partage dure de 1 à { $limit } jours, ou jusqu’à son retrait. Choisissez une durée dans la liste.

audit-kind-case-shared = Dossier partagé
audit-kind-case-unshared = Partage du dossier retiré
audit-gist-case-shared = avec { $subject } : { $rights }
audit-gist-case-unshared = avec { $subject } : { $rights }
audit-because-share = dossier partagé avec le groupe ou l’établissement
audit-plain-because-share = le dossier est partagé avec son établissement ou son groupe
audit-action-case-share = partager le dossier
audit-reason-group-left = l’établissement a quitté le groupe
audit-reason-group-ended = fin du groupe
