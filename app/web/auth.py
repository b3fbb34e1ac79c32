"""Who asks, and whether they may: API keys with scopes, and the list of the doors that are open to all."""

import hashlib
import time
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app, g, request
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from app.cache import ShortCache
from app.errors import ConfigurationError, Forbidden, NotFound
from app.store.accounts import ApiKeyFacts
from app.web.rate_limits import FailureLimit

# what proves itself otherwise (a signature, the token in the URL), or tells nothing about anybody
PUBLIC_ROUTES = frozenset(
    {
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/openapi.json",
        "/docs/",
        "/docs/<path:filename>",
        "/static/<path:filename>",
        "/s/<token>",
        "/unsubscribe/<token>",
        "/hooks/twilio/status",
        "/hooks/twilio/inbound",
        "/hooks/gateway/<uuid:sender_id>/receipts",
        "/hooks/gateway/<uuid:sender_id>/replies",
        "/hooks/twilio/voice/callback",
        "/hooks/twilio/voice/survey",
        "/hooks/twilio/voice/answer",
        "/hooks/twilio/voice/status",
        "/hooks/twilio/voice/recording",
        "/hooks/twilio/voice/transcription",
        "/hooks/mail/reports",
        "/hooks/calls/<platform>/<connection_id>",
    }
)

_MARK = "_required_scopes"
_MAX_KEY_LENGTH = 200

View = TypeVar("View", bound=Callable[..., Any])
FindApiKey = Callable[[Session, str], ApiKeyFacts | None]


class _UnknownKey(Exception):
    """Keeps a missing key out of the memory of found ones."""


class ApiKeys:
    """Looks keys up, and remembers for seconds: a busy sender costs no read, a revoked key dies within 5 s.

    What the database said, a no included, is kept for 1 s in little room, and found keys for 4 s more in a
    room of their own: guessing costs few reads and pushes no good key out.
    """

    def __init__(
        self,
        sessions: sessionmaker[Session],
        find: FindApiKey,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._find = find
        self._said: ShortCache[bytes, ApiKeyFacts | None] = ShortCache(1.0, 1_000, clock)
        self._found: ShortCache[bytes, ApiKeyFacts] = ShortCache(4.0, 10_000, clock)
        self._right: ShortCache[bytes, bool] = ShortCache(3600.0, 10_000, clock)

    def facts(self, presented: str) -> ApiKeyFacts | None:
        """Whose key it is; None for one that is unknown or revoked."""
        name = _name(presented)

        def known() -> ApiKeyFacts:
            facts = self._said.get(name, lambda: self._ask(presented))
            if facts is None:
                raise _UnknownKey
            return facts

        try:
            return self._found.get(name, known)
        except _UnknownKey:
            return None

    def was_right(self, presented: str) -> bool:
        """Whether this process has found it within the last hour; it may be revoked since."""
        try:
            return self._right.get(_name(presented), _unknown)
        except _UnknownKey:
            return False

    def _ask(self, presented: str) -> ApiKeyFacts | None:
        with self._sessions() as session:
            facts = self._find(session, presented)
        if facts is not None:
            self._right.get(_name(presented), lambda: True)
        return facts


def _name(presented: str) -> bytes:
    """By hash, so that the memory of a dumped process gives no key away."""
    return hashlib.sha256(presented.encode()).digest()


def _unknown() -> bool:
    raise _UnknownKey


def _presented_key() -> str | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    key = key.strip()
    well_formed = key.startswith("pc_") and key.isascii() and len(key) <= _MAX_KEY_LENGTH
    return key if scheme.lower() == "bearer" and well_formed else None


def _authenticate() -> ApiKeyFacts:
    presented = _presented_key()
    api_keys: ApiKeys = current_app.extensions["postcall"].api_keys
    failures: FailureLimit = current_app.extensions["postcall"].failure_limit
    # who has guessed too often is looked up no more; a key that was right not long ago is no guess
    may_ask = presented and (not failures.is_spent(request.remote_addr) or api_keys.was_right(presented))
    facts = api_keys.facts(presented) if presented and may_ask else None
    if facts is None:
        failures.note(request.remote_addr)
        # the same answer for a missing, an unknown and a revoked key: it tells a guesser nothing
        raise Unauthorized(
            "Send a valid API key as `Authorization: Bearer pc_...`.",
            www_authenticate=WWWAuthenticate("bearer", {"realm": "Postcall API"}),
        )
    structlog.contextvars.bind_contextvars(account_id=str(facts.account_id), key_id=str(facts.key_id))
    return facts


def require(*scopes: str) -> Callable[[View], View]:
    """Let in only a key that has one of `scopes`, before the request's content is looked at.

    Stands directly under the route. Documents itself: each scope is one alternative of the operation's
    `security`, named also in `x-required-scopes`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            facts = _authenticate()
            current_app.extensions["postcall"].key_limit.admit(facts.key_id)
            if facts.scopes.isdisjoint(scopes):
                raise Forbidden(f"This needs a key with the scope {' or '.join(scopes)}.")
            g.api_key = facts
            return view(*args, **kwargs)

        documentation = deepcopy(getattr(view, "_apidoc", {}))
        documentation.setdefault("manual_doc", {}).update(
            {
                "security": [{"apiKey": [scope]} for scope in scopes],
                "x-required-scopes": list(scopes),
                "responses": {
                    HTTPStatus.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED.name,
                    HTTPStatus.FORBIDDEN: HTTPStatus.FORBIDDEN.name,
                    HTTPStatus.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS.name,
                },
            }
        )
        vars(guarded).update({"_apidoc": documentation, _MARK: scopes})
        return guarded  # type: ignore[return-value]

    return decorate


def caller() -> ApiKeyFacts:
    """The key that `require` let in."""
    facts: ApiKeyFacts = g.api_key
    return facts


def visible_agent() -> str | None:
    """The one agent whose calls the key may see; None is everybody's."""
    facts = caller()
    if facts.agent_id is None and "results:read" not in facts.scopes and "results:self" in facts.scopes:
        raise Forbidden("This key has the scope results:self but names no agent.")
    return facts.agent_id


def refuse_other_agents(agent_id: str) -> None:
    """For a key that names an agent, whatever its scopes, others do not exist. Raises NotFound."""
    if visible_agent() not in (None, agent_id):
        raise NotFound("No such agent")


def unguarded_routes(app: Flask) -> list[str]:
    """Routes that neither ask for a scope nor stand in PUBLIC_ROUTES; a running service has none."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule not in PUBLIC_ROUTES and not hasattr(app.view_functions[rule.endpoint], _MARK)
    )


def refuse_unguarded(app: Flask) -> None:
    """Raises ConfigurationError: better no service than a door that somebody forgot to lock."""
    if routes := unguarded_routes(app):
        raise ConfigurationError(f"These routes neither require a scope nor are public: {', '.join(routes)}")
