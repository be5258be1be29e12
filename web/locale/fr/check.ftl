# The page /check. check-value-… are written by web/client/src/check.ts.

check-title = Vérifier mon poste
check-lead = Ces mesures disent si la liaison, le navigateur et l’écran conviennent à la lecture de lames. Elles durent quelques secondes.
check-no-script = Ces mesures demandent JavaScript, qui est désactivé dans ce navigateur. La lecture des lames en a besoin aussi ; les listes, les dossiers et les formulaires fonctionnent sans lui.
check-private = Rien n’est conservé : les mesures restent dans ce navigateur. La fidélité des couleurs de l’écran n’est pas mesurée ici.
check-waiting = mesure en cours…
check-verdict-good = convient
check-verdict-fair = acceptable
check-verdict-poor = insuffisant

check-value-bandwidth = { $rate } Mbit/s, aller-retour { $latency } ms
check-value-websocket-open = ouverte, aller-retour { $latency } ms
check-value-websocket-blocked = bloquée
check-value-screen = { $width } × { $height } pixels, échelle { $scale } %
check-value-gpu = { $name }
check-value-gpu-software = rendu logiciel
check-value-gpu-none = WebGL absent
check-value-clock = écart de { $seconds } s
check-value-failed = mesure impossible

check-bandwidth = Débit et délai
check-bandwidth-why = Le débit décide du temps que met un champ à devenir net.
check-bandwidth-good = Les lames s’affichent sans attente sensible.
check-bandwidth-fair = Les champs deviennent nets en une à deux secondes. Fermez les téléchargements en cours, préférez le câble au Wi-Fi.
check-bandwidth-poor = La lecture sera pénible. Préférez le câble au Wi-Fi, évitez le VPN s’il n’est pas exigé, ou demandez à votre service informatique de donner priorité à telepath.

check-websocket = Liaison directe
check-websocket-why = La lecture à plusieurs passe par une liaison WebSocket, que certains proxys d’hôpital coupent.
check-websocket-good = La lecture à plusieurs est fluide.
check-websocket-fair = La liaison s’ouvre, mais répond lentement : les gestes du présentateur arriveront avec retard.
check-websocket-poor = Un proxy coupe cette liaison. telepath emploie alors une voie plus lente ; demandez à votre service informatique d’autoriser les connexions WebSocket (wss) vers cette adresse.

check-screen = Écran
check-screen-why = La taille et l’échelle décident de ce que l’on voit d’un champ en une fois.
check-screen-good = La surface convient à la lecture de lames.
check-screen-fair = L’écran est petit : il convient pour un avis ponctuel ; agrandissez la fenêtre et remettez l’échelle du navigateur à 100 %.
check-screen-poor = L’écran est trop petit pour lire une lame ; il suffit pour suivre les demandes et les échanges.

check-gpu = Carte graphique
check-gpu-why = Elle rend le déplacement et le zoom fluides.
check-gpu-good = L’accélération graphique est active.
check-gpu-fair = Le navigateur dessine sans carte graphique : l’image est juste, le déplacement moins fluide. Activez l’accélération matérielle dans les réglages du navigateur.
check-gpu-poor = WebGL est désactivé : l’image est juste, le déplacement sera lent. Activez l’accélération matérielle ou employez un navigateur récent.

check-clock = Horloge
check-clock-why = Une horloge fausse empêche l’identification et trompe sur les échéances.
check-clock-good = L’horloge de ce poste est à l’heure.
check-clock-fair = L’horloge dérive un peu. Demandez à votre service informatique d’activer la synchronisation.
check-clock-poor = L’horloge est fausse : l’identification peut échouer. Activez la synchronisation automatique de l’heure.

error-check-size = La taille demandée doit être un nombre d’octets entre 0 et { $limit }.
