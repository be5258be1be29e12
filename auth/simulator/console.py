"""The page of conditions: what the next login meets, which sessions are open, who was told of their end.

For whoever trains or tests; the real provider has nothing like it."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from auth.simulator import wording
from auth.simulator.conditions import NORMAL, Acr, Conditions, Lifetimes, Means, Places, Profession, Trouble, Userinfo
from auth.simulator.logout_sender import LogoutSender
from auth.simulator.realm import Provider, form_of
from auth.simulator.rendering import Pages, from_here

Choice = TypeVar("Choice", bound=StrEnum)

LIFETIMES: Final = {
    "access": wording.ACCESS,
    "refresh": wording.REFRESH,
    "session": wording.SESSION,
    "idle": wording.IDLE,
}


class Console:
    """Shows and sets."""

    def __init__(self, provider: Provider, sender: LogoutSender, pages: Pages) -> None:
        self.provider = provider
        self.sender = sender
        self.pages = pages

    async def show(self, request: Request) -> Response:
        self.provider.forget_the_old()
        return self.pages.page(
            request,
            "conditions.html",
            conditions=self.provider.conditions,
            wording=wording,
            lifetimes=LIFETIMES,
            sessions=sorted(self.provider.sessions.values(), key=lambda one: one.auth_time, reverse=True),
            deliveries=list(self.sender.deliveries),
            done=request.query_params.get("done", ""),
        )

    async def change(self, request: Request) -> Response:
        """One of the page's buttons: ``set``, ``reset``, or ``end`` with a session."""
        if not from_here(request):
            return self.pages.problem(request, "elsewhere", 403)
        form = await form_of(request)
        if "end" in form:
            self.provider.end_session(form["end"])
            return RedirectResponse("/conditions?done=end#sessions", 303)
        if "reset" in form:
            self.provider.conditions = NORMAL
            return RedirectResponse("/conditions?done=reset", 303)
        self.provider.conditions = read(form)
        return RedirectResponse("/conditions?done=set", 303)


def read(form: Mapping[str, str]) -> Conditions:
    """The conditions of a posted form. What it leaves out, or says wrongly, is as usual."""
    spans = {name: _span(form.get(name, ""), choices) for name, choices in LIFETIMES.items()}
    trouble = _choice(Trouble, form.get("trouble", ""), Trouble.NONE)
    return Conditions(
        acr=_choice(Acr, form.get("acr", ""), Acr.OWN),
        means=_choice(Means, form.get("means", ""), Means.OWN),
        profession=_choice(Profession, form.get("profession", ""), Profession.OWN),
        places=_choice(Places, form.get("places", ""), Places.OWN),
        userinfo=_choice(Userinfo, form.get("userinfo", ""), Userinfo.JSON),
        lifetimes=Lifetimes(**spans),
        trouble=trouble,
        once=form.get("lasting") != "always",
    )


def _choice(kind: type[Choice], text: str, usual: Choice) -> Choice:
    try:
        return kind(text)
    except ValueError:
        return usual


def _span(text: str, choices: tuple[timedelta, ...]) -> timedelta:
    """One of the choices, told in seconds."""
    return next((one for one in choices if str(int(one.total_seconds())) == text), choices[0])
