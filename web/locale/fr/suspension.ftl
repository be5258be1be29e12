# Qui n’a plus accès : une personne, ou un établissement.

login-problem-disabled = Votre accès est suspendu
error-login-disabled = Votre compte ou votre établissement n’est plus actif dans telepath. Aucune session n’a été ouverte.
login-advice-disabled = Adressez-vous à l’administrateur de votre établissement, ou à l’équipe qui gère telepath : votre carte et votre e-CPS ne sont pas en cause.

# telepath people suspend, institutions suspend
command-person-suspended = { $name } : accès suspendu, sessions fermées.
command-person-suspended-already = { $name } : accès déjà suspendu, rien n’a été modifié.
command-person-restored = { $name } : accès rétabli.
command-person-restored-already = { $name } : accès non suspendu, rien n’a été modifié.
command-institution-suspended = { $name } : établissement suspendu, sessions fermées.
command-institution-suspended-already = { $name } : établissement déjà suspendu, rien n’a été modifié.
command-institution-restored = { $name } : établissement rétabli.
command-institution-restored-already = { $name } : établissement non suspendu, rien n’a été modifié.
