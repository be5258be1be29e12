"""The simulator's pages: templates without script, in French, or in English for a browser that names it first."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

FOLDER: Final = Path(__file__).parent / "pages"

PROBLEMS: Final = {
    "fr": {
        "service": (
            "Service inconnu",
            "Le service qui vous envoie ici n’est pas enregistré, ou son adresse de retour n’est pas la sienne.",
        ),
        "expired": ("Demande expirée", "Cette demande a déjà reçu sa réponse, ou date de plus de dix minutes."),
        "identity": ("Identité inconnue", "Cette identité de test n’existe pas dans le simulateur."),
        "left": ("Déconnexion effectuée", "La session du simulateur est fermée."),
        "down": (
            "Fournisseur indisponible",
            "Le simulateur joue la panne : il ne répond plus aux services. La page des conditions rétablit le service.",
        ),
        "elsewhere": (
            "Demande refusée",
            "Cette page ne reçoit que ses propres formulaires. Ouvrez-la directement, puis recommencez.",
        ),
    },
    "en": {
        "service": (
            "Unknown service",
            "The service that sends you here is not registered, or its return address is not its own.",
        ),
        "expired": ("Request expired", "This request has been answered already, or is more than ten minutes old."),
        "identity": ("Unknown identity", "This test identity does not exist in the simulator."),
        "left": ("Signed out", "The session of the simulator is closed."),
        "down": (
            "Provider unavailable",
            "The simulator plays the outage: it no longer answers services. The page of conditions brings it back.",
        ),
        "elsewhere": (
            "Request refused",
            "This page takes its own forms only. Open it directly, then try again.",
        ),
    },
}


class Pages:
    """Renders them."""

    # Once in a process, however many simulators run in it: each would compile them anew.
    templates: Final = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    def page(self, request: Request, name: str, status: int = 200, **context: Any) -> Response:
        here = request.scope["path"].split("/")[1]
        page = self.templates.get_template(name).render(context | {"lang": language(request), "here": here})
        return HTMLResponse(page, status, {"Vary": "Accept-Language", "Cache-Control": "no-store"})

    def problem(self, request: Request, what: str, status: int = 400) -> Response:
        title, text = PROBLEMS[language(request)][what]
        return self.page(request, "problem.html", status, title=title, text=text)


def language(request: Request) -> str:
    """English for a browser that names it first; French otherwise, as the provider that this one stands for."""
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "fr"


def from_here(request: Request) -> bool:
    """Whether a form was posted from a page of ours. A browser that does not say is believed: it is old, or no browser."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


async def style(_request: Request) -> Response:
    return FileResponse(FOLDER / "wallet.css", media_type="text/css")


async def icon(_request: Request) -> Response:
    return FileResponse(FOLDER / "wallet.svg", media_type="image/svg+xml")
