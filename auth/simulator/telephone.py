"""Logins that a person answers on the telephone: OpenID Connect CIBA Core 1.0, poll mode.

WAITING ──approve──▶ APPROVED ──poll──▶ gone
   ├─────refuse───▶ REFUSED ──poll──▶ gone
   └─────120 s────▶ expired
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from auth.simulator.clients import ClientCheck
from auth.simulator.conditions import Trouble
from auth.simulator.identities import Identity
from auth.simulator.realm import Client, Grant, Provider, answer_of, form_of, refusal

GRANT_TYPE: Final = "urn:openid:params:grant-type:ciba"
LIFE: Final = timedelta(seconds=120)
INTERVAL: Final = 1
"""Seconds between two polls. Life and interval are the real provider's (ansforge/psc-edc-proxy-esante)."""
SLOWER: Final = 5
"""Seconds. CIBA Core 11: "slow_down… the interval MUST be increased by at least 5 seconds"."""
LENIENCE: Final = timedelta(milliseconds=200)
"""A poll may be this much too early: networks are no metronomes."""
BINDING: Final = re.compile(r"[0-9]{2}")


class Answer(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


class Call(msgspec.Struct, kw_only=True):
    """A request that waits on somebody's telephone."""

    key: str
    """What the telephone calls it. Not the ``auth_req_id``, which is the client's alone."""
    client: Client
    identity: Identity
    binding_message: str
    at: datetime
    answer: Answer = Answer.WAITING
    grant: Grant | None = None
    interval: int = INTERVAL
    polled_at: datetime | None = None


class Telephone:
    """Every telephone at once: requests by ``auth_req_id``."""

    def __init__(self, provider: Provider, check: ClientCheck) -> None:
        self.provider = provider
        self.check = check
        self.calls: dict[str, Call] = {}

    async def ask(self, request: Request) -> Response:
        """The backchannel authentication endpoint (CIBA Core 7)."""
        self._forget_the_old()
        form = await form_of(request)
        client = self.check.client(request, form)
        if client is None:
            return refusal("invalid_client", 401)
        if self.provider.conditions.trouble in (Trouble.DOWN, Trouble.UNAVAILABLE):
            return refusal("temporarily_unavailable", 503)
        if "openid" not in form.get("scope", "").split():
            return refusal("invalid_scope")
        if "login_hint" not in form or "login_hint_token" in form or "id_token_hint" in form:
            # 7.2: "one (and only one) of the hints specified above" must be given; the real one reads login_hint.
            return refusal("invalid_request")
        if not BINDING.fullmatch(form.get("binding_message", "")):
            return refusal("invalid_binding_message")
        identity = self.provider.identities.get(form["login_hint"])
        if identity is None:
            return refusal("unknown_user_id")
        name = secrets.token_urlsafe(32)
        self.calls[name] = Call(
            key=secrets.token_urlsafe(12),
            client=client,
            identity=identity,
            binding_message=form["binding_message"],
            at=self.provider.clock(),
        )
        document = {"auth_req_id": name, "expires_in": int(LIFE.total_seconds()), "interval": INTERVAL}
        return answer_of(self.provider.alter("telephone", document))

    def redeem(self, client: Client, form: Mapping[str, str]) -> Response | Grant:
        """The token endpoint's part (CIBA Core 10.1, 11): the grant, or what to answer instead."""
        name = form.get("auth_req_id", "")
        call = self.calls.get(name)
        if call is None or call.client != client:
            return refusal("invalid_grant")
        now = self.provider.clock()
        early = call.polled_at is not None and now - call.polled_at < timedelta(seconds=call.interval) - LENIENCE
        call.polled_at = now
        if now - call.at >= LIFE:
            return refusal("expired_token")
        if call.answer is Answer.WAITING:
            if early:
                call.interval += SLOWER
                return refusal("slow_down")
            return refusal("authorization_pending")
        del self.calls[name]
        if call.grant is None:
            return refusal("access_denied")
        return call.grant

    def waiting(self, subject_name_id: str) -> list[Call]:
        """What this person's telephone shows, the newest first."""
        now = self.provider.clock()
        return sorted(
            (
                call
                for call in self.calls.values()
                if call.identity.subject_name_id == subject_name_id
                and call.answer is Answer.WAITING
                and now - call.at < LIFE
            ),
            key=lambda call: call.at,
            reverse=True,
        )

    def reply(self, subject_name_id: str, key: str, *, approve: bool) -> bool:
        """The person has answered. False: there is nothing to answer any more."""
        for call in self.waiting(subject_name_id):
            if call.key == key:
                if approve:
                    identity = msgspec.structs.replace(call.identity, auth_mode="MOBILE")
                    session = self.provider.open_session(identity)
                    call.grant = self.provider.grant(call.client, session, nonce="")
                    call.answer = Answer.APPROVED
                else:
                    call.answer = Answer.REFUSED
                return True
        return False

    def _forget_the_old(self) -> None:
        """What has expired is kept a while: whoever polls is told so."""
        now = self.provider.clock()
        self.calls = {name: call for name, call in self.calls.items() if now - call.at < 2 * LIFE}
