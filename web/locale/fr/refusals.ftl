# Pourquoi une action n’a pas été faite : les phrases que le serveur dit dans ses pages et que le script de la séance dit aussi.
# Les codes de la séance elle-même sont dans rooms.ftl.

error-forbidden = Cette action ne vous revient pas.
error-conflict = Quelqu’un a modifié ces informations pendant que vous les consultiez. Votre modification n’a pas été enregistrée.
error-unavailable = { $what ->
        [database] La base de données ne répond pas pour le moment.
        [storage] Le stockage des lames ne répond pas pour le moment.
        [mail] Le serveur de messagerie ne répond pas pour le moment.
        [decoder] Trop de tuiles attendent leur tour pour le moment.
        [sandbox] Les lames ne peuvent pas être affichées pour le moment : ce service ne les ouvre qu’isolées, ce que son système ne lui permet pas. Son administrateur doit intervenir (telepath check).
        [audit] La traçabilité ne peut pas être écrite pour le moment : rien n’est fait ni montré sans elle.
       *[other] Un service dont telepath a besoin ne répond pas pour le moment.
    }
error-field-missing = Le champ « { $field } » est obligatoire.
error-text-missing = Le champ « { $field } » est vide.
error-text-too-long = Le champ « { $field } » dépasse { $limit } caractères.
error-text-control = Le champ « { $field } » contient des caractères invisibles qui ne sont pas acceptés. Retapez le texte au lieu de le coller.
error-text-patient = Le champ « { $field } » contient un numéro de sécurité sociale. Un texte ne dit jamais qui est le patient : retirez-le. L’identité a sa propre page, dans le dossier.
error-thread-view = Le champ joint n’est pas valable. Revenez à la lame et recommencez.
field-line = Message
