"""The telephones of the test identities: what waits there, approved or refused."""

from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from auth.simulator.realm import Provider, form_of
from auth.simulator.rendering import Pages, from_here, language
from auth.simulator.telephone import Telephone

OUTCOMES: Final = {
    "fr": {
        "approve": "Approuvé. Revenez à votre poste : la connexion s’y termine.",
        "refuse": "Refusé. Personne n’est connecté.",
        "late": "Trop tard : cette demande n’attend plus de réponse. Recommencez depuis votre poste.",
    },
    "en": {
        "approve": "Approved. Go back to your workstation: the login ends there.",
        "refuse": "Refused. Nobody is signed in.",
        "late": "Too late: this request waits no longer. Begin again at your workstation.",
    },
}


class PhonePages:
    """One telephone for each identity."""

    def __init__(self, provider: Provider, telephone: Telephone, pages: Pages) -> None:
        self.provider = provider
        self.telephone = telephone
        self.pages = pages

    async def choose(self, request: Request) -> Response:
        phones = [
            (identity, len(self.telephone.waiting(identity.subject_name_id)))
            for identity in self.provider.identities.values()
        ]
        return self.pages.page(request, "phones.html", phones=phones)

    async def show(self, request: Request) -> Response:
        """Reads itself again while nothing waits; a request stands still, for whoever works by keyboard."""
        identity = self.provider.identities.get(request.path_params["identity"])
        if identity is None:
            return self.pages.problem(request, "identity", 404)
        calls = self.telephone.waiting(identity.subject_name_id)
        answered = OUTCOMES[language(request)].get(request.query_params.get("answered", ""), "")
        watching = not calls and "still" not in request.query_params and not answered
        answer = self.pages.page(
            request, "phone.html", identity=identity, calls=calls, answered=answered, watching=watching
        )
        if watching:
            answer.headers["Refresh"] = "2"
        return answer

    async def reply(self, request: Request) -> Response:
        identity = self.provider.identities.get(request.path_params["identity"])
        if identity is None:
            return self.pages.problem(request, "identity", 404)
        if not from_here(request):
            return self.pages.problem(request, "elsewhere", 403)
        form = await form_of(request)
        verdict = "approve" if form.get("answer") == "approve" else "refuse"
        there = self.telephone.reply(identity.subject_name_id, form.get("call", ""), approve=verdict == "approve")
        target = f"/phone/{quote(identity.subject_name_id)}"
        return RedirectResponse(f"{target}?answered={verdict if there else 'late'}", 303)
