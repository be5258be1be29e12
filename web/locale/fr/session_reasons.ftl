# Pourquoi une session s’est terminée, ou n’a pas été ouverte, dans le journal.

audit-reason-administrator = fermée par un administrateur
audit-reason-authentication-too-old = authentification trop ancienne
audit-reason-delegation = fin de ce qu’une personne absente avait confié
audit-reason-disabled = accès suspendu
audit-reason-emergency-ended = fin de l’accès de secours
audit-reason-idle = inactivité
audit-reason-institution-suspended = établissement suspendu
audit-reason-logout = déconnexion demandée ici
audit-reason-logout-replayed = demande déjà reçue
audit-reason-membership = plus membre de l’établissement, ou rôle retiré
audit-reason-no-account = personne non inscrite
audit-reason-no-institution = membre d’aucun établissement
audit-reason-other-browser = commencée dans un autre navigateur
audit-reason-other-person = identité d’une autre personne
audit-reason-other-provider = identifiée par un autre fournisseur d’identité
audit-reason-owner = fermée par son titulaire
audit-reason-person-suspended = personne suspendue
audit-reason-provider-logout = déconnexion chez le fournisseur d’identité
audit-reason-refresh-failed = session close chez le fournisseur d’identité
audit-reason-refresh-unverified = réponse du fournisseur d’identité impossible à vérifier
audit-reason-replaced = nouvelle connexion dans le même navigateur
audit-reason-stale = authentification trop ancienne

audit-detail-failed = Vérification en échec
