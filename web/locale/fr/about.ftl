# The page /about.

about-title = À propos de telepath
about-lead = Lames partagées, lecture simultanée à distance et demandes d’avis entre pathologistes, avec une traçabilité vérifiable.

about-not-certified-title = telepath n’est pas un dispositif médical certifié
about-not-certified = Ce logiciel ne porte pas de marquage CE au titre du règlement (UE) 2017/745 et n’a fait l’objet d’aucune évaluation de conformité. Le diagnostic initial ne doit pas reposer sur le seul affichage de telepath ; l’établissement qui l’emploie en valide l’usage dans ses propres conditions.

about-use-title = Usage prévu
about-use = telepath permet à un pathologiste de montrer des lames numérisées à un confrère, d’en discuter en regardant le même champ, de recueillir un avis écrit et signé, et de garder la trace de chaque consultation.
about-use-who = Il s’adresse aux médecins spécialistes en anatomie et cytologie pathologiques, identifiés par Pro Santé Connect.
about-use-screen = La lecture demande un écran adapté à la pathologie numérique ; la page « Vérifier mon poste » examine la liaison et l’affichage, pas la fidélité des couleurs de l’écran.
about-use-decision = L’avis rendu est celui du médecin qui le signe. telepath ne propose ni diagnostic, ni mesure automatique, ni tri des lames.
about-use-not = Il n’est conçu ni pour l’archivage légal des lames, ni pour remplacer le système de gestion du laboratoire.

about-data-title = Protection des données
about-data-patient = Les dossiers portent un numéro pseudonyme : l’identité du patient est facultative. Elle est gardée à part, chiffrée, et lue par le seul établissement demandeur, et par l’expert s’il le choisit ; chaque consultation est inscrite au journal. Les étiquettes et les vues d’ensemble des lames ne sont pas affichées.
about-data-access = Un dossier n’est ouvert qu’à son établissement et aux experts qui ont accepté une demande, pour la durée de celle-ci.
about-data-audit = Chaque consultation et chaque action sont inscrites dans un journal scellé, que les auditeurs de l’établissement lisent et vérifient.
about-data-cookies = telepath n’utilise que des cookies nécessaires : la session, la langue, l’affichage clair ou sombre, et le droit de lire les images d’une lame. Ni mesure d’audience, ni service tiers.
about-data-elsewhere = Les messages électroniques annoncent un événement et ne contiennent aucune donnée du dossier.
about-data-rights = Pour l’accès, la rectification ou toute question, adressez-vous au délégué à la protection des données de l’établissement qui met telepath à disposition.

about-version-title = Version
about-version = Version
about-version-checkout = non installée
about-licence = Licence
about-mode = Mode
about-mode-production = exploitation
about-mode-demonstration = démonstration
about-components-title = Composants
about-component = Composant
