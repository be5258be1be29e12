"""What the simulator remembers: clients, identities, sessions, codes, tokens. In memory, for one process."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from auth.simulator.conditions import NORMAL, Conditions, Lifetimes, Stage, under
from auth.simulator.identities import Identity

REQUEST_LIFE: Final = timedelta(minutes=10)
"""How long a request waits on the wallet page. Ours."""

Alter = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Called with a stage and the document about to leave; what it returns leaves instead. For tests of the other side; may raise
Starlette's HTTPException. Stages: ``discovery``, ``keys``, ``callback``, ``header`` and ``claims`` (of an ID token), ``token``,
``userinfo``, ``telephone`` (the answer to a decoupled login request), ``introspection``, ``logout-header`` and ``logout``."""


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A service that is registered here. Addresses are compared letter for letter.

    It authenticates by what it has: a secret, a key, a certificate."""

    client_id: str
    client_secret: str = ""
    name: str
    redirect_uris: tuple[str, ...]
    logout_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""
    """Empty: nobody tells it of logouts."""
    public_keys: Mapping[str, Any] = {}
    """A JWK set, for ``private_key_jwt``."""
    certificate_subject: str = ""
    """RFC 8705 2.1.2, tls_client_auth_subject_dn."""


class AskedFor(msgspec.Struct, frozen=True, kw_only=True):
    """An authorization request that waits on the wallet page."""

    client: Client
    redirect_uri: str
    state: str
    nonce: str
    challenge: str
    fresh: bool
    at: datetime


class WalletSession(msgspec.Struct, kw_only=True):
    """One person's session at the provider: single sign-on in one browser, or begun on the telephone."""

    sid: str
    identity: Identity
    auth_time: datetime
    seen_at: datetime
    lifetimes: Lifetimes
    cookie: str = ""
    """Of the browser; empty: begun on the telephone."""
    clients: dict[str, Client] = {}
    """By identifier, who was told of this person: they are told of the end."""

    def over(self, now: datetime) -> bool:
        return now - self.auth_time >= self.lifetimes.session or now - self.seen_at >= self.lifetimes.idle

    def ends_at(self) -> datetime:
        return min(self.auth_time + self.lifetimes.session, self.seen_at + self.lifetimes.idle)


class Grant(msgspec.Struct, kw_only=True):
    """What one login gave to one client. Its tokens die with it, and it with its session."""

    client: Client
    session: WalletSession
    nonce: str
    """Empty: asked on the telephone."""
    conditions: Conditions
    revoked: bool = False

    @property
    def identity(self) -> Identity:
        return under(self.conditions, self.session.identity)


class Code(msgspec.Struct, kw_only=True):
    asked: AskedFor
    grant: Grant
    at: datetime
    redeemed: bool = False
    """A second try revokes what the first gave."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An access token or a refresh token, without its text."""

    grant: Grant
    until: datetime


class Provider:
    """The state of the simulator."""

    def __init__(
        self,
        issuer: str,
        clients: Iterable[Client],
        identities: Iterable[Identity],
        clock: Callable[[], datetime],
        alter: Alter | None,
    ) -> None:
        self.issuer = issuer
        parts = urlsplit(issuer)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.realm = parts.path
        self.connect = f"{issuer}/protocol/openid-connect"
        self.clients = {client.client_id: client for client in clients}
        self.identities = {identity.subject_name_id: identity for identity in identities}
        self.clock = clock
        self.alter: Alter = alter or (lambda _stage, document: document)
        self.conditions: Conditions = NORMAL
        self.asked: dict[str, AskedFor] = {}
        self.sessions: dict[str, WalletSession] = {}
        """By ``sid``."""
        self.codes: dict[str, Code] = {}
        self.access: dict[str, Token] = {}
        self.refresh: dict[str, Token] = {}
        self.spent: dict[str, Token] = {}
        """Refresh tokens that were exchanged: a second use revokes the grant."""
        self.key = new_key()
        self.former_keys: list[RSAKey] = []
        """Published no longer, and known again in the hint of a logout."""
        self.ended: Callable[[WalletSession], None] = lambda _session: None
        """Called with every session that ends (logout_sender.py)."""

    def rotate_key(self) -> None:
        """Sign with a new key from now on, and publish the old one no longer."""
        self.former_keys.append(self.key)
        self.key = new_key()

    def sub(self, identity: Identity) -> str:
        """A stable, meaningless subject, as the real ones since 2026."""
        digest = hashlib.sha256(f"{self.issuer} {identity.subject_name_id}".encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"

    def take_conditions(self, stage: Stage) -> Conditions:
        """The conditions of this event. Those that were set for one event are gone afterwards."""
        conditions = self.conditions
        if conditions.used_up_by(stage):
            self.conditions = NORMAL
        return conditions

    # Sessions

    def open_session(self, identity: Identity, before: WalletSession | None = None) -> WalletSession:
        """Somebody has authenticated just now. ``before``: the session of the same browser; the same person goes on in it,
        and another one ends it."""
        now = self.clock()
        if before is not None and before.identity.subject_name_id == identity.subject_name_id:
            before.auth_time = before.seen_at = now
            before.lifetimes = self.conditions.lifetimes
            return before
        if before is not None:
            self.end_session(before.sid)
        session = WalletSession(
            sid=secrets.token_hex(16),
            identity=identity,
            auth_time=now,
            seen_at=now,
            lifetimes=self.conditions.lifetimes,
        )
        self.sessions[session.sid] = session
        return session

    def session_of(self, cookie: str) -> WalletSession | None:
        """The browser's session."""
        return next((one for one in self.sessions.values() if cookie and one.cookie == cookie), None)

    def end_session(self, sid: str) -> None:
        """End it, its grants and tokens; its clients are told. Ending what is not there does nothing."""
        session = self.sessions.pop(sid, None)
        if session is not None:
            self.ended(session)

    def forget_the_old(self) -> None:
        now = self.clock()
        for sid in [sid for sid, session in self.sessions.items() if session.over(now)]:
            self.end_session(sid)
        self.asked = {key: asked for key, asked in self.asked.items() if now - asked.at < REQUEST_LIFE}
        self.codes = {key: code for key, code in self.codes.items() if now - code.at < REQUEST_LIFE}
        for tokens in (self.access, self.refresh, self.spent):
            for text in [text for text, token in tokens.items() if not self.good(token)]:
                del tokens[text]

    # Grants and tokens

    def grant(self, client: Client, session: WalletSession, nonce: str) -> Grant:
        """Tell this client of the session's person, under the conditions of now."""
        session.clients[client.client_id] = client
        return Grant(client=client, session=session, nonce=nonce, conditions=self.take_conditions(Stage.LOGIN))

    def good(self, token: Token) -> bool:
        """Whether it may still be used."""
        now, session = self.clock(), token.grant.session
        return not token.grant.revoked and now < token.until and session.sid in self.sessions and not session.over(now)


def base64_url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def new_key() -> RSAKey:
    key = RSAKey.generate_key(2048)
    key.ensure_kid()
    return key


async def form_of(request: Request) -> dict[str, str]:
    """A posted form; empty: not one of ours. The last of several fields of one name counts."""
    try:
        return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=50))
    except ValueError:
        return {}


def answer_of(document: Mapping[str, Any], status: int = 200) -> Response:
    """What no cache may keep."""
    return JSONResponse(dict(document), status, headers={"Cache-Control": "no-store"})


def refusal(error: str, status: int = 400) -> Response:
    """RFC 6749 5.2."""
    return answer_of({"error": error}, status)
