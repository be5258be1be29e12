# Qui est sollicité, qui l’est ensuite, et ce qui arrive quand le temps passe.

notices-consult-alarm = Le délai de cette demande d’avis se termine bientôt, et la réponse n’est pas signée.
notices-consult-late = Le délai de cette demande d’avis est dépassé.
notices-consult-unanswered = Plus aucun expert ne peut être sollicité pour cette demande : choisissez la suite.
notices-consult-unheard = Examen extemporané : personne n’a encore accepté. Appelez l’astreinte : les numéros sont sur la page.
notices-consult-ringing = Examen extemporané : { $by } attend un avis maintenant.
notices-consult-transferred = { $by } a transmis votre demande d’avis.
notices-offer-expired = Une demande restée sans réponse de votre part a été proposée à un autre expert.
notices-offer-passed-on = { $by } ne prend pas votre demande : l’expert suivant est sollicité.

error-pool-empty = Personne de ce groupe ne peut être sollicité maintenant. Choisissez un autre groupe, ou un expert.
error-ring-nobody = Aucun expert de cet organe ne peut être sollicité maintenant. Appelez l’astreinte, ou choisissez un autre organe.
error-offer-expired = Le temps pour répondre est passé, et la demande a été proposée à un autre expert. Vous n’avez rien à faire.

audit-kind-consult-alarmed = Alerte donnée
audit-detail-alarm = Motif de l’alerte
audit-detail-told = Personnes prévenues

moment-offered-several = Proposé à { $count } experts en même temps
moment-withdrawn-several = Proposition retirée à { $count } experts
moment-expired = Sans réponse de { $about }
moment-expired-several = Sans réponse de { $count } experts
moment-handed-over = Demande transmise

asking-title-chain = Les experts sont sollicités l’un après l’autre
asking-title-pool = { $count ->
    [one] Un expert du groupe est sollicité
   *[other] { $count } experts du groupe sont sollicités
}
asking-title-ring = { $count ->
    [one] Un expert est appelé
   *[other] { $count } experts sont appelés
}
asking-policy-chain = Sans réponse à l’heure dite, ou après un refus, l’expert suivant est sollicité sans que vous ayez à le demander.
asking-policy-pool = Le premier qui accepte lit le dossier. Les autres en sont informés.
asking-policy-ring = La demande leur est rappelée chaque minute. Le premier qui accepte lit le dossier.
asking-until = a jusqu’au { $date } pour répondre
asking-since = depuis le { $date }
asking-nobody-left = Plus personne ne peut être sollicité après lui : choisir vous-même un autre expert
asking-handed-over = { $name } a transmis la demande
asking-phones = De garde ou d’astreinte maintenant
asking-no-phones = Personne n’est inscrit de garde ou d’astreinte pour cet organe en ce moment.
asking-no-phones-else = Solliciter aussi un autre expert
asking-duty-until = jusqu’au { $date }
offer-answer-by = Sans réponse de votre part le { $date }, la demande sera proposée à un autre expert.
offer-role-third = Deux lectures de ce cas diffèrent. Vous le lisez à votre tour sans connaître l’avis de l’autre expert, qui vous est montré une fois le vôtre signé.
offer-role-co-reader = Un expert vous propose d’écrire avec lui l’avis qui lui est demandé. Vous le signez tous les deux.
offer-role-countersigner = Le réseau demande une seconde signature : vous relisez l’avis d’un autre expert, puis le signez aussi ou le lui renvoyez.

transfer-title = Transmettre à un autre expert
transfer-hint = Vous ne verrez plus ce dossier, et les confrères que vous avez associés non plus. Votre brouillon n’est pas transmis.
transfer-to = À qui
transfer-otherwise-requester = Le demandeur choisit
transfer-otherwise-chain = L’expert suivant de la liste
transfer-nobody = Aucun autre expert ne peut être sollicité en ce moment.
field-transfer-reason = Motif
transfer-reason-hint = Le demandeur le lira. Sans nom ni numéro de patient.
transfer-send = Transmettre la demande
transfer-not-done = La demande n’a pas été transmise
done-transferred = La demande est transmise. Le demandeur en est informé.
