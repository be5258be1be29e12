# Header, footer, and the words that every page shares.

skip-to-content = Aller au contenu
nav-main = Navigation principale
nav-worklist = Liste de travail
nav-cases = Dossiers
nav-notices = Notifications
nav-audit = Traçabilité
nav-about = À propos
nav-check = Vérifier mon poste
nav-logout = Se déconnecter
crumbs-label = Fil d’Ariane
toasts-label = Messages
switch-language = English
switch-language-title = Read telepath in English
switch-theme-light = Passer à l’affichage clair
switch-theme-dark = Passer à l’affichage sombre
footer-not-certified = telepath n’est pas un dispositif médical certifié.

done-accepted = Demande acceptée : le dossier et ses lames vous sont ouverts.
done-amended = Addendum signé et transmis.
done-case-changed = Dossier modifié.
done-case-created = Dossier créé.
done-declined = Demande déclinée ; votre motif est transmis.
done-revoked = Demande annulée.
done-saved = Brouillon enregistré.
done-sent = Demande envoyée. Une notification vous préviendra de la réponse.
done-signed = Avis signé et transmis.
done-specimen-added = Prélèvement ajouté.

form-optional = facultatif
zone = Heures de { $place } (UTC{ $from }{ $offsets ->
    [1] {""}
   *[other] { " " }l’hiver, UTC{ $to } l’été
})
deadline-left = encore { $time }
deadline-late = en retard de { $time }
duration-days = { $days } j{ $hours ->
        [0] {""}
       *[other] {" "}{ $hours } h
    }
duration-hours = { $hours } h{ $minutes ->
        [0] {""}
       *[other] {" "}{ $minutes } min
    }
duration-minutes = { $minutes } min
size = { $value } { $unit ->
    [B] octets
    [K] ko
    [M] Mo
    [G] Go
   *[T] To
}

role-requester = demandeur
role-expert = expert
role-coordinator = coordination
role-board-chair = présidence de RCP
role-technician = technique ou secrétariat
role-auditor = auditeur
role-observer = observation (agence de santé)
role-administrator = administrateur
