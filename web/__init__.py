"""The roof and the door: HTTP, WebSocket, pages, command line, wiring. Nothing imports it."""
