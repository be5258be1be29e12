# Après la réponse : ce que le demandeur en fait, les incidents, ce que le cas est devenu, un autre avis.

adoption-title = Votre décision sur cet avis
adoption-title-expert = Décision du demandeur sur votre avis
adoption-adopted = Adopté
adoption-refused = Refusé
adoption-contested = Contesté
adoption-disputed-contested = Le demandeur conteste votre avis
adoption-disputed-refused = Le demandeur ne retient pas votre avis
adoption-disputed-read = Lire son motif et y répondre
adoption-adopt = Adopter l’avis
adoption-other = Refuser ou contester
adoption-other-hint = L’expert lira votre motif. Il peut le compléter par un addendum ou proposer une autre lecture. Le dossier lui est rouvert pour 30 jours.
adoption-refuse = Refuser : je ne retiens pas cet avis
adoption-contest = Contester : je demande à l’expert d’y revenir
adoption-send = Envoyer à l’expert
adoption-decided = { $adoption }, par le demandeur
adoption-change = Changer de décision
adoption-expert-next = Vous pouvez signer un addendum ou proposer qu’un autre expert lise le cas.
adoption-to-addendum = Écrire un addendum
adoption-another = Proposer une autre lecture
adoption-another-send = Proposer au demandeur
adoption-not-decided = Votre décision n’a pas été enregistrée
adoption-not-proposed = La proposition n’a pas été envoyée
field-adoption-reason = Motif
field-adoption-choice = Votre décision
field-another-text = Pourquoi, et à qui penser

incidents-title = Incidents techniques
incidents-note-title = Noter un incident technique
incidents-note-hint = Il figurera au compte rendu.
incidents-note = Noter l’incident
incidents-not-noted = L’incident n’a pas été noté
incidents-by = noté par { $name }
incident-image = Image illisible ou floue
incident-network = Réseau ou débit
incident-scanner = Scanner de lames
incident-service = Service indisponible
incident-other = Autre
field-incident-kind = Incident
field-incident-text = Ce qui s’est passé

outcome-title = Ce que le cas est devenu
outcome-hint = L’expert est informé : c’est ainsi qu’il apprend.
outcome-record-title = Ajouter un résultat ultérieur
outcome-record = Enregistrer et informer l’expert
outcome-not-recorded = Le résultat n’a pas été enregistré
outcome-excision = Pièce opératoire
outcome-molecular = Biologie moléculaire
outcome-follow-up = Évolution clinique
outcome-other = Autre
verdict-confirms = Confirme l’avis
verdict-changes = Modifie le diagnostic
verdict-open = Ne tranche pas
field-outcome-kind = D’où vient ce résultat
field-outcome-verdict = Par rapport à l’avis
field-outcome-text = Résultat

outcomes-title = Ce que sont devenus mes avis
outcomes-lead = Les demandeurs notent ici ce qu’ils ont appris après votre réponse.
outcomes-none = Rien n’est encore connu
outcomes-none-text = Les résultats ultérieurs que les demandeurs notent sur vos avis apparaîtront ici.
outcomes-confirmed = Avis confirmés
outcomes-changed = Diagnostics modifiés
outcomes-open = Non tranchés
outcomes-signed = Votre avis du { $date }
outcomes-column-case = Cas
outcomes-column-opinion = Votre conclusion
outcomes-column-outcome = Résultat ultérieur
outcomes-column-verdict = Par rapport à l’avis
outcomes-mine = Voir ce que sont devenus mes avis

chain-title = Avis successifs sur ce cas
chain-earlier = Avis précédent
chain-later = Avis suivant
chain-earlier-hidden = L’avis précédent ne vous est pas communiqué : vous lisez sans le connaître.
chain-ask = Demander un autre avis
chain-ask-hint = À un autre expert, sur le même cas. Vous choisissez s’il voit l’avis déjà rendu.
chain-follows = Cette demande fait suite à un avis déjà rendu sur ce cas.
chain-shows-earlier = Montrer au nouvel expert les avis déjà rendus
chain-shows-earlier-hint = Sans cela, il lit sans les connaître.
error-chain-unanswered = On ne peut demander un autre avis qu’après la réponse au premier. Attendez-la, ou retirez la première demande.

chain-state-answered = Rendu le { $date }
chain-state-revoked = Annulé
chain-state-open = En cours

moment-incident = Incident technique noté
moment-outcome = Résultat ultérieur noté
moment-adopted = Avis adopté
moment-refused = Avis refusé
moment-contested = Avis contesté

done-opinion-decided = Votre décision est enregistrée. L’expert en est informé.
done-another-proposed = Votre proposition est envoyée au demandeur.
done-incident-noted = L’incident est noté. Il figurera au compte rendu.
done-outcome-recorded = Le résultat est enregistré. L’expert en est informé.

notices-opinion-adopted = { $by } adopte votre avis.
notices-opinion-contested = { $by } ne retient pas votre avis en l’état, et dit pourquoi.
notices-consult-another-proposed = { $by } propose qu’un autre expert lise le cas.
notices-outcome-recorded = { $by } vous apprend ce qu’est devenu un cas que vous avez lu.

audit-kind-consult-incident-noted = Incident technique noté
audit-kind-consult-outcome-recorded = Résultat ultérieur enregistré
audit-kind-opinion-adopted = Avis adopté
audit-detail-follows = Avis précédent
audit-detail-shows-earlier = Avis précédent montré au nouvel expert
audit-detail-adoption = Décision du demandeur
audit-detail-incident = Incident
audit-detail-incident-text = Ce qui s’est passé
audit-detail-follow-up = Résultat ultérieur
audit-detail-outcome-text = Texte du résultat
audit-detail-verdict = Par rapport à l’avis
