# Ce que règle la coordination : groupes d’experts, astreintes, règles d’orientation, délais de réponse, absences.

nav-coordination = Coordination
nav-duties = Astreintes
coordination-title = Coordination des avis
coordination-lead = Qui peut être sollicité, quand, et dans quel délai, pour les demandes de votre établissement : { $place }.
coordination-tabs = Parties de la coordination
coordination-pools = Groupes d’experts
coordination-rules = Règles d’orientation
coordination-turnaround = Délais de réponse
coordination-save = Enregistrer
coordination-not-saved = Rien n’a été enregistré

pools-lead = Un groupe réunit des experts de tous établissements que l’on sollicite ensemble : le premier qui accepte lit.
pools-none = Aucun groupe d’experts
pools-none-text = Créez-en un pour solliciter plusieurs experts à la fois, ou pour tenir un tableau d’astreinte.
pools-new = Nouveau groupe
pools-make = Créer le groupe
pools-name-hint = Par exemple : Extemporanés Antilles-Guyane.
pools-organs = Organes
pools-organs-hint = Sans coche : tous les organes.
pools-all-organs = tous les organes
pools-network-none = Aucun réseau
pools-facts = Ce que couvre le groupe
pools-count = { $count ->
    [0] aucun membre
    [one] { $count } membre
   *[other] { $count } membres
}
pools-on-call = D’astreinte en ce moment
pools-on-call-none = Personne n’est d’astreinte en ce moment.
pools-see-duties = Tableau d’astreinte
pools-members = Membres
pools-members-none = Aucun membre
pools-members-none-text = Sans membre, personne ne reçoit les demandes adressées à ce groupe. Ajoutez un premier expert.
pools-member = Expert
pools-place = Établissement
pools-since = Depuis
pools-unable = ne peut plus répondre
pools-unable-hint = N’est plus expert dans cet établissement, ou n’a plus accès au service : aucune demande ne lui est envoyée.
pools-add = Ajouter un expert
pools-add-hint = Les experts des organes couverts, de tous établissements. La personne en est informée.
pools-add-nobody = Tous les experts connus pour ces organes font déjà partie du groupe.
pools-remove = Retirer
pools-remove-named = Retirer { $name } du groupe
pools-end = Mettre fin au groupe
pools-end-hint = Plus personne n’est sollicité par ce groupe, et ses astreintes à venir sont retirées. Les demandes déjà envoyées continuent.
error-pool-exists = Votre établissement a déjà un groupe nommé « { $name } ». Choisissez un autre nom.

roster-title = Astreintes
roster-lead = { $pool } : semaine du { $first } au { $last }.
roster-clock = { $zone } ; dessous, celles du territoire quand elles diffèrent.
roster-previous = Semaine précédente
roster-this = Cette semaine
roster-next = Semaine suivante
roster-weeks = Choisir la semaine
roster-nobody = Personne ne répond
roster-nobody-text = À ces heures, aucun membre n’est d’astreinte, et aucun n’est à ses heures de travail :
roster-always = À toute heure de cette semaine, un membre est d’astreinte ou à ses heures de travail.
roster-none = Aucune astreinte enregistrée
roster-none-text = Enregistrez la première ci-dessous : telepath montrera alors les heures où personne ne répond.
roster-territory = Territoire
roster-gap = personne
roster-gap-hint = hors des heures ouvrées
roster-twice = à deux
roster-absent = absent
roster-absent-hint = Cette personne a annoncé une absence à ces heures.
roster-there = { $place } : { $begin } à { $end }
roster-remove = Retirer
roster-remove-named = Retirer l’astreinte de { $name }, { $when }
roster-enter = Enregistrer des astreintes
roster-enter-hint = Les heures sont celles du territoire. Pour une rotation, enregistrez chaque personne avec le même rythme, en décalant le premier jour d’une semaine.
roster-days = Jours où l’astreinte commence
roster-ends-hint = Si l’heure de fin n’est pas après celle du début, l’astreinte finit le lendemain.
roster-every-hint = 1 : chaque semaine ; 3 : une semaine sur trois.
roster-phone-hint = Montré sur ce tableau, et à l’alarme quand personne ne répond.
roster-go = Enregistrer
roster-nobody-to-enter = Ajoutez d’abord des experts au groupe.
error-duty-days = Choisissez au moins un jour.
error-duty-order = Le dernier jour ne peut pas précéder le premier.
error-duty-long = On enregistre { $days } jours à la fois au plus. Raccourcissez la période.
error-duty-none = Aucun de ces jours ne tombe dans la période. Changez les jours, ou les dates.
error-duty-past = Toutes ces astreintes sont passées. Changez les dates.
error-duty-phone = Indiquez un numéro de téléphone, par exemple +594 594 00 00 00.
error-duty-exists = Cette personne est déjà d’astreinte pour ce territoire pendant une partie de ce temps. Retirez d’abord ces astreintes, ou changez les dates.
error-duty-time = Indiquez une heure, sous la forme 18:00.

duties-title = Mes astreintes
duties-lead = Quand vous répondez pour un groupe d’experts. Un collègue peut prendre votre place : l’astreinte reste la vôtre tant qu’il n’a pas accepté.
duties-pools = Vous faites partie de : { $pools }.
duties-pools-none = Vous ne faites partie d’aucun groupe d’experts.
duties-none = Aucune astreinte à venir
duties-none-text = Celles qui vous seront confiées apparaîtront ici, et vous en serez informé.
duties-when = Quand
duties-where = Groupe et territoire
duties-phone = Téléphone
duties-now = en cours
duties-waiting-you = On vous demande
duties-ask-text = { $name } vous demande de prendre cette astreinte.
duties-take = La prendre
duties-take-hint = Le numéro où vous répondrez pendant cette astreinte.
duties-decline = Refuser
duties-ask = Demander à un collègue de la prendre
duties-ask-go = Demander
duties-ask-nobody = Aucun autre membre du groupe ne peut la prendre.
duties-asked = Demandé à { $name }
duties-asked-withdraw = Ne plus demander
duties-asked-withdraw-named = Ne plus demander à { $name }
duty-swap-taken = prise
duty-swap-declined = refusée
duty-swap-withdrawn = retirée
error-duty-asked = Ce collègue est déjà sollicité pour cette astreinte. Attendez sa réponse, ou demandez à un autre.
error-duty-answered = Cette demande a déjà reçu sa réponse, ou a été retirée. La liste ci-dessous est à jour.
error-duty-no-member = Vous ne pouvez plus répondre pour ce groupe d’experts : l’astreinte reste à votre collègue.
error-duty-own = Vous êtes déjà d’astreinte pour ce territoire à ces heures.

rules-lead = Ce qui vaut pour les demandes de votre établissement, ou des groupes d’établissements qu’il pilote. Chaque règle est montrée à qui demande un avis, avec votre commentaire.
rules-none = Aucune règle
rules-none-text = Les experts sont proposés selon leur organe, leur charge, leurs horaires et leur délai habituel.
rules-new = Nouvelle règle
rules-make = Ajouter la règle
rules-always = Toujours
rules-prefer = Proposer d’abord { $target }.
rules-exclude = Ne pas proposer { $target }.
rules-regional-first = Proposer d’abord les experts de la région de qui demande ; tout le pays si aucun n’est libre.
rules-for-group = Pour tous les membres de { $group }
rules-scope = Pour les demandes de
rules-scope-own = votre établissement
rules-any = Toutes
rules-any-organ = Tous
rules-target-hint = Inutile pour « la région d’abord ».
rules-target-blank = Personne en particulier
rules-target-person = Experts
rules-target-institution = Établissements
rules-target-group = Groupes d’établissements
rules-target-network = Réseaux nationaux
rules-note-hint = Montré avec la règle, par exemple : convention de 2025.
rules-end = Supprimer
rules-end-named = Supprimer la règle : { $rule }
rules-gone = qui n’est plus là
rule-effect-prefer = proposer d’abord
rule-effect-exclude = ne pas proposer
rule-effect-regional-first = la région d’abord
error-rule-nobody = Indiquez qui la règle désigne, ou choisissez « la région d’abord ».
error-rule-exists = Cette règle existe déjà.

turnaround-lead = Dans quel délai vous attendez une réponse. Minutes et heures courent jour et nuit ; les jours se terminent à la fermeture du service de l’expert. Les demandes déjà envoyées gardent leur échéance.
turnaround-urgency = Urgence
turnaround-amount = Délai
turnaround-unit = Unité
turnaround-usual = Habituel
turnaround-amount-of = Délai : { $urgency }
turnaround-unit-of = Unité : { $urgency }
turnaround-minutes = minutes
turnaround-hours = heures
turnaround-days = jours
turnaround-working-days = jours ouvrés
turnaround-said = { $unit ->
    [minutes] { $amount } min
    [hours] { $amount } h
    [days] { $amount ->
        [one] { $amount } jour
       *[other] { $amount } jours
    }
   *[working-days] { $amount ->
        [one] { $amount } jour ouvré
       *[other] { $amount } jours ouvrés
    }
}

absence-away-title = Sans remplaçant
absence-away-lead = Pendant ces jours, aucune demande d’avis n’est proposée à ces personnes, où qu’elles travaillent.
absence-away-blank = Personne
absence-delegate-hint = Sans remplaçant, aucune demande d’avis ne vous est proposée, et rien de ce qui vous a été confié n’est transmis.
absence-away-end-named = Mettre fin à l’absence de { $name }
error-absence-exists = Une absence est déjà annoncée pendant une partie de ces jours. Mettez-y d’abord fin.

field-amount = Délai
field-amount-frozen = Délai extemporané
field-amount-urgent = Délai urgent
field-amount-standard = Délai standard
field-amount-systematic = Délai de relecture systématique
field-unit-frozen = Unité
field-unit-urgent = Unité
field-unit-standard = Unité
field-unit-systematic = Unité
field-organs = Organes
field-territory = Territoire
field-phone = Téléphone
field-ends = Fin
field-every = Toutes les … semaines
field-colleague = Collègue
field-effect = Ce que fait la règle
field-target = Qui

done-pool-made = Groupe créé. Ajoutez ses experts.
done-pool-changed = Groupe modifié.
done-pool-joined = Expert ajouté au groupe.
done-pool-left = Expert retiré du groupe.
done-pool-ended = Groupe terminé.
done-duties-entered = Astreintes enregistrées.
done-duty-withdrawn = Astreinte retirée.
done-rule-made = Règle ajoutée.
done-rule-ended = Règle supprimée.
done-turnaround-changed = Délais enregistrés.
done-swap-asked = Demande envoyée. L’astreinte reste la vôtre jusqu’à la réponse.
done-swap-taken = L’astreinte est maintenant la vôtre.
done-swap-declined = Refus transmis.
done-swap-withdrawn = Demande retirée.
done-absence-said = Absence enregistrée.
done-absence-ended = Absence terminée.

notices-pool-joined = { $by } vous a inscrit dans un groupe d’experts.
notices-pool-left = { $by } vous a retiré d’un groupe d’experts, ou y a mis fin.
notices-duty-given = { $by } vous a inscrit au tableau d’astreinte.
notices-duty-withdrawn = { $by } a retiré une de vos astreintes.
notices-swap-asked = { $by } vous demande de prendre une astreinte.
notices-swap-taken = { $by } prend l’astreinte que vous cherchiez à confier.
notices-swap-declined = { $by } ne prend pas votre astreinte : elle reste la vôtre.
notices-swap-withdrawn = { $by } ne vous demande plus de prendre son astreinte.
notices-absence-said = { $by } a annoncé une absence à votre nom.

audit-action-routing-manage = régler la coordination des avis
audit-action-duty-take = tenir une astreinte
audit-action-statement-view = voir un relevé d’activité
audit-object-pool = groupe d’experts
audit-object-duty = astreinte
audit-object-rule = règle d’orientation
audit-detail-turnaround = Délais modifiés
audit-detail-organs = Organes
audit-detail-duties = Nombre d’astreintes
audit-detail-territory = Territoire
audit-detail-phone = Téléphone
audit-detail-rule-of = Règle pour
audit-detail-rule-effect = Effet de la règle
audit-detail-rule-target = Désigne
audit-detail-rule-kind = Nature de la demande
