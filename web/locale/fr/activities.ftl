# Les activités d’un professionnel : codes de TRE_G15 (professions), TRE_R38 (savoir-faire) et des modes et secteurs d’exercice.

activity-profession-10 = médecin
activity-profession-21 = pharmacien
activity-profession-40 = chirurgien-dentiste
activity-profession-50 = sage-femme
activity-profession-60 = infirmier
activity-profession-70 = masseur-kinésithérapeute
activity-profession-80 = pédicure-podologue
activity-profession-86 = technicien de laboratoire
activity-profession-other = profession { $code }

activity-know-how-C01 = anatomie et cytologie pathologiques humaines
activity-know-how-DSM205 = biologie moléculaire
activity-know-how-DSM206 = cancérologie
activity-know-how-DSM211 = dermatopathologie
activity-know-how-DSM212 = fœtopathologie
activity-know-how-DSM225 = neuropathologie
activity-know-how-DSM236 = cancérologie
activity-know-how-DSM237 = cancérologie
activity-know-how-DSM238 = cancérologie
activity-know-how-DSM239 = cancérologie
activity-know-how-DSM240 = cancérologie
activity-know-how-SCH01 = anatomie et cytologie pathologiques
activity-know-how-SM01 = anatomie et cytologie pathologiques
activity-know-how-SM02 = anesthésie-réanimation
activity-know-how-SM03 = biologie médicale
activity-know-how-SM04 = cardiologie
activity-know-how-SM05 = chirurgie générale
activity-know-how-SM12 = chirurgie urologique
activity-know-how-SM14 = chirurgie viscérale et digestive
activity-know-how-SM15 = dermatologie
activity-know-how-SM20 = gynécologie-obstétrique
activity-know-how-SM24 = gastro-entérologie
activity-know-how-SM31 = neurochirurgie
activity-know-how-SM32 = neurologie
activity-know-how-SM34 = oto-rhino-laryngologie et chirurgie cervico-faciale
activity-know-how-SM35 = oncologie, option onco-hématologie
activity-know-how-SM36 = oncologie médicale
activity-know-how-SM37 = oncologie radiothérapique
activity-know-how-SM38 = ophtalmologie
activity-know-how-SM40 = pédiatrie
activity-know-how-SM41 = pneumologie
activity-know-how-SM44 = radiodiagnostic
activity-know-how-SM45 = radiothérapie
activity-know-how-other = savoir-faire { $code }

activity-mode-B = bénévole
activity-mode-L = libéral
activity-mode-S = salarié
activity-mode-other = mode d’exercice { $code }

activity-sector-SA01 = établissement public de santé
activity-sector-SA07 = cabinet
activity-sector-other = secteur { $code }

login-activity-title = En quelle qualité travaillez-vous ?
login-activity-legend = Établissement et activité
login-activity-hint = Votre choix détermine les dossiers que vous voyez et les avis que vous pouvez rendre. Il figure dans la traçabilité.
login-activity-no-expert = Dans cette activité, vous ne pouvez pas rendre d’avis d’expert.
login-activity-none-title = Aucune activité disponible
login-activity-none = Aucun établissement ne vous compte plus parmi ses membres. Demandez à l’équipe qui gère telepath d’enregistrer votre rôle.

audit-detail-know-how = Savoir-faire
audit-detail-mode = Mode d’exercice
audit-detail-profession = Profession
audit-detail-sector = Secteur d’activité
audit-detail-sessions = Sessions fermées
