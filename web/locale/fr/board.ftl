# Le tableau de la coordination : qui attend qui.

coordination-board = Qui attend qui
board-lead = { $count ->
    [0] Aucune demande de l’établissement n’est en cours.
    [one] Une demande de l’établissement est en cours.
   *[other] { $count } demandes de l’établissement sont en cours.
}
board-none = Personne n’attend de réponse
board-none-text = Les demandes en cours de votre établissement s’afficheront ici sans recharger la page.
board-next = Prochaines échéances
board-since = demandé
board-waits-for = Attend la réponse de
board-others = { $count ->
    [one] et un autre
   *[other] et { $count } autres
}
board-refused = { $count ->
    [one] un refus ou une absence de réponse
   *[other] { $count } refus ou absences de réponse
}
board-escalates = sans réponse, le suivant est sollicité
board-stays = sans réponse, personne d’autre n’est sollicité
board-more = Les { $count } échéances les plus proches. Toutes les demandes en cours :
board-experts = Les experts que l’on attend
board-experts-hint = Demandes de l’établissement, par expert sollicité. Une demande adressée à plusieurs compte pour chacun.
board-requesters = Ceux qui attendent
board-requesters-hint = Demandes de l’établissement, par demandeur.
board-own = Nos experts
board-own-hint = Demandes adressées aux experts de l’établissement, d’où qu’elles viennent.
board-nobody = Personne
board-who = Nom
board-asked = Sans réponse
board-accepted = En lecture
board-held = Suspendues
board-late = En retard
board-oldest = La plus ancienne
board-next-due = Prochaine échéance
