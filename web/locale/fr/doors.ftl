# Les autres portes : le téléphone, et l’accès de secours quand le fournisseur d’identité ne répond pas.

doors-phone = Avec l’e-CPS sur mon téléphone
doors-phone-hint = Pour un poste partagé : aucune carte, aucun lecteur.
doors-others = Autres fournisseurs d’identité
doors-others-hint = Pour les experts exerçant à l’étranger, sans numéro RPPS.
doors-emergency = Accès de secours
doors-emergency-hint = Un établissement l’a activé. Il faut un code remis par son administrateur.
doors-other-ways = Autres moyens de se connecter

field-code = Code

error-login-number-missing = Indiquez votre numéro RPPS.
error-login-number = Ce n’est pas un numéro RPPS : il compte onze chiffres.

login-problem-too-many = Trop de tentatives
error-login-too-many = Trop de demandes ont été faites depuis ce poste, ou pour ce numéro.
login-advice-too-many = Attendez un quart d’heure, ou connectez-vous avec votre carte.

login-problem-declined = Demande refusée sur le téléphone
error-login-declined = La connexion a été refusée dans l’application e-CPS. Aucune session n’a été ouverte.
login-advice-declined = Si ce n’est pas vous qui avez refusé, vérifiez le numéro saisi avant de recommencer.

login-problem-unanswered = Pas de réponse du téléphone
error-login-unanswered = La demande n’a pas été confirmée dans les deux minutes.
login-advice-unanswered = Vérifiez le numéro saisi et que l’application e-CPS est activée, puis recommencez. Vous pouvez aussi utiliser votre carte.

emergency-door-title = Accès de secours
emergency-door-lead = À n’utiliser que si Pro Santé Connect ne répond pas, avec le code que l’administrateur de votre établissement vous a remis en main propre ou lu au téléphone.
emergency-door-code = Code de secours
emergency-door-code-hint = 28 caractères. Il sert une seule fois, dans le quart d’heure.
emergency-door-go = Entrer
emergency-door-limits = Vous pourrez voir vos dossiers et en discuter. Vous ne pourrez ni signer, ni intervenir comme expert, ni administrer.
emergency-door-back = Revenir à la connexion
error-login-code = Ce code ne convient pas : mal recopié, déjà utilisé, trop ancien, ou remis à une autre personne.
login-problem-code = Code refusé
login-advice-code = Demandez un nouveau code à l’administrateur de votre établissement.

emergency-banner = Accès de secours : Pro Santé Connect n’a pas confirmé votre identité. Signature et rôle d’expert suspendus.
emergency-banner-way = Se connecter avec Pro Santé Connect

administration-emergency = Accès de secours
administration-emergency-about = Laisser entrer des membres par un code quand Pro Santé Connect ne répond pas.

emergency-title = Accès de secours
emergency-lead = Quand Pro Santé Connect ne répond pas, vous pouvez laisser entrer des membres de l’établissement avec un code que vous leur remettez vous-même.
emergency-off = L’accès de secours est désactivé
emergency-off-text = Personne ne peut entrer sans Pro Santé Connect. C’est l’état normal.
emergency-on = L’accès de secours est actif
emergency-on-until = Jusqu’au { $until }. Activé par { $by } le { $at }.
emergency-activate-title = Activer
emergency-rule-short = Il s’arrête de lui-même, au plus tard après 24 heures.
emergency-rule-told = Les administrateurs et les auditeurs de l’établissement sont prévenus ; tout figure nommément dans la traçabilité.
emergency-rule-less = Qui entre ainsi peut consulter et discuter, mais ni signer, ni intervenir comme expert, ni administrer.
emergency-rule-fresh = L’activation vous demandera de confirmer votre identité. Si c’est impossible, l’exploitant de telepath peut activer l’accès depuis le serveur.
emergency-hours = Durée
emergency-hours-option = { $hours } heures
emergency-activate = Activer l’accès de secours
emergency-end = Arrêter maintenant
emergency-end-hint = Toutes les sessions ouvertes avec un code se ferment aussitôt.
emergency-code-title = Remettre un code
emergency-code-hint = Assurez-vous vous-même de l’identité de la personne : de visu, ou en la rappelant à un numéro connu.
emergency-person = Membre
emergency-person-choose = Choisir une personne
emergency-code-make = Créer un code
emergency-code-none = Aucun membre ne peut recevoir de code : il faut un rôle clinique ou technique dans l’établissement.
emergency-code-made = Code pour { $name }
emergency-code-once = Il n’est affiché qu’ici et maintenant. Il sert une seule fois, dans les { $minutes } minutes.
emergency-code-where = À saisir, avec le numéro RPPS, à l’adresse
emergency-given-title = Codes remis
emergency-given-none = Aucun code n’a encore été remis.
emergency-given-person = Personne
emergency-given-at = Remis
emergency-given-state = État
emergency-state-used = utilisé
emergency-state-waiting = valable
emergency-state-expired = périmé

error-emergency-span = Un accès de secours dure { $hours } heures au plus.
error-emergency-active = L’accès de secours est déjà actif pour cet établissement.
error-emergency-by = { $name } n’administre pas { $institution }, ou son accès est suspendu. Seul un administrateur de l’établissement peut demander l’accès de secours : indiquez son numéro après --by.
error-emergency-over = L’accès de secours n’est pas actif pour cet établissement.
error-emergency-person = Cette personne ne peut pas recevoir de code : elle n’est pas membre, ou n’a aucun rôle clinique ou technique.
error-emergency-signature = Une session ouverte par l’accès de secours ne permet pas de signer. Votre texte est conservé : connectez-vous avec Pro Santé Connect pour le signer.

notices-emergency-activated = { $by } a activé l’accès de secours de votre établissement.
notices-emergency-code-used = { $by } est entré dans telepath par l’accès de secours.
notices-emergency-ended = L’accès de secours de votre établissement est terminé.

audit-kind-emergency-code-made = Code de secours remis
audit-kind-emergency-code-used = Entrée par un code de secours
audit-detail-emergency = Accès de secours
audit-detail-asked-by = À la demande de

command-emergency-on = Accès de secours actif pour { $institution } jusqu’au { $until } (UTC), à la demande de { $name }.
command-emergency-off = Accès de secours terminé pour { $institution }.
command-emergency-code = Code pour { $name }, à remettre en main propre ou à lire au téléphone :
command-emergency-code-once = Il sert une seule fois, dans les { $minutes } minutes, à l’adresse { $address }
