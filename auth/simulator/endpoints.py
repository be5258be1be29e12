"""What clients fetch themselves: discovery, keys, tokens, userinfo, introspection, revocation."""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from auth.simulator import tokens
from auth.simulator.clients import ALGORITHMS, ClientCheck
from auth.simulator.conditions import Conditions, Stage, Trouble, Userinfo
from auth.simulator.realm import Client, Grant, Provider, Token, answer_of, base64_url, form_of, refusal
from auth.simulator.telephone import GRANT_TYPE, Telephone

SLOW: Final = 30.0
"""Seconds that a slow answer takes."""


class Endpoints:
    """The realm's own addresses."""

    def __init__(self, provider: Provider, check: ClientCheck, telephone: Telephone) -> None:
        self.provider = provider
        self.check = check
        self.telephone = telephone

    async def discovery(self, request: Request) -> Response:
        """Of the shape of the real document (ansforge/psc-edc-proxy-esante, mock_discovery_response.json), saying only what
        this one can do. At the standard address the authorization endpoint is the realm's own, as there: it works, and is
        not the one that the national agency wants."""
        if self._down():
            return refusal("temporarily_unavailable", 503)
        connect = self.provider.connect
        methods = ["private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth"]
        national = request.scope["path"].endswith("/wallet-openid-configuration")
        document: dict[str, Any] = {
            "issuer": self.provider.issuer,
            "authorization_endpoint": f"{self.provider.origin}/auth" if national else f"{connect}/auth",
            "token_endpoint": f"{connect}/token",
            "introspection_endpoint": f"{connect}/token/introspect",
            "revocation_endpoint": f"{connect}/revoke",
            "userinfo_endpoint": f"{connect}/userinfo",
            "end_session_endpoint": f"{connect}/logout",
            "jwks_uri": f"{connect}/certs",
            "backchannel_authentication_endpoint": f"{connect}/ext/ciba/auth",
            "backchannel_token_delivery_modes_supported": ["poll"],
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "grant_types_supported": ["authorization_code", "refresh_token", GRANT_TYPE],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "userinfo_signing_alg_values_supported": ["RS256", "none"],
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
            "introspection_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
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
            "claim_types_supported": ["normal"],
            "claims_parameter_supported": False,
            "scopes_supported": ["openid", "scope_all"],
            # The real document says so too, and it is of no use to anybody.
            "acr_values_supported": ["0", "0"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "require_pushed_authorization_requests": False,
        }
        return JSONResponse(self.provider.alter("discovery", document))

    async def keys(self, _request: Request) -> Response:
        if self._down():
            return refusal("temporarily_unavailable", 503)
        public = self.provider.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}
        return JSONResponse(self.provider.alter("keys", {"keys": [public]}))

    async def token(self, request: Request) -> Response:
        self.provider.forget_the_old()
        form = await form_of(request)
        client = self.check.client(request, form)
        if client is None:
            return refusal("invalid_client", 401)
        if self._down():
            return refusal("temporarily_unavailable", 503)
        match form.get("grant_type"):
            case "authorization_code":
                grant = self._of_code(client, form)
            case "refresh_token":
                return await self._refresh(client, form)
            case str(kind) if kind == GRANT_TYPE:
                grant = self.telephone.redeem(client, form)
            case _:
                return refusal("unsupported_grant_type")
        if isinstance(grant, Response):
            return grant
        trouble = grant.conditions.trouble
        if trouble is Trouble.SLOW:
            await asyncio.sleep(SLOW)
        if trouble in (Trouble.EXCHANGE_DOWN, Trouble.UNAVAILABLE):
            return refusal("temporarily_unavailable", 503)
        if trouble is Trouble.CODE_REFUSED:
            return refusal("invalid_grant")
        if trouble is Trouble.CANCELLED:
            return refusal("access_denied")
        return tokens.token_answer(self.provider, grant, trouble=trouble)

    def _of_code(self, client: Client, form: Mapping[str, str]) -> Grant | Response:
        code = self.provider.codes.get(form.get("code", ""))
        if code is None or code.asked.client != client or code.asked.redirect_uri != form.get("redirect_uri"):
            return refusal("invalid_grant")
        if code.redeemed:
            # RFC 6749 4.1.2: "If an authorization code is used more than once, the authorization server MUST deny the
            # request and SHOULD revoke (when possible) all tokens previously issued based on that authorization code."
            tokens.revoke(self.provider, code.grant)
            return refusal("invalid_grant")
        code.redeemed = True
        challenge = base64_url(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        late = self.provider.clock() - code.at >= code.grant.session.lifetimes.code
        if late or not hmac.compare_digest(challenge, code.asked.challenge):
            return refusal("invalid_grant")
        return code.grant

    async def _refresh(self, client: Client, form: Mapping[str, str]) -> Response:
        conditions: Conditions = self.provider.take_conditions(Stage.REFRESH)
        trouble = conditions.trouble
        if trouble is Trouble.REFRESH_DOWN:
            return refusal("temporarily_unavailable", 503)
        grant = tokens.exchanged(self.provider, form.get("refresh_token", ""), client)
        if grant is None or trouble is Trouble.REFRESH_REFUSED:
            return refusal("invalid_grant")
        other = trouble if trouble is Trouble.REFRESH_OTHER else Trouble.NONE
        return tokens.token_answer(self.provider, grant, trouble=other)

    async def userinfo(self, request: Request) -> Response:
        if self._down():
            return refusal("temporarily_unavailable", 503)
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        token: Token | None = self.provider.access.get(text)
        if scheme.lower() != "bearer" or token is None or not self.provider.good(token):
            return JSONResponse(
                {"error": "invalid_token"}, 401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
            )
        conditions = token.grant.conditions
        if conditions.trouble is Trouble.USERINFO_DOWN:
            return refusal("temporarily_unavailable", 503)
        document = tokens.userinfo_document(self.provider, token.grant, trouble=conditions.trouble)
        if conditions.userinfo is Userinfo.JSON:
            return answer_of(document)
        return PlainTextResponse(
            tokens.signed_userinfo(self.provider, token.grant, document),
            headers={"Cache-Control": "no-store", "Content-Type": "application/jwt"},
        )

    async def introspect(self, request: Request) -> Response:
        """RFC 7662."""
        form = await form_of(request)
        client = self.check.client(request, form)
        if client is None:
            return refusal("invalid_client", 401)
        if self._down():
            return refusal("temporarily_unavailable", 503)
        return answer_of(tokens.introspection(self.provider, form.get("token", ""), client))

    async def revoke(self, request: Request) -> Response:
        """RFC 7009 2.2: an unknown token is no error."""
        form = await form_of(request)
        client = self.check.client(request, form)
        if client is None:
            return refusal("invalid_client", 401)
        text = form.get("token", "")
        token = self.provider.access.get(text) or self.provider.refresh.get(text)
        if token is not None and token.grant.client == client:
            tokens.revoke(self.provider, token.grant)
        return Response(status_code=200)

    def _down(self) -> bool:
        return self.provider.conditions.trouble is Trouble.DOWN
