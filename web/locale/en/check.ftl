# The page /check. check-value-… are written by web/client/src/check.ts.

check-title = Check my workstation
check-lead = These measurements tell whether the link, the browser and the screen are fit for reading slides. They take a few seconds.
check-no-script = These measurements need JavaScript, which is switched off in this browser. Reading slides needs it too; lists, cases and forms work without it.
check-private = Nothing is kept: the measurements stay in this browser. The colour fidelity of the screen is not measured here.
check-waiting = measuring…
check-verdict-good = fit
check-verdict-fair = acceptable
check-verdict-poor = not enough

check-value-bandwidth = { $rate } Mbit/s, round trip { $latency } ms
check-value-websocket-open = open, round trip { $latency } ms
check-value-websocket-blocked = blocked
check-value-screen = { $width } × { $height } pixels, scale { $scale } %
check-value-gpu = { $name }
check-value-gpu-software = software rendering
check-value-gpu-none = no WebGL
check-value-clock = off by { $seconds } s
check-value-failed = could not be measured

check-bandwidth = Bandwidth and delay
check-bandwidth-why = Bandwidth decides how long a field takes to become sharp.
check-bandwidth-good = Slides appear without noticeable waiting.
check-bandwidth-fair = Fields become sharp within one or two seconds. Stop running downloads, prefer the cable to Wi-Fi.
check-bandwidth-poor = Reading will be tiresome. Prefer the cable to Wi-Fi, avoid the VPN if it is not required, or ask your IT department to give telepath priority.

check-websocket = Direct connection
check-websocket-why = Reading together goes over a WebSocket, which some hospital proxies cut.
check-websocket-good = Reading together runs smoothly.
check-websocket-fair = The connection opens but answers slowly: the presenter’s moves will arrive late.
check-websocket-poor = A proxy cuts this connection. telepath then takes a slower way; ask your IT department to allow WebSocket connections (wss) to this address.

check-screen = Screen
check-screen-why = Size and scale decide how much of a field is seen at once.
check-screen-good = The area is fit for reading slides.
check-screen-fair = The screen is small: good for an occasional opinion; enlarge the window and set the browser’s zoom back to 100 %.
check-screen-poor = The screen is too small to read a slide; it is enough to follow requests and discussions.

check-gpu = Graphics card
check-gpu-why = It makes panning and zooming smooth.
check-gpu-good = Graphics acceleration is on.
check-gpu-fair = The browser draws without the graphics card: the picture is right, panning less smooth. Switch hardware acceleration on in the browser’s settings.
check-gpu-poor = WebGL is switched off: the picture is right, panning will be slow. Switch hardware acceleration on or use a recent browser.

check-clock = Clock
check-clock-why = A wrong clock prevents sign-in and misleads about deadlines.
check-clock-good = This computer’s clock is right.
check-clock-fair = The clock drifts a little. Ask your IT department to switch synchronisation on.
check-clock-poor = The clock is wrong: sign-in may fail. Switch automatic time synchronisation on.

error-check-size = The size must be a number of bytes between 0 and { $limit }.
