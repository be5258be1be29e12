# Se connecter, se déconnecter, et pourquoi cela n’a pas abouti. Les codes error-login-… sont ceux de auth/model.py.

login-title = Connexion
login-heading = Télépathologie
login-lead = Lames partagées, lecture simultanée et avis entre pathologistes.
login-button = Se connecter avec Pro Santé Connect
login-hint = Avec votre carte CPS ou l’application e-CPS. telepath ne connaît ni votre code ni votre mot de passe.
login-simulator = Ici, un simulateur remplace Pro Santé Connect : les identités proposées sont fictives.
login-intended-use = Destiné au partage de lames et à la discussion entre professionnels de santé habilités. telepath n’est pas un dispositif médical certifié ; le diagnostic reste celui du médecin qui signe.
login-left-title = Déconnexion effectuée
login-left-text = Votre session est fermée. Sur un poste partagé, retirez votre carte.
login-half-left-title = Déconnexion incomplète
login-half-left-text = Votre session telepath est fermée, mais le fournisseur d’identité ne répond pas : la sienne reste ouverte dans ce navigateur. Réessayez dans un instant. Si rien n’y fait, retirez votre carte et fermez toutes les fenêtres du navigateur avant de quitter ce poste.
login-half-left-again = Réessayer la déconnexion

login-institution-declared = déclaré dans Pro Santé Connect
login-institution-go = Continuer

login-again = Recommencer la connexion
login-back = Revenir à la page précédente
login-reason = Motif pour l’assistance : { $reason }

login-problem-cancelled = Connexion abandonnée
error-login-cancelled = Vous avez quitté Pro Santé Connect avant la fin.
login-advice-cancelled = Rien n’a été modifié. Vous pouvez recommencer quand vous voulez.

login-problem-unknown = Cette connexion n’est plus en cours
error-login-unknown = Ce retour de Pro Santé Connect a déjà servi, ou ne correspond à aucune connexion commencée ici.
login-advice-unknown = Cela arrive en rechargeant la page ou en utilisant le bouton « Précédent ». Recommencez.

login-problem-expired = La connexion a pris trop de temps
error-login-expired = La connexion n’a pas été terminée à temps, ou la session s’est fermée entre-temps.
login-advice-expired = Recommencez : vous disposez de dix minutes.

login-problem-other-browser = Connexion commencée ailleurs
error-login-other-browser = Cette connexion a été commencée dans un autre navigateur, ou les cookies sont bloqués.
login-advice-other-browser = Recommencez dans ce navigateur, cookies autorisés pour cette adresse. Si vous n’avez rien commencé vous-même, fermez cette page.

login-problem-refused = Connexion refusée
error-login-refused = La réponse du fournisseur d’identité n’a pas passé nos contrôles. Aucune session n’a été ouverte.
login-advice-refused = Recommencez. Si le refus se répète, communiquez le motif ci-dessous à l’équipe qui gère telepath.

login-problem-stale = Une nouvelle authentification est nécessaire
error-login-stale = Votre session Pro Santé Connect est trop ancienne pour ouvrir une session ici.
login-advice-stale = Recommencez : Pro Santé Connect vous redemandera votre carte ou votre application.

login-problem-no-account = Vous n’êtes pas encore inscrit
error-login-no-account = Pro Santé Connect vous a reconnu, mais personne ne vous a encore inscrit dans telepath.
login-advice-no-account = Demandez votre inscription à l’équipe qui gère telepath, avec votre numéro RPPS et le nom de votre établissement.

login-problem-no-institution = Aucun établissement ne vous est rattaché
error-login-no-institution = Vous êtes connu de telepath, mais aucun établissement ne vous compte parmi ses membres.
login-advice-no-institution = Demandez à l’équipe qui gère telepath d’enregistrer votre rôle dans votre établissement.

login-problem-other-person = Ce n’est pas la même personne
error-login-other-person = L’identité confirmée n’est pas celle de la session ouverte. Par sécurité, la session a été fermée.
login-advice-other-person = Vérifiez la carte présente dans le lecteur, puis connectez-vous de nouveau. Les brouillons déjà enregistrés sont conservés.

login-problem-not-a-choice = Cet établissement n’est pas le vôtre
error-login-not-a-choice = Vous n’êtes pas membre de l’établissement choisi.
login-advice-not-a-choice = Recommencez la connexion et choisissez l’un des établissements proposés.

login-problem-unavailable = Pro Santé Connect ne répond pas
error-login-unavailable = Pro Santé Connect est indisponible ou trop lent. Ce n’est pas un refus.
login-advice-unavailable = Recommencez dans quelques instants. Les sessions déjà ouvertes continuent ; un avis urgent peut toujours être demandé par téléphone. Si votre établissement a activé l’accès de secours, la page de connexion le propose.

error-origin = Cette demande vient d’un autre site, ou d’une autre adresse que { $origin }. Par sécurité, elle n’a pas été exécutée.
error-body-too-large = L’envoi dépasse { $limit } ko.
error-session-limits = Une session dure { $hours } heures au plus, et { $minutes } minutes au plus sans activité.
error-simulator-in-production = Le simulateur d’identités ne démarre pas en production.
error-directory-institution-exists = Un établissement porte déjà le FINESS { $finess }.
error-directory-person-exists = Une personne porte déjà l’identifiant { $subject_name_id }.
