# The page /check. The results themselves are worded in live.ftl.

check-title = Vérifier mon poste
check-lead = Ces mesures disent si la liaison, le navigateur et l’écran conviennent à la lecture de lames. Elles durent quelques secondes.
check-no-script = Ces mesures demandent JavaScript, qui est désactivé dans ce navigateur. La lecture des lames en a besoin aussi ; les listes, les dossiers et les formulaires fonctionnent sans lui.
check-again = Refaire
check-copy = Copier pour mon service informatique
check-details = Détails techniques
check-private = Rien n’est conservé : les mesures restent dans ce navigateur. La fidélité des couleurs de l’écran n’est pas mesurée ici.

check-bandwidth = Débit et délai
check-bandwidth-why = Le débit décide du temps que met un champ à devenir net.
check-bandwidth-advice = Fermez les téléchargements en cours, préférez le câble au Wi-Fi, évitez le VPN s’il n’est pas exigé, ou demandez à votre service informatique de donner priorité à telepath.

check-websocket = Liaison directe
check-websocket-why = La lecture à plusieurs passe par une liaison WebSocket, que certains proxys d’hôpital coupent.
check-websocket-advice = Sans cette liaison, telepath emploie une voie plus lente. Elle s’appelle wss dans les réglages d’un proxy.

check-screen = Écran
check-screen-why = La taille et l’échelle décident de ce que l’on voit d’un champ en une fois.
check-screen-advice = Agrandissez la fenêtre et remettez l’échelle du navigateur à 100 %. Un petit écran suffit pour suivre les demandes et les échanges.

check-gpu = Carte graphique
check-gpu-why = Elle rend le déplacement et le zoom fluides.
check-gpu-advice = L’image est juste, le déplacement moins fluide. Activez l’accélération matérielle dans les réglages du navigateur.

check-clock = Horloge
check-clock-why = Une horloge fausse empêche l’identification et trompe sur les échéances.
check-clock-advice = Demandez à votre service informatique d’activer la synchronisation automatique de l’heure.

error-check-size = La taille demandée doit être un nombre d’octets entre 0 et { $limit }.
