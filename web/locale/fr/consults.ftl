# Avis : liste de travail, demande, proposition, lecture, signature, compte rendu.

organ-digestive = Appareil digestif
organ-breast = Sein
organ-skin = Peau
organ-lymphoid = Ganglion, moelle, rate
organ-soft-tissue = Tissus mous
organ-lung = Poumon, plèvre
organ-gynaecology = Gynécologie
organ-urology = Rein, voies urinaires, appareil génital masculin
organ-nervous = Système nerveux
organ-endocrine = Glandes endocrines
organ-head-neck = Tête et cou
organ-bone = Os
organ-other = Autre

urgency-frozen = Extemporané
urgency-urgent = Urgent
urgency-standard = Standard
urgency-systematic = Relecture systématique

language-fr = français
language-en = anglais

consults-status-draft = Brouillon
consults-status-active = En cours
consults-status-on-hold = À réorienter
consults-status-revoked = Annulé
consults-status-completed = Rendu

worklist-title = Liste de travail
worklist-lead = { $count ->
    [0] Rien n’attend votre action.
    [one] Une demande attend votre action.
   *[other] { $count } demandes attendent votre action.
}
worklist-late = { $count ->
    [one] Une échéance est dépassée.
   *[other] { $count } échéances sont dépassées.
}
worklist-to-do = À traiter
worklist-waiting = En attente
worklist-done = Terminés
worklist-waiting-none = Aucune réponse attendue
worklist-done-none = Rien de terminé depuis trente jours
worklist-erased = Demande d’un dossier effacé
worklist-done-hint = Avis signés depuis moins de trente jours. Les plus anciens se trouvent dans leur dossier.
worklist-empty = Aucune demande d’avis pour l’instant
worklist-empty-text = Pour demander un avis, ouvrez le dossier concerné. Les demandes que vous recevrez s’afficheront ici sans recharger la page.
worklist-open-cases = Voir les dossiers
worklist-request = Demande
worklist-urgency = Urgence
worklist-due = Échéance
worklist-with = Correspondant
worklist-state = État
worklist-signed-at = Signé

entry-to-answer = À accepter
entry-accepted = Accepté
entry-in-progress = En rédaction
entry-on-hold = À réorienter
entry-offered = Proposé
entry-being-read = En lecture
entry-to-read = Avis à lire
entry-answered = Avis rendu
entry-signed = Signé
entry-erased = Effacé
entry-revoked = Annulé

consults-new-title = Demander un avis
consults-new-lead = Dossier { $number } – { $title }
consults-new-question-title = Votre question
consults-question-hint = Ce que vous demandez à l’expert, en une ou deux phrases. Sans identité du patient.
consults-context-hint = Repris du dossier ; complétez-le si besoin. Âge, antécédents, macroscopie, immunohistochimie déjà faite.
consults-experts-title = L’expert
consults-experts-hint = Classés par telepath ; les raisons sont indiquées. Le choix vous revient.
consults-experts-none = Aucun expert à proposer
consults-experts-none-text = Ailleurs, personne n’est enregistré comme expert de cet organe, ou n’est disponible. Pour élargir la recherche, essayez un organe voisin, ou demandez à l’équipe qui gère telepath d’enregistrer un expert.
consults-experts-none-else = Tous les experts de cet organe ont été sollicités ou ne sont pas disponibles. Pour élargir la recherche, annulez cette demande et faites-en une autre depuis le dossier, ou demandez à l’équipe qui gère telepath d’enregistrer un expert.
consults-propose = Proposer des experts
consults-propose-hint = À utiliser après avoir changé l’organe ou l’urgence.
consults-first-choice = Proposé en premier
consults-due-by = À rendre avant le { $date }
consults-left-out = Experts non proposés ({ $count })
consults-send = Envoyer la demande
consults-sharing = L’expert voit d’abord la demande seule. S’il accepte, il accède au dossier et à ses lames, le temps de l’avis et pendant les trente jours qui suivent la signature.

consults-title-case = Avis sur le dossier { $number }
consults-print = Compte rendu (PDF)
consults-revoke = Annuler la demande
consults-revoke-title = Annuler cette demande
consults-revoke-hint = L’expert n’aura plus accès au dossier ni aux lames. Une demande annulée ne peut pas être reprise.
consults-question-title = La question
consults-slides-title = Lames
consults-no-slides = Ce dossier n’a pas encore de lame.
consults-live = Ouvrir en direct
consults-live-named = Ouvrir en direct la lame { $slide }
consults-open-case = Ouvrir le dossier
consults-facts-title = La demande
consults-requester = Demandeur
consults-expert = Expert
consults-expert-asked = Expert sollicité
consults-requested-at = Demandé le
consults-due-at = Échéance
consults-why = Pourquoi cet expert
consults-history-title = Déroulé
consults-history-earlier = { $count ->
    [one] Une étape plus ancienne
   *[other] { $count } étapes plus anciennes
}
consults-jumps = Dans cette page
consults-jump-opinion = Avis
consults-thread-title = Discussion
reader-unnamed = Un lecteur
consults-thread-case = Discussion du dossier
consults-thread-hint = Lu par le demandeur et par l’expert. Sans identité du patient.

consults-offer-title = Cette demande vous est adressée
consults-offer-text = En acceptant, vous accédez au dossier et à ses lames, et vous vous engagez à répondre avant le { $date }.
consults-unable-no-expert-title = Vous n’avez plus le rôle d’expert
consults-unable-no-expert = Vous ne pouvez donc ni rédiger ni signer cet avis ; ce que vous aviez écrit est gardé. Votre rôle a changé. Adressez-vous à l’administrateur de votre établissement.
consults-unable-no-expert-offer = Le rôle d’expert vous manque en ce moment : vous pouvez décliner cette demande, pas l’accepter. Adressez-vous à l’administrateur de votre établissement.
consults-unable-other-institution-title = Cet avis vous a été demandé ailleurs
consults-unable-other-institution = Cet avis vous a été demandé dans une autre activité : { $place }. Pour le rédiger ou le signer, déconnectez-vous, puis choisissez-la en vous reconnectant. Ce que vous aviez écrit est gardé.
consults-unable-other-institution-offer = Cette demande vous est faite dans une autre activité : { $place }. Vous pouvez la décliner ; pour l’accepter, déconnectez-vous, puis choisissez-la en vous reconnectant.
consults-accept = Accepter
consults-decline = Décliner
consults-decline-title = Décliner cette demande
consults-decline-hint = Le demandeur lit ce motif et peut aussitôt solliciter un autre expert.
consults-on-hold = Tous les experts sollicités ont décliné
consults-declined-because = { $name } a décliné :
consults-revoked = Cette demande a été annulée.
consults-another-title = Solliciter un autre expert
consults-another-beside = Solliciter aussi un autre expert
consults-another-hint = Le premier qui accepte rend l’avis ; la demande est alors retirée à l’autre.
consults-another-send = Solliciter cet expert

consults-opinion-title = Votre avis
consults-conclusion-hint = Le diagnostic et la réponse à la question posée.
consults-remarks-hint = Examens complémentaires conseillés, réserves, limites de la lecture à distance sur ces lames.
consults-codings-hint = Un code par ligne, précédé de son système : ADICAP (lésions, thésaurus français), CIM-O (tumeurs), CIM-10 (maladies) ou SNOMED CT (termes cliniques). Exemple : CIM-O 8140/3.
consults-save = Enregistrer le brouillon
consults-saved-at = Enregistré à { $time }
consults-not-saved-yet = Le brouillon s’enregistre au fil de la saisie.
consults-sign = Signer l’avis
consults-review = Relire et signer
consults-sign-hint = Vous relirez le texte avant de signer ; la signature demande une authentification récente. Un avis signé ne se modifie plus : une correction prend la forme d’un addendum ou d’un avis rectifié.
consults-confirm-title = Relire avant de signer
consults-confirm-nothing-yet = Rien n’est encore signé : relisez, puis signez.
consults-confirm-text = Voici ce qui sera signé, sous votre nom et à la date de maintenant.
consults-confirm-back = Reprendre la rédaction
consults-conflict-title = Deux fenêtres ont modifié ce brouillon
consults-conflict-text = Rien n’a été écrasé. Le texte enregistré est ci-dessous, le vôtre se trouve dans le formulaire : complétez-le, puis enregistrez de nouveau.
consults-conflict-kept = Texte enregistré
consults-not-signed = L’avis n’est pas signé
consults-not-amended = L’addendum n’est pas signé
consults-not-saved = Le brouillon n’est pas enregistré
consults-not-declined = La demande n’est pas déclinée
consults-not-written = Le message n’est pas envoyé
consults-not-sent = La demande n’est pas envoyée
consults-waiting-opinion = L’avis n’est pas encore rendu.
consults-waiting-opinion-text = Une notification vous préviendra dès sa signature. Rien du brouillon n’est visible avant.
consults-completed = Complété
consults-amended = { $count ->
    [one] Complété par un addendum
   *[other] Complété par { $count } addenda
}
consults-signed-by = Signé par { $name }, { $place }
consults-codings = Codes
consults-system = { $system ->
    [ICD-O] CIM-O
   *[other] { $system }
}
consults-verification = Code de vérification :
consults-digest = Empreinte SHA-256
consults-addendum-new = Rédiger un addendum
consults-addendum-hint = L’avis signé reste tel quel. L’addendum s’y ajoute, signé et daté ; le demandeur en est averti.
consults-addendum-text = Texte de l’addendum
consults-addendum-sign = Signer l’addendum

moment-requested = Avis demandé
moment-offered = Proposé à { $about }
moment-accepted = Demande acceptée
moment-declined = Demande déclinée
moment-withdrawn = Proposition retirée à { $about }
moment-drafting = Brouillon enregistré
moment-signed = Avis signé
moment-amended = Addendum n° { $count } signé
moment-room = Séance en direct ouverte
moment-line = { $count ->
    [one] Message
   *[other] { $count } messages
}
moment-revoked = Demande annulée

field-question = Question posée
field-urgency = Urgence
field-expert = Expert
field-decline-reason = Précisions
field-conclusion = Conclusion
field-remarks = Commentaire et limites
field-codings = Codes diagnostiques

consults-report-title = Avis anatomopathologique à distance
consults-report-subtitle = { $organ } – télé-expertise sur lames numérisées
consults-report-number = Dossier { $number }
consults-report-requester = Demandeur
consults-report-expert = Expert
consults-report-rpps = RPPS { $number }
consults-report-organ = Organe
consults-report-urgency = Urgence
consults-report-asked = Demandé le
consults-report-signed = Signé le
consults-report-slides = Lames ouvertes par l’expert
consults-report-case = Dossier
consults-report-specimen = prélèvement { $label }
consults-report-block = bloc { $block }
consults-report-no-slides = aucune dans telepath
consults-report-addenda = Complété par
consults-report-addenda-count = { $count ->
    [one] un addendum, du { $at }
   *[other] { $count } addenda, le dernier du { $at }
}
consults-report-question = Question posée
consults-report-context = Renseignements cliniques
consults-report-shown = Conditions d’affichage
consults-report-codings = Codes
consults-report-verification = Code de vérification
consults-report-digest = SHA-256
consults-report-signed-by = Signé par { $name }, le { $at }
consults-report-authenticated = Identité du signataire vérifiée par Pro Santé Connect le { $at }
consults-report-use = Avis entre professionnels de santé, rendu à distance sur images numériques à l’aide de telepath, qui n’est pas un dispositif médical certifié. Le diagnostic relève du pathologiste demandeur. Ce document désigne le dossier par son numéro pseudonyme et ne contient pas l’identité du patient.

error-expert-not-chosen = Choisissez un expert.
error-expert-not-proposed = Cet expert ne peut plus être sollicité pour cette demande. Choisissez-en un autre dans la liste à jour.
error-offer-withdrawn = Cette demande ne vous attend plus : elle a été retirée, ou un autre expert l’a acceptée.
error-draft-conflict = Une autre fenêtre a enregistré ce brouillon entre-temps. Rien n’a été écrasé.
error-coding-unreadable = « { $line } » n’est pas un code reconnu. Écrivez le système puis le code, un par ligne (ADICAP, CIM-O, CIM-10, SNOMED CT).
