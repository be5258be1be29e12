# Groupes d’établissements, délégations pendant une absence, sessions ouvertes.

error-group-kind = Ce type de groupe n’existe pas. Choisissez un GCS, un réseau régional ou un réseau national.
error-group-exists = Un groupe porte déjà le nom « { $name } ». Choisissez-en un autre.
error-group-lead = L’établissement qui pilote le groupe ne peut pas en sortir. Mettez fin au groupe, ou faites-le piloter par un autre.
error-delegation-self = On ne peut pas se remplacer soi-même. Choisissez un autre membre de l’établissement.
error-delegation-over = La fin de l’absence doit être dans l’avenir, et après son début.
error-delegation-long = Une délégation dure { $days } jours au plus. Raccourcissez l’absence, ou renouvelez-la plus tard.
error-delegation-exists = Un remplaçant est déjà désigné pendant une partie de cette absence. Mettez d’abord fin à cette délégation.

audit-detail-delegate = Remplaçant
audit-detail-delegation = Délégation
audit-detail-starts = Du
audit-detail-ends = Au
audit-detail-group = Type de groupe
audit-detail-member = Membre
audit-detail-member-kind = Nature du membre
audit-detail-of = Session fermée
audit-detail-on-behalf-of = À la place de
