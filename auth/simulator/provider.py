"""The provider itself: discovery, wallet page, token, userinfo, keys, logout. Holds everything in memory.

Paths and claims are Pro Santé Connect's; the wallet, where one picks an identity, stands apart from the realm as theirs does.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth.simulator.identities import Identity, other_ids, userinfo
from telepath.db.database import utc_now
from telepath.errors import Invalid

FOLDER: Final = Path(__file__).parent
COOKIE: Final = "wallet-simulator"
"""Not the service's cookie: cookies do not know ports."""

CODE_LIFE: Final = timedelta(seconds=60)
ACCESS_LIFE: Final = timedelta(minutes=2)
SESSION_LIFE: Final = timedelta(hours=4)
SESSION_IDLE: Final = timedelta(minutes=30)
REQUEST_LIFE: Final = timedelta(minutes=10)
# Lifetimes of the real provider: ansforge/IG-securisation-transport-api-rest. That of a request is ours.

PROBLEMS: Final = {
    "fr": {
        "service": (
            "Service inconnu",
            "Le service qui vous envoie ici n’est pas enregistré, ou son adresse de retour n’est pas la sienne.",
        ),
        "expired": ("Demande expirée", "Cette demande a déjà reçu sa réponse, ou date de plus de dix minutes."),
        "identity": ("Identité inconnue", "Cette identité de test n’existe pas dans le simulateur."),
        "left": ("Déconnexion effectuée", "La session du simulateur est fermée."),
    },
    "en": {
        "service": (
            "Unknown service",
            "The service that sends you here is not registered, or its return address is not its own.",
        ),
        "expired": ("Request expired", "This request has been answered already, or is more than ten minutes old."),
        "identity": ("Unknown identity", "This test identity does not exist in the simulator."),
        "left": ("Signed out", "The session of the simulator is closed."),
    },
}

Alter = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Called with a stage (``discovery``, ``keys``, ``callback``, ``header``, ``claims``, ``token``, ``userinfo``) and the document
about to leave; what it returns leaves instead. For tests of the other side; may raise Starlette's HTTPException."""


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A service that is registered here. Addresses are compared letter for letter."""

    client_id: str
    client_secret: str
    name: str
    redirect_uris: tuple[str, ...]
    logout_uris: tuple[str, ...]


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
    """The provider's own session of one browser: single sign-on."""

    sid: str
    identity: Identity
    auth_time: datetime
    seen_at: datetime


class Code(msgspec.Struct, kw_only=True):
    asked: AskedFor
    identity: Identity
    auth_time: datetime
    sid: str
    at: datetime
    access_token: str = ""
    """Set once it was redeemed: a second try revokes what the first gave."""


class Access(msgspec.Struct, frozen=True):
    identity: Identity
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
        self.clients = {client.client_id: client for client in clients}
        self.identities = {identity.subject_name_id: identity for identity in identities}
        self.clock = clock
        self.alter: Alter = alter or (lambda _stage, document: document)
        self.asked: dict[str, AskedFor] = {}
        self.sessions: dict[str, WalletSession] = {}
        self.codes: dict[str, Code] = {}
        self.access: dict[str, Access] = {}
        self.key = _new_key()
        self.pages = Environment(
            loader=FileSystemLoader(FOLDER / "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def rotate_key(self) -> None:
        """Sign with a new key from now on, and forget the old one."""
        self.key = _new_key()

    def sub(self, identity: Identity) -> str:
        """A stable, meaningless subject, as the real ones since 2026."""
        digest = hashlib.sha256(f"{self.issuer} {identity.subject_name_id}".encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"

    def forget_the_old(self) -> None:
        now = self.clock()
        self.asked = {key: asked for key, asked in self.asked.items() if now - asked.at < REQUEST_LIFE}
        self.codes = {key: code for key, code in self.codes.items() if now - code.at < REQUEST_LIFE}
        self.access = {key: access for key, access in self.access.items() if now < access.until}
        self.sessions = {
            key: session
            for key, session in self.sessions.items()
            if now - session.auth_time < SESSION_LIFE and now - session.seen_at < SESSION_IDLE
        }

    # Discovery and keys

    async def discovery(self, _request: Request) -> Response:
        connect = f"{self.issuer}/protocol/openid-connect"
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.origin}/auth",
            "token_endpoint": f"{connect}/token",
            "userinfo_endpoint": f"{connect}/userinfo",
            "end_session_endpoint": f"{connect}/logout",
            "jwks_uri": f"{connect}/certs",
            "grant_types_supported": ["authorization_code"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "claims_supported": [
                "iss",
                "sub",
                "aud",
                "exp",
                "iat",
                "auth_time",
                "acr",
                "SubjectNameID",
                "SubjectRefPro",
            ],
            "claims_parameter_supported": False,
            "scopes_supported": ["openid", "scope_all"],
            # The real document says so too, and it is of no use to anybody.
            "acr_values_supported": ["0", "0"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "require_pushed_authorization_requests": False,
        }
        return JSONResponse(self.alter("discovery", document))

    async def keys(self, _request: Request) -> Response:
        public = self.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}
        return JSONResponse(self.alter("keys", {"keys": [public]}))

    # The wallet: where a person picks who to be

    async def ask(self, request: Request) -> Response:
        """The authorization endpoint. Errors go back to the client only once it is certain who that is."""
        self.forget_the_old()
        query = request.query_params
        client = self.clients.get(query.get("client_id", ""))
        redirect_uri = query.get("redirect_uri", "")
        if client is None or redirect_uri not in client.redirect_uris:
            return self._problem(request, "service")
        asked = AskedFor(
            client=client,
            redirect_uri=redirect_uri,
            state=query.get("state", ""),
            nonce=query.get("nonce", ""),
            challenge=query.get("code_challenge", ""),
            fresh="login" in query.get("prompt", "").split(),
            at=self.clock(),
        )
        if query.get("response_type") != "code":
            return self._answer(asked, error="unsupported_response_type")
        if "openid" not in query.get("scope", "").split():
            return self._answer(asked, error="invalid_scope")
        if query.get("code_challenge_method") != "S256" or len(asked.challenge) != 43 or not asked.nonce:
            return self._answer(asked, error="invalid_request")
        oldest = query.get("max_age", "")
        session = self.sessions.get(request.cookies.get(COOKIE, ""))
        if session is not None and not asked.fresh and not (oldest.isdecimal() and self._older(session, int(oldest))):
            session.seen_at = self.clock()
            return self._authorize(asked, session)
        if query.get("prompt") == "none":
            return self._answer(asked, error="login_required")
        ticket = secrets.token_urlsafe(16)
        self.asked[ticket] = asked
        return self._page(
            request,
            "wallet.html",
            asked=asked,
            ticket=ticket,
            remembered=session,
            identities=list(self.identities.values()),
            renewal=asked.fresh or oldest == "0",
            service=urlsplit(redirect_uri).netloc,
        )

    async def choose(self, request: Request) -> Response:
        """The button that was pressed on the wallet page."""
        form = await _form(request)
        asked = self.asked.pop(form.get("ticket", ""), None)
        if asked is None or self.clock() - asked.at >= REQUEST_LIFE:
            return self._problem(request, "expired")
        if "cancel" in form:
            return self._answer(asked, error="access_denied")
        identity = self.identities.get(form.get("identity", ""))
        if identity is None:
            return self._problem(request, "identity")
        now = self.clock()
        session = WalletSession(sid=secrets.token_hex(16), identity=identity, auth_time=now, seen_at=now)
        self.sessions.pop(request.cookies.get(COOKIE, ""), None)
        cookie = secrets.token_urlsafe(32)
        self.sessions[cookie] = session
        answer = self._authorize(asked, session)
        answer.set_cookie(
            COOKIE, cookie, httponly=True, samesite="lax", secure=self.origin.startswith("https:"), path="/"
        )
        return answer

    def _older(self, session: WalletSession, seconds: int) -> bool:
        return self.clock() - session.auth_time >= timedelta(seconds=seconds)

    def _authorize(self, asked: AskedFor, session: WalletSession) -> Response:
        code = secrets.token_urlsafe(32)
        self.codes[code] = Code(
            asked=asked, identity=session.identity, auth_time=session.auth_time, sid=session.sid, at=self.clock()
        )
        return self._answer(asked, code=code, session_state=session.sid)

    def _answer(self, asked: AskedFor, **params: str) -> Response:
        """Back to the client. RFC 9207: every answer names its issuer."""
        params |= {"state": asked.state, "iss": self.issuer}
        return RedirectResponse(f"{asked.redirect_uri}?{urlencode(self.alter('callback', params))}", 303)

    # What the client fetches

    async def token(self, request: Request) -> Response:
        form = await _form(request)
        client = self._authenticated(request, form)
        if client is None:
            return _refusal("invalid_client", 401)
        if form.get("grant_type") != "authorization_code":
            return _refusal("unsupported_grant_type")
        code = self.codes.get(form.get("code", ""))
        if code is None or code.asked.client != client or code.asked.redirect_uri != form.get("redirect_uri"):
            return _refusal("invalid_grant")
        if code.access_token:
            # RFC 6749 4.1.2: "If an authorization code is used more than once, the authorization server MUST deny the
            # request and SHOULD revoke (when possible) all tokens previously issued based on that authorization code."
            self.access.pop(code.access_token, None)
            return _refusal("invalid_grant")
        now = self.clock()
        code.access_token = secrets.token_urlsafe(32)
        challenge = _base64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if now - code.at >= CODE_LIFE or not hmac.compare_digest(challenge, code.asked.challenge):
            return _refusal("invalid_grant")
        self.access[code.access_token] = Access(code.identity, now + ACCESS_LIFE)
        document = {
            "access_token": code.access_token,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "Bearer",
            "id_token": self._id_token(code, now),
            "not-before-policy": 0,
            "session_state": code.sid,
            "scope": "openid scope_all",
        }
        return JSONResponse(self.alter("token", document), headers={"Cache-Control": "no-store"})

    def _id_token(self, code: Code, now: datetime) -> str:
        identity = code.identity
        claims = {
            "iss": self.issuer,
            "aud": code.asked.client.client_id,
            "azp": code.asked.client.client_id,
            "sub": self.sub(identity),
            "SubjectNameID": identity.subject_name_id,
            "PSISubjectNameID": "",
            "preferred_username": identity.subject_name_id,
            "otherIds": other_ids(identity),
            "sid": code.sid,
            "acr": identity.acr,
            "authMode": identity.auth_mode,
            "auth_level": "1",
            "exp": int((now + ACCESS_LIFE).timestamp()),
            "iat": int(now.timestamp()),
            "auth_time": int(code.auth_time.timestamp()),
            "jti": secrets.token_hex(16),
            "nonce": code.asked.nonce,
            "at_hash": _base64(hashlib.sha256(code.access_token.encode()).digest()[:16]),
            "typ": "ID",
        }
        header = self.alter("header", {"alg": "RS256", "kid": self.key.kid})
        return jwt.encode(header, self.alter("claims", claims), self.key, algorithms=["RS256"])

    async def userinfo(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        access = self.access.get(token)
        if scheme.lower() != "bearer" or access is None or self.clock() >= access.until:
            return JSONResponse(
                {"error": "invalid_token"}, 401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
            )
        return JSONResponse(
            self.alter("userinfo", userinfo(access.identity, self.sub(access.identity))),
            headers={"Cache-Control": "no-store"},
        )

    async def logout(self, request: Request) -> Response:
        """RP-initiated logout: forgets the browser's session and goes back to a registered address."""
        query = request.query_params
        client = self.clients.get(self._audience(query.get("id_token_hint", "")))
        target = query.get("post_logout_redirect_uri", "")
        self.sessions.pop(request.cookies.get(COOKIE, ""), None)
        if client is None or target not in client.logout_uris:
            answer = self._problem(request, "left", 200)
        else:
            state = query.get("state", "")
            answer = RedirectResponse(f"{target}?{urlencode({'state': state})}" if state else target, 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    def _audience(self, hint: str) -> str:
        try:
            claims = jwt.decode(hint, self.key, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return ""
        return str(claims.get("aud", ""))

    def _authenticated(self, request: Request, form: Mapping[str, str]) -> Client | None:
        name, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, pair = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                # RFC 6749 2.3.1: both are form-encoded before they are joined.
                name, _, secret = base64.b64decode(pair, validate=True).decode().partition(":")
                name, secret = unquote_plus(name), unquote_plus(secret)
            except (binascii.Error, UnicodeDecodeError):
                return None
        client = self.clients.get(name)
        if client is None or not hmac.compare_digest(client.client_secret.encode(), secret.encode()):
            return None
        return client

    def _page(self, request: Request, name: str, status: int = 200, **context: Any) -> Response:
        page = self.pages.get_template(name).render(context | {"lang": _language(request)})
        return HTMLResponse(page, status, {"Vary": "Accept-Language"})

    def _problem(self, request: Request, what: str, status: int = 400) -> Response:
        title, text = PROBLEMS[_language(request)][what]
        return self._page(request, "problem.html", status, title=title, text=text)


class _Headers:
    """Strict headers on every answer. The wallet's form may end at a registered client, and nowhere else."""

    def __init__(self, app: ASGIApp, *, targets: Iterable[str]) -> None:
        self.app = app
        policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {' '.join(sorted(set(targets)))}"
        )
        self.headers = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self.headers]
            await send(message)

        await self.app(scope, receive, with_headers)


def create_app(
    issuer: str,
    clients: Iterable[Client],
    identities: Iterable[Identity],
    clock: Callable[[], datetime] = utc_now,
    *,
    production: bool,
    alter: Alter | None = None,
) -> Starlette:
    """Build the simulator; ``app.state.provider`` is its Provider. ``issuer`` ends with the realm's path and names the origin
    that the application is served at.

    Raises Invalid: ``production`` is set; whoever can pick an identity here could sign anything in anybody's name."""
    if production:
        raise Invalid("error-simulator-in-production")
    known = tuple(clients)
    provider = Provider(issuer, known, identities, clock, alter)
    connect = f"{provider.realm}/protocol/openid-connect"
    app = Starlette(
        routes=[
            Route(f"{provider.realm}/.well-known/wallet-openid-configuration", provider.discovery),
            Route(f"{connect}/certs", provider.keys),
            Route(f"{connect}/token", provider.token, methods=["POST"]),
            Route(f"{connect}/userinfo", provider.userinfo),
            Route(f"{connect}/logout", provider.logout),
            Route("/auth", provider.ask),
            Route("/auth", provider.choose, methods=["POST"]),
            Route("/wallet.css", _style),
            Route("/wallet.svg", _icon),
        ],
        middleware=[
            Middleware(_Headers, targets=[_origin(address) for client in known for address in client.redirect_uris])
        ],
    )
    app.state.provider = provider
    return app


def _language(request: Request) -> str:
    """English for a browser that names it first; French otherwise, as the provider that this one stands for."""
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "fr"


async def _style(_request: Request) -> Response:
    return FileResponse(FOLDER / "pages" / "wallet.css", media_type="text/css")


async def _icon(_request: Request) -> Response:
    return FileResponse(FOLDER / "pages" / "wallet.svg", media_type="image/svg+xml")


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=50))


def _refusal(error: str, status: int = 400) -> Response:
    return JSONResponse({"error": error}, status, headers={"Cache-Control": "no-store"})


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _new_key() -> RSAKey:
    key = RSAKey.generate_key(2048)
    key.ensure_kid()
    return key
