# L’établissement, ses membres, leurs invitations et leurs titres d’exercice.

nav-administration = Administration
administration-title = Administration
administration-lead = Ce que vous gérez pour { $place }. Chaque modification est inscrite dans la traçabilité.
administration-institution = Établissement
administration-institution-about = Nom, région, fuseau horaire, jours et heures d’ouverture.
administration-departments = Services
administration-departments-about = Les services de l’établissement, où chaque membre peut être placé.
administration-members = Membres
administration-members-about = Qui travaille ici, avec quels rôles, et quand chacun s’est connecté.
administration-invitations = Invitations
administration-invitations-about = Inscrire quelqu’un avant sa première connexion, renvoyer ou retirer une invitation.
administration-credentials = Titres d’exercice
administration-credentials-about = Vérifier dans un registre les experts sans numéro RPPS.
administration-credentials-waiting = { $count ->
    [one] { $count } titre à vérifier
   *[other] { $count } titres à vérifier
}

administration-not-saved = Rien n’a été enregistré
administration-save = Enregistrer
administration-add = Ajouter
administration-change = Modifier
administration-rename = Renommer
administration-remove = Supprimer
administration-cancel = Annuler
administration-acts = Actions
administration-person = Personne

administration-facts = Identité
administration-finess = Numéro FINESS
administration-finess-hint = Pro Santé Connect s’appuie sur ce numéro : seule l’équipe qui gère telepath peut le changer.
administration-finess-unusual = La clé de ce numéro ne correspond pas : c’est normal pour un numéro d’essai, pas pour un établissement réel. Vérifiez-le dans l’annuaire FINESS.
administration-check-unusual = Clé inhabituelle
administration-zone-hint = Les heures affichées et les délais de réponse se comptent à cette heure.
administration-calendar = Jours et heures ouvrés
administration-calendar-hint = Les délais des avis demandés à vos experts se comptent sur ces jours. Les délais déjà fixés ne changent pas. Les jours fériés nationaux, et ceux que la loi donne à votre territoire, sont toujours fermés.
administration-calendar-usual = Ce sont pour l’instant les horaires habituels : du lundi au vendredi, de 8 h à 18 h.
administration-calendar-save = Enregistrer les horaires
administration-closed-hint = Un jour par ligne, comme 24/12/2026 : fêtes locales, ponts, fermetures. { $limit } jours au plus.
weekday-0 = lundi
weekday-1 = mardi
weekday-2 = mercredi
weekday-3 = jeudi
weekday-4 = vendredi
weekday-5 = samedi
weekday-6 = dimanche

administration-departments-none = Aucun service
administration-departments-none-text = Un petit établissement peut s’en passer. Ajoutez-en pour dire où travaille chacun.
administration-department-new = Nouveau service
administration-department-hint = Par exemple : Anatomie et cytologie pathologiques.
administration-new-name = Nouveau nom
administration-people = { $count ->
    [one] { $count } personne
   *[other] { $count } personnes
}
administration-department-in-use = { $count ->
    [one] Une personne y travaille : pour supprimer ce service, placez-la d’abord ailleurs.
   *[other] { $count } personnes y travaillent : pour supprimer ce service, placez-les d’abord ailleurs.
}

administration-invite = Inviter quelqu’un
administration-seen = Dernière présence
administration-never-seen = jamais venu
administration-signed-in = Connecté
administration-suspended = Accès suspendu
administration-suspended-text = L’équipe qui gère telepath a suspendu cette personne, ici et ailleurs : adressez-vous à elle pour rétablir l’accès. Les rôles restent enregistrés.
administration-invited = Invitation en attente
administration-see-invitation = Voir l’invitation
administration-sessions = Sessions ouvertes
administration-rpps = RPPS { $number }
administration-no-rpps = Sans numéro RPPS
administration-rpps-unusual = La clé de ce numéro ne correspond pas : c’est normal pour un numéro d’essai, pas pour un professionnel réel.
administration-identity = Identité
administration-membership = Rôles et service
administration-roles-hint = Cochez tout ce que cette personne fait ici.
administration-no-department = Aucun service
administration-member-hint = Un droit donné vaut dès la prochaine page. Un droit retiré ferme aussitôt les sessions de cette personne ici, avec ses lames et ses séances ouvertes. Qui ne peut plus inviter n’a plus d’invités : ses liens prennent fin.
administration-end-title = Mettre fin à l’appartenance
administration-end-hint = { $name } ne pourra plus agir pour cet établissement. Ses sessions se ferment aussitôt, et les liens de ses invités prennent fin. Ses dossiers, ses messages et ses avis signés restent.
administration-end-here = Cela vaut ici seulement. Pour couper partout l’accès d’une personne (carte volée, compte compromis), prévenez l’équipe qui gère telepath : comme cette personne agit peut-être pour d’autres établissements, cette équipe seule peut la suspendre.
administration-end = Mettre fin à l’appartenance

role-about-requester = crée des dossiers et demande des avis
role-about-expert = répond aux demandes d’avis et signe ; il faut être anatomopathologiste
role-about-coordinator = suit les demandes et vérifie les titres des experts étrangers
role-about-board-chair = prépare et conduit les réunions de concertation
role-about-technician = prépare les dossiers et les lames, sans demander ni donner d’avis
role-about-auditor = lit la traçabilité, sans voir de lame
role-about-observer = voit des chiffres d’ensemble, sans aucun dossier
role-about-administrator = gère l’établissement et ses membres, sans voir de dossier

administration-invitations-lead = Les personnes que vous attendez. Une invitation s’accepte d’elle-même à la première connexion.
administration-invitations-none = Personne n’est attendu
administration-invitations-none-text = Qui a accepté son invitation figure parmi les membres.
administration-invited-by = Invité par
administration-expires = Valable jusqu’au
administration-expired = Expirée
administration-resend = Renvoyer
administration-resend-named = Renvoyer la lettre de { $name }
administration-resend-address = Adresse à laquelle renvoyer la lettre de { $name }
administration-resend-hint = Renvoyer fait une nouvelle lettre, valable trente jours ; le lien de la précédente ne sert plus. L’adresse est à saisir de nouveau ; sans elle, vous remettez la lettre vous-même.
administration-withdraw = Retirer
administration-withdraw-named = Retirer l’invitation de { $name }
administration-by-psc = Pro Santé Connect

administration-invite-lead = Pour travailler avec { $place }. La personne pourra se connecter dès maintenant ; une lettre lui dit comment.
administration-not-invited = L’invitation n’est pas partie
administration-identified-by = Comment cette personne prouve qui elle est
administration-identified-by-hint = Les professionnels inscrits en France ont tous un numéro RPPS.
administration-by-psc-hint = avec sa carte CPS ou e-CPS, et son numéro RPPS
administration-by-other-hint = expert étranger, sans numéro RPPS : une coordinatrice ou un coordinateur devra vérifier son titre d’exercice
administration-rpps-hint = Onze chiffres, que donne annuaire.esante.gouv.fr. C’est à ce numéro que la personne sera reconnue.
administration-rpps-hint-foreign = Onze chiffres, que donne annuaire.esante.gouv.fr. Laissez vide pour un expert étranger.
administration-names-hint = Comme vous les connaissez ; Pro Santé Connect les corrigera au besoin à la première connexion.
administration-person-title = Civilité
administration-no-title = Sans titre
administration-language = Langue de la lettre
administration-email-hint = La lettre y sera envoyée. Sans adresse, vous la remettrez vous-même.
administration-invite-roles-hint = Ils figurent dans la lettre.
administration-invite-go = Inviter

administration-letter-title = Invitation de { $name }
administration-letter = La lettre
administration-letter-sent = Lettre envoyée à { $address }
administration-letter-sent-text = Vous pouvez aussi la remettre vous-même : la voici.
administration-letter-not-sent = La lettre n’a pas pu être envoyée à { $address }
administration-letter-not-sent-text = Le serveur de courrier ne l’a pas prise. L’invitation vaut tout de même : remettez la lettre vous-même, ou renvoyez-la plus tard depuis la liste.
administration-letter-hand-over = Remettez cette lettre
administration-letter-hand-over-text = Aucune adresse n’est connue : imprimez-la, ou copiez le lien dans votre messagerie sécurisée.
administration-letter-unusual = Le dernier chiffre du numéro { $number } ne correspond pas aux autres : c’est normal pour un numéro d’essai. Pour une personne réelle, retirez l’invitation et recopiez le numéro : un autre professionnel pourrait être reconnu à sa place.
administration-letter-link = Le lien seul
administration-letter-link-hint = Il n’est montré qu’ici, et il est personnel : qui le suit doit encore prouver qui il est, mais sans numéro RPPS, le premier compte qui répond est rattaché à l’invitation. Ne le donnez qu’à la personne invitée.
administration-letter-until = Valable jusqu’au
administration-letter-done = Voir les invitations

administration-credentials-lead = Un fournisseur d’identité étranger prouve qui est une personne, pas qu’elle est médecin. Sans titre vérifié ici, elle ne peut pas répondre comme expert.
administration-credentials-empty = Personne ici n’a besoin de vérification
administration-credentials-empty-text = Tous les membres ont été reconnus par Pro Santé Connect.
administration-credential-good = Titre vérifié
administration-credential-unbound = Attend sa première connexion. Le titre se vérifie ensuite, sous le nom que le fournisseur d’identité aura prouvé.
administration-credential-none = Titre à vérifier
administration-credential-none-text = Une coordinatrice ou un coordinateur doit d’abord trouver cette personne dans le registre de son pays.
administration-verified = Vérifié
administration-verified-by = par { $name }, le { $at }
administration-verify-title = Noter le titre vérifié
administration-verify-again = Noter une nouvelle vérification
administration-verify-hint = Cherchez la personne dans le registre de son pays, puis notez où et sous quel numéro vous l’avez trouvée. Votre nom et la date figureront dans ses avis. Le droit vaut à partir de sa prochaine connexion.
administration-verify-authority = Qui tient le registre, par exemple : Ordre des médecins (Belgique).
administration-verify-register-number = Son numéro dans ce registre.
administration-verify-country = Deux lettres : BE, DE, CH…
administration-verify = Noter comme vérifié
administration-credential-withdraw-title = Retirer ce titre
administration-credential-withdraw-hint = La personne n’est plus experte, et ses sessions se ferment aussitôt. Ses avis signés restent, avec la vérification qui valait alors.
administration-credential-withdraw = Retirer le titre

invitation-title = Invitation
invitation-heading = { $place } vous invite
invitation-lead = À travailler avec ses équipes ({ $city }) sur telepath, comme :
invitation-text = Connectez-vous avec votre carte CPS ou l’application e-CPS : telepath vous reconnaît à votre numéro RPPS.
invitation-text-other = Connectez-vous avec { $provider } : votre compte sera rattaché une fois pour toutes à cette invitation.
invitation-go-other = Se connecter avec { $provider }
invitation-until = Invitation valable jusqu’au
invitation-not-you = Si elle ne vous est pas destinée, fermez cette page et prévenez l’établissement.
invitation-letter-subject = { $institution } vous invite sur telepath
invitation-letter =
    { $name },

    { $institution } ({ $city }) vous invite à travailler avec ses équipes sur telepath, service de partage de lames et d’avis entre pathologistes. Votre rôle : { $roles }.

    Pour commencer, ouvrez ce lien et prouvez votre identité :
    { $link }

    L’invitation est valable { $days } jours. Le lien est personnel : ne le transmettez à personne. Si vous n’attendiez pas cette lettre, ignorez-la.

login-problem-invitation = Cette invitation ne peut pas servir
error-login-invitation = L’invitation a été retirée, a expiré, ou était destinée à quelqu’un d’autre.
login-advice-invitation = Demandez une nouvelle lettre à l’établissement qui vous invite. Si vous êtes déjà inscrit, connectez-vous sans passer par la lettre.

done-institution-changed = Établissement modifié.
done-calendar-changed = Horaires modifiés.
done-department-added = Service ajouté.
done-department-renamed = Service renommé.
done-department-removed = Service supprimé.
done-member-changed = Rôles et service modifiés.
done-member-ended = Cette personne n’appartient plus à l’établissement.
done-invitation-withdrawn = Invitation retirée : cette personne n’est plus attendue.
done-credential-verified = Titre noté. Il vaut à partir de la prochaine connexion de cette personne.
done-credential-withdrawn = Titre retiré.

field-name = Nom
field-city = Ville
field-region = Région
field-time-zone = Fuseau horaire
field-days = Jours ouvrés
field-opens = Ouverture
field-closes = Fermeture
field-closed = Jours fermés en plus
field-department = Service
field-rpps = Numéro RPPS
field-given-name = Prénom
field-family-name = Nom de famille
field-email = Adresse de courriel
field-roles = Rôles
field-provider = Fournisseur d’identité
field-authority = Registre
field-register-number = Numéro d’inscription
field-country = Pays

error-calendar-days = Choisissez au moins un jour ouvré : sans lui, aucun délai ne finirait jamais.
error-calendar-hours = La fermeture doit venir après l’ouverture.
error-calendar-time = « { $field } » attend une heure comme 08:00.
error-calendar-day = « { $day } » n’est pas un jour. Écrivez-le comme 24/12/2026, un par ligne.
error-calendar-closed-many = Cela fait trop de jours fermés : { $limit } au plus. Retirez les jours passés.
error-department-exists = Un service s’appelle déjà « { $name } ». Choisissez un autre nom.
error-department-not-empty = { $count ->
    [one] Une personne travaille encore dans le service « { $name } » : placez-la ailleurs, puis supprimez-le.
   *[other] { $count } personnes travaillent encore dans le service « { $name } » : placez-les ailleurs, puis supprimez-le.
}
error-member-no-role = Choisissez au moins un rôle. Pour qu’une personne n’en ait plus aucun, mettez fin à son appartenance.
error-member-changed = Quelqu’un d’autre vient de modifier les rôles de { $name }. Les voici tels qu’ils sont maintenant : refaites votre choix.
error-member-own-role = Vous ne pouvez pas vous retirer vous-même le rôle d’administrateur : une erreur vous laisserait dehors. Demandez-le à un autre administrateur de l’établissement.
error-member-oneself = Vous ne pouvez pas mettre fin à votre propre appartenance. Demandez-le à un autre administrateur de l’établissement.
error-member-last-administrator = { $name } est la dernière personne à administrer cet établissement. Donnez d’abord ce rôle à quelqu’un d’autre.
error-member-not-expert = { $name } ne peut pas être expert : Pro Santé Connect ne lui connaît pas la qualification d’anatomopathologiste. Laissez le rôle d’expert décoché, ou faites corriger sa fiche à l’Ordre.
error-member-no-credential = { $name } ne peut pas encore être expert : une coordinatrice ou un coordinateur doit d’abord noter son titre d’exercice, vérifié dans un registre.
error-invitation-member = { $name } appartient déjà à l’établissement. Changez ses rôles depuis la liste des membres.
error-invitation-closed = Cette invitation vient d’être acceptée ou retirée.
error-invitation-email = On ne peut pas écrire à cette adresse. Donnez-en une comme nom@example.org, sans accent, ou laissez le champ vide.
error-credential-own = On ne vérifie pas son propre titre. Demandez-le à quelqu’un d’autre de la coordination.
error-credential-unbound = On attend encore la première connexion de { $name } : personne ne sait donc qui répondra à l’invitation. Vérifiez le titre après la première connexion, sous le nom que le fournisseur d’identité aura prouvé.
error-credential-not-needed = { $name } a un numéro RPPS, qui vaut titre d’exercice : il n’y a rien à noter.
error-credential-country = Donnez le pays en deux lettres, comme BE pour la Belgique.

audit-reason-credential = titre d’exercice retiré
audit-detail-authority = Registre
audit-detail-country = Pays
audit-detail-department = Service
audit-detail-department-before = Service précédent
audit-detail-provider = Fournisseur d’identité

# Sur la parole de qui signe un expert sans numéro RPPS.
consults-identified-provider = Sans numéro RPPS ; identité prouvée par { $provider }.
consults-identified-number = { $authority } ({ $country }), n° { $number }
consults-identified-verified = Inscription vérifiée par { $name } le { $at }
consults-report-authenticated-other = Identité du signataire vérifiée par { $provider } le { $at }
error-credential-missing = Votre titre d’exercice n’est pas, ou n’est plus, vérifié : vous ne pouvez pas signer d’avis. Votre brouillon reste. Adressez-vous à la coordination de votre établissement.
