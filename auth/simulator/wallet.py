"""The wallet: where a person picks who to be, and leaves. It stands apart from the realm, as the real one does."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from auth.simulator.conditions import Trouble
from auth.simulator.identities import Identity
from auth.simulator.realm import REQUEST_LIFE, AskedFor, Code, Provider, WalletSession, form_of
from auth.simulator.rendering import Pages, language
from auth.simulator.tokens import read_hint
from auth.simulator.wording import differences

COOKIE: Final = "wallet-simulator"
"""Not the service's cookie, and with the issuer's digest behind it: cookies do not know ports."""

ERRORS: Final = {Trouble.CANCELLED: "access_denied", Trouble.UNAVAILABLE: "temporarily_unavailable"}
"""What the browser brings back instead of a code."""


class Wallet:
    """The authorization and the end-session endpoint."""

    def __init__(self, provider: Provider, pages: Pages) -> None:
        self.provider = provider
        self.pages = pages
        self.cookie = f"{COOKIE}-{hashlib.sha256(provider.issuer.encode()).hexdigest()[:8]}"

    async def ask(self, request: Request) -> Response:
        """The authorization endpoint. Errors go back to the client only once it is certain who that is."""
        provider = self.provider
        provider.forget_the_old()
        if provider.conditions.trouble is Trouble.DOWN:
            return self.pages.problem(request, "down", 503)
        query = request.query_params
        client = provider.clients.get(query.get("client_id", ""))
        redirect_uri = query.get("redirect_uri", "")
        if client is None or redirect_uri not in client.redirect_uris:
            return self.pages.problem(request, "service")
        asked = AskedFor(
            client=client,
            redirect_uri=redirect_uri,
            state=query.get("state", ""),
            nonce=query.get("nonce", ""),
            challenge=query.get("code_challenge", ""),
            fresh="login" in query.get("prompt", "").split(),
            at=provider.clock(),
        )
        if query.get("response_type") != "code":
            return self._answer(asked, error="unsupported_response_type")
        if "openid" not in query.get("scope", "").split():
            return self._answer(asked, error="invalid_scope")
        if query.get("code_challenge_method") != "S256" or len(asked.challenge) != 43 or not asked.nonce:
            return self._answer(asked, error="invalid_request")
        oldest = re.fullmatch(r"[0-9]{1,9}", query.get("max_age", ""))
        limit = timedelta(seconds=int(oldest[0])) if oldest else timedelta.max
        session = self._session(request)
        if session is not None and not asked.fresh and provider.clock() - session.auth_time < limit:
            session.seen_at = provider.clock()
            return self._authorize(asked, session)
        if query.get("prompt") == "none":
            return self._answer(asked, error="login_required")
        ticket = secrets.token_urlsafe(16)
        provider.asked[ticket] = asked
        return self.pages.page(
            request,
            "wallet.html",
            asked=asked,
            ticket=ticket,
            remembered=session.identity.subject_name_id if session else "",
            houses=houses(provider.identities.values()),
            renewal=asked.fresh or not limit,
            service=urlsplit(redirect_uri).netloc,
            special=differences(provider.conditions, language(request)),
        )

    async def choose(self, request: Request) -> Response:
        """The button that was pressed on the wallet page."""
        provider = self.provider
        form = await form_of(request)
        asked = provider.asked.pop(form.get("ticket", ""), None)
        if asked is None or provider.clock() - asked.at >= REQUEST_LIFE:
            return self.pages.problem(request, "expired")
        if "cancel" in form:
            return self._answer(asked, error="access_denied")
        identity = provider.identities.get(form.get("identity", ""))
        if identity is None:
            return self.pages.problem(request, "identity")
        session = provider.open_session(identity, self._session(request))
        session.cookie = secrets.token_urlsafe(32)
        answer = self._authorize(asked, session)
        secure = provider.origin.startswith("https:")
        answer.set_cookie(self.cookie, session.cookie, httponly=True, samesite="lax", secure=secure, path="/")
        return answer

    async def leave(self, request: Request) -> Response:
        """RP-Initiated Logout 1.0: ends the session of the browser and that of the hint, and goes back to a registered
        address."""
        query = request.query_params if request.method == "GET" else await form_of(request)
        client, sid = read_hint(self.provider, query.get("id_token_hint", ""))
        target = query.get("post_logout_redirect_uri", "")
        session = self._session(request)
        for ending in {sid, session.sid if session else ""}:
            self.provider.end_session(ending)
        if client is None or target not in client.logout_uris:
            answer = self.pages.problem(request, "left", 200)
        else:
            state = query.get("state", "")
            answer = RedirectResponse(f"{target}?{urlencode({'state': state})}" if state else target, 303)
        answer.delete_cookie(self.cookie, path="/")
        return answer

    def _session(self, request: Request) -> WalletSession | None:
        return self.provider.session_of(request.cookies.get(self.cookie, ""))

    def _authorize(self, asked: AskedFor, session: WalletSession) -> Response:
        grant = self.provider.grant(asked.client, session, asked.nonce)
        trouble = grant.conditions.trouble
        if trouble in ERRORS:
            return self._answer(asked, error=ERRORS[trouble])
        code = secrets.token_urlsafe(32)
        self.provider.codes[code] = Code(asked=asked, grant=grant, at=self.provider.clock())
        if trouble is Trouble.OTHER_STATE:
            return self._answer(asked, code=code, session_state=session.sid, state=secrets.token_urlsafe(32))
        return self._answer(asked, code=code, session_state=session.sid)

    def _answer(self, asked: AskedFor, **params: str) -> Response:
        """Back to the client. RFC 9207: every answer names its issuer."""
        document = {"state": asked.state} | params | {"iss": self.provider.issuer}
        return RedirectResponse(f"{asked.redirect_uri}?{urlencode(self.provider.alter('callback', document))}", 303)


def houses(identities: Iterable[Identity]) -> list[tuple[str, list[Identity]]]:
    """The identities by the name of their first place of work, in the order in which each first appears; those without one
    last."""
    groups: dict[str, list[Identity]] = {}
    for identity in identities:
        groups.setdefault(identity.home, []).append(identity)
    return sorted(groups.items(), key=lambda group: not group[0])
