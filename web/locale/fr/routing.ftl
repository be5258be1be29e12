# Qui est proposé, pourquoi, et quand sa réponse peut être attendue.

reason-reads-organ = Spécialité : { $organ }
reason-network = Membre du réseau { $network }
reason-coordinating-centre = Centre coordonnateur du réseau { $network }
reason-expert-centre = Centre expert du réseau { $network }
reason-subspecialty = { $know_how ->
    [DSM211] Dermatopathologiste
    [DSM212] Fœtopathologiste
    [DSM225] Neuropathologiste
   *[other] Compétence reconnue pour cet organe
}
reason-identity-psc = Identité attestée par Pro Santé Connect
reason-identity-credential = Droit d’exercer vérifié par un coordinateur
reason-never-came = N’a encore jamais ouvert telepath : la demande servira d’invitation
reason-preferred = Expert préféré du demandeur
reason-rule-prefers = { $noted ->
    [yes] { $scope ->
        [group] Recommandé par votre groupe : { $note }
       *[institution] Recommandé par votre établissement : { $note }
    }
   *[no] { $scope ->
        [group] Recommandé par votre groupe
       *[institution] Recommandé par votre établissement
    }
}
reason-same-region = Même région : { $region }
reason-regional-first = Votre région d’abord : { $region }
reason-pool = Membre de « { $pool } »
reason-language = Langue : { $language }
reason-answered-before = { $count ->
    [one] A déjà rendu un avis à ce demandeur
   *[other] A déjà rendu { $count } avis à ce demandeur
}
reason-on-duty = D’astreinte maintenant : il est { $time } à { $city }
reason-at-work = Joignable maintenant : il est { $time } à { $city }
reason-not-at-work = Hors des heures ouvrées : il est { $time } à { $city }
reason-back = De retour { $day }
reason-load = { $count ->
    [0] Aucun avis en attente
    [one] Un avis en attente
   *[other] { $count } avis en attente
}
reason-usual-answer = Répond d’habitude en { $unit ->
    [days] { $count } jours
   *[hours] { $count } h
} ({ $answers } avis mesurés)
reason-said-answer = Annonce une réponse en { $unit ->
    [days] { $count } jours
   *[hours] { $count } h
}
reason-late = Réponse probable { $day }, après l’échéance
reason-chosen-despite = Choisi malgré cette réserve : { $why }
reason-conflict-same-group = Lien d’intérêts possible : même groupement, { $group }
reason-conflict-read-before = A déjà rendu un avis sur ce dossier
reason-conflict-declined-requester = A décliné une autre demande de ce demandeur pour conflit d’intérêts
reason-conflict-declined-institution = A décliné une demande de cet établissement pour conflit d’intérêts

exclusion-requester = Vous êtes l’auteur de la demande.
exclusion-own-institution = Même établissement que le dossier : { $institution }.
exclusion-expert-s-institution = Même établissement que l’expert : { $institution }.
exclusion-conflict-author = A créé ce dossier : son avis ne serait pas un second avis.
exclusion-conflict-member = Exerce aussi dans l’établissement du dossier : { $institution }.
exclusion-conflict-colleague = Exerce dans le même établissement que l’auteur du dossier : { $institution }.
exclusion-conflict-seen = A déjà ouvert les lames de ce dossier pour l’établissement demandeur.
exclusion-conflict-signed = A déjà signé un avis sur ce dossier pour l’établissement demandeur.
exclusion-conflict-declined-case = A décliné ce dossier pour conflit d’intérêts.
exclusion-conflict-declined-requester = A déclaré un conflit d’intérêts avec ce demandeur.
exclusion-no-longer-expert = Ne répond plus aux demandes d’avis ({ $institution }).
exclusion-already-asked = Déjà sollicité pour cette demande.
exclusion-other-organ = Ne lit pas cet organe.
exclusion-rule-excludes = { $noted ->
    [yes] { $scope ->
        [group] Écarté par une règle de votre groupe : { $note }
       *[institution] Écarté par une règle de votre établissement : { $note }
    }
   *[no] { $scope ->
        [group] Écarté par une règle de votre groupe.
       *[institution] Écarté par une règle de votre établissement.
    }
}
exclusion-not-in-pool = N’appartient pas au groupe d’experts choisi.
exclusion-not-in-network = N’appartient pas au réseau { $network }.
exclusion-not-available = Indisponible.
exclusion-absent = Absent jusqu’après l’échéance : de retour { $day }.

routing-regional-first = Les experts disponibles de la région { $region } viennent en premier.
routing-national-fallback = Aucun expert de la région { $region } n’est libre : le pays entier est proposé.

routing-expected = Réponse attendue { $when }
routing-expected-there = soit { $when } à { $city }
routing-more = Autres experts proposés ({ $count })
routing-anyway = Choisir quand même
routing-anyway-hint = Un expert écarté peut être choisi si vous dites pourquoi : ce motif est enregistré avec la demande.
routing-barred-hint = Pour les autres, la raison indiquée ne peut pas être levée.

expected-basis-record = { $count ->
    [one] d’après un avis signé
   *[other] d’après ses { $count } derniers avis
}
expected-basis-said = délai annoncé, pas encore mesuré
expected-basis-presumed = estimation, faute d’avis déjà mesurés

soon-minutes = { $count ->
    [0] tout de suite
    [one] dans une minute
   *[other] dans { $count } minutes
}
soon-today = { $part ->
    [morning] ce matin
    [afternoon] cet après-midi
   *[evening] ce soir
}
soon-tomorrow = { $part ->
    [morning] demain matin
    [afternoon] demain après-midi
   *[evening] demain soir
}
soon-day = { $part ->
    [morning] { $day } matin
    [afternoon] { $day } après-midi
   *[evening] { $day } soir
}

consults-not-offered = Personne de plus n’est sollicité

audit-detail-despite = Pourquoi un expert écarté a été choisi
audit-detail-left-out = Raison de l’écart

field-despite = Pourquoi ce choix malgré tout

experts-prefer = Préférer
experts-forget = Ne plus préférer
error-preferred-full = Vous avez déjà { $limit } experts préférés. Retirez-en un pour en ajouter un autre.

decline-absent = Absent ou indisponible
decline-overloaded = Trop d’avis en cours
decline-other-field = Hors du domaine de l’expert
decline-conflict = Conflit d’intérêts
decline-quality = Lames illisibles
decline-other = Autre motif
decline-reason-hint = Nécessaire seulement pour un autre motif. Un conflit d’intérêts est retenu : vous ne serez plus proposé à ce demandeur pour ce type de demande.
decline-at-once = Un clic sur le motif décline la demande. Le demandeur le lit et peut aussitôt solliciter un autre expert.
field-decline-code = Motif
audit-detail-decline = Motif du refus

error-expert-barred = Cet expert ne peut pas être sollicité : la raison est indiquée à côté de son nom. Choisissez-en un autre.
error-override-missing = Dites en quelques mots pourquoi vous choisissez un expert écarté : ce motif est enregistré avec la demande.
