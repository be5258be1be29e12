# La demande d’avis : son type, le réseau, ce qui la motive, qui est sollicité.

kind-expert = Avis d’expert
kind-network = Relecture par un réseau national
kind-frozen = Examen extemporané
kind-teaching = Avis pour l’enseignement
kind-board = Préparation de RCP
kind-hint-expert = Un confrère répond à votre question sur ce dossier.
kind-hint-network = Une deuxième lecture par un réseau de cancers rares.
kind-hint-frozen = Le patient est au bloc : réponse attendue dans les minutes qui suivent.
kind-hint-teaching = Un regard d’expert pour apprendre, sans conséquence pour le patient.
kind-hint-board = Les lames sont revues avant la réunion de concertation pluridisciplinaire.

trigger-systematic = Relecture systématique du réseau
trigger-pathologist = Demande du pathologiste
trigger-clinician = Demande du clinicien
trigger-board = Demande de la RCP
trigger-trial = Inclusion dans un essai

policy-named = Cet expert seulement
policy-chain = L’un après l’autre
policy-pool = Un groupe d’experts
policy-ring = Tous ceux qui sont joignables
policy-hint-named = L’expert choisi répond. S’il décline, vous en choisissez un autre.
policy-hint-chain = L’expert choisi d’abord. S’il décline ou ne répond pas, le suivant de la liste est sollicité sans que vous ayez à intervenir.
policy-hint-pool = Tous les experts du groupe sont sollicités ensemble. Le premier qui accepte rend l’avis.
policy-hint-ring = Tous les experts au travail ou d’astreinte sont appelés ensemble, dans tous les territoires. Le premier qui accepte rend l’avis.

proof-kit-gist = GIST exprimant KIT ou DOG1
proof-hhv8-kaposi = Maladie de Kaposi exprimant HHV8
proof-translocation = Translocation caractéristique démontrée
proof-mdm2-amplified = Tumeur lipomateuse avec amplification de MDM2
proof-ctnnb1-desmoid = Tumeur desmoïde avec mutation de CTNNB1

field-kind = Type de demande
field-network = Réseau
field-trigger = Ce qui motive la relecture
field-policy = Façon de solliciter
field-pool = Groupe d’experts
field-proof = Déjà démontré

error-network-missing = Choisissez le réseau à qui vous demandez la relecture.
error-trigger-missing = Indiquez ce qui motive la relecture : une règle du réseau, votre demande, celle du clinicien ou de la RCP.
error-pool-missing = Choisissez le groupe d’experts à solliciter.
error-policy-ring = L’appel de tous les experts joignables est réservé à l’extemporané. Pour cette demande, choisissez un expert, ou plusieurs l’un après l’autre.

audit-detail-blind = Lecture sans le premier diagnostic
audit-detail-consult-kind = Type de demande
audit-detail-network = Réseau
audit-detail-policy = Façon de solliciter
audit-detail-pool = Groupe d’experts
audit-detail-proof = Déjà démontré
audit-detail-trigger = Ce qui motive la relecture

gap-refused = Le patient s’oppose à ce que son dossier soit montré : la demande ne peut pas partir. S’il a changé d’avis, notez-le dans le dossier.
gap-slides = Le dossier n’a pas encore de lame.
gap-non-opposition = Le dossier ne dit pas si le patient est informé et ne s’oppose pas à cette demande.
gap-diagnosis = Le dossier n’a pas de premier diagnostic : l’expert n’aura rien à quoi comparer le sien.
gap-gross = La macroscopie n’est pas décrite.
gap-codings = Aucun code diagnostique : le réseau ne peut pas vérifier que le cas le concerne.
gap-stain = { $count ->
    [one] Une lame est sans coloration.
   *[other] { $count } lames sont sans coloration.
}
gap-block = { $count ->
    [one] Une lame est sans numéro de bloc.
   *[other] { $count } lames sont sans numéro de bloc.
}

urgency-within = { $unit ->
    [minutes] { $count } minutes
    [hours] { $count } heures
    [days] { $count } jours
   *[working-days] { $count } jours ouvrés
}

indication-title = Ce cas relève de { $network } : relecture systématique
indication-text = { $covers }. Le réseau relit chaque nouveau cas.
indication-code = Code { $system } { $code } : { $entity }
indication-circumstance = Circonstance : { $circumstance }
indication-take = Demander cette relecture
indication-also = Une relecture peut aussi être demandée à { $network }
indication-taken = { $network } : { $covers }

requests-terms-title = Type et délai
requests-who-all = Tous les experts proposés :
requests-network-choose = Choisir un réseau
requests-trigger-choose = Choisir un motif
requests-proof-none = Rien, ou ne sais pas
requests-proof-hint = Si l’une de ces anomalies est démontrée, une seule relecture suffit. Sinon, le réseau confirme par une deuxième signature.
requests-within = Réponse attendue : { $urgency }, { $within }
requests-blind = Lecture en aveugle
requests-blind-hint = L’expert consigne son avis avant de voir votre premier diagnostic. Les deux textes sont ensuite montrés côte à côte.
requests-blind-short = Avis consigné avant de voir le premier diagnostic
requests-first-diagnosis = Premier diagnostic
requests-who-title = Qui est sollicité
requests-pool-choose = Choisir un groupe
requests-together = { $count ->
    [0] Personne ne peut être sollicité de cette façon en ce moment.
    [one] Un expert est sollicité :
   *[other] { $count } experts sont sollicités ensemble :
}
requests-diagnosis-none = Le dossier n’en a pas.
requests-diagnosis-sent = Joint à la demande tel qu’il est maintenant.
requests-diagnosis-change = Modifier dans le dossier
requests-missing-title = Avant l’envoi
requests-missing-none = Rien ne manque.
requests-missing-question = Écrivez votre question.
requests-missing-blocks = Empêche l’envoi
requests-missing-warns = À savoir
requests-missing-mend = Compléter
requests-missing-see = Voir
