# The page /check. The results themselves are worded in live.ftl.

check-title = Check my workstation
check-lead = These measurements tell whether the link, the browser and the screen are fit for reading slides. They take a few seconds.
check-no-script = These measurements need JavaScript, which is switched off in this browser. Reading slides needs it too; lists, cases and forms work without it.
check-again = Measure again
check-copy = Copy for my IT department
check-details = Technical details
check-private = Nothing is kept: the measurements stay in this browser. The colour fidelity of the screen is not measured here.

check-bandwidth = Bandwidth and delay
check-bandwidth-why = Bandwidth decides how long a field takes to become sharp.
check-bandwidth-advice = Stop running downloads, prefer the cable to Wi-Fi, avoid the VPN if it is not required, or ask your IT department to give telepath priority.

check-websocket = Direct connection
check-websocket-why = Reading together goes over a WebSocket, which some hospital proxies cut.
check-websocket-advice = Without this connection telepath takes a slower way. Proxies call it wss in their settings.

check-screen = Screen
check-screen-why = Size and scale decide how much of a field is seen at once.
check-screen-advice = Enlarge the window and set the browser’s zoom back to 100%. A small screen is enough to follow requests and discussions.

check-gpu = Graphics card
check-gpu-why = It makes panning and zooming smooth.
check-gpu-advice = The picture is right, panning is less smooth. Switch hardware acceleration on in the browser’s settings.

check-clock = Clock
check-clock-why = A wrong clock prevents sign-in and misleads about deadlines.
check-clock-advice = Ask your IT department to switch automatic time synchronisation on.

error-check-size = The size must be a number of bytes between 0 and { $limit }.
