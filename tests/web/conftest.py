"""For most of what the web frame promises: small views of its own, without database and flows.

And `api`: the whole service on the suite's database, for what the doors themselves promise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app.cache import ShortCache
from app.db import make_engine
from app.domain.questionnaire import Survey
from app.flow.accounts import SCOPES, create_account
from app.flow.asking import SURVEY_KEY
from app.limits import Limits
from app.metrics import Metrics
from app.settings import Settings, load_settings
from app.store.accounts import ApiKeyFacts
from app.store.base import keyring
from app.store.direct import Singles
from app.store.messages import Message
from app.store.senders import add_sender
from app.web.application import create_app, make_services
from app.web.auth import ApiKeys
from app.web.cursors import Cursors
from app.web.frame import make_frame
from app.web.problems import ProblemApi
from app.web.rate_limits import FailureLimit, KeyLimit, PhoneLimit
from app.web.unit import Services

ACCOUNT = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
MAX_BODY_BYTES = 64 * 1024


@dataclass
class KnownKeys:
    """API keys as a database would know them; `asked` are the look-ups that reached it."""

    keys: dict[str, ApiKeyFacts] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add(self, *scopes: str, agent_id: str | None = None, account_id: UUID = ACCOUNT) -> str:
        presented = f"pc_{uuid4().hex}"
        self.keys[presented] = ApiKeyFacts(
            account_id, uuid4(), frozenset(scopes), agent_id, presented[:11], "tests"
        )
        return presented

    def find(self, _: Session, presented: str) -> ApiKeyFacts | None:
        self.asked.append(presented)
        return self.keys.get(presented)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _clean_log_context() -> Iterator[None]:
    yield
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def keys() -> KnownKeys:
    return KnownKeys()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(keys: KnownKeys, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Parts without a database behind them: a session of these can be opened and committed, not used."""
    for name, value in {
        "DATABASE_URL": "postgresql://nowhere",
        "REDIS_URL": "redis://nowhere",
        "PUBLIC_URL": "https://calls.example",
        "SECRET_KEYS": "tests:" + "A" * 44,
        "MAX_BODY_BYTES": str(MAX_BODY_BYTES),
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    sessions = sessionmaker()
    return Services(
        settings=settings,
        sessions=sessions,
        singles=Singles(make_engine(settings.database_url, 1)),
        ring=lambda: None,
        broker_answers=lambda: True,
        api_keys=ApiKeys(sessions, keys.find, clock),
        key_limit=KeyLimit(Limits(settings.redis_url), 0),
        failure_limit=FailureLimit(Limits(settings.redis_url), 0),
        phone_limit=PhoneLimit(Limits(settings.redis_url), 0, settings.secret_keys),
        cursors=Cursors(settings.secret_keys),
        metrics=Metrics(),
        askings=ShortCache(1.0),
    )


@pytest.fixture
def frame(services: Services) -> tuple[Flask, ProblemApi]:
    return make_frame(services)


@pytest.fixture
def app(frame: tuple[Flask, ProblemApi]) -> Flask:
    return frame[0]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def bearer(keys: KnownKeys) -> Callable[..., dict[str, str]]:
    """Headers with a key that has the given scopes."""

    def headers(*scopes: str, agent_id: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {keys.add(*scopes, agent_id=agent_id)}"}

    return headers


ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "a token of the carrier"
NUMBER = "+15005550006"
PHONE = "+447700900123"
EVERYTHING = tuple(scope for scope in SCOPES if scope != "results:self")


@dataclass
class Api:
    """The service as a client sees it: one account's key, JSON in and out."""

    app: Flask
    client: FlaskClient
    sessions: sessionmaker[Session]
    keys: KnownKeys
    account_id: UUID
    rung: list[tuple[str, ...]]

    def headers(
        self, *scopes: str, agent_id: str | None = None, account_id: UUID | None = None
    ) -> dict[str, str]:
        key = self.keys.add(
            *(scopes or EVERYTHING), agent_id=agent_id, account_id=account_id or self.account_id
        )
        return {"Authorization": f"Bearer {key}"}

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        options.setdefault("headers", self.headers())
        return self.client.open(path, method=method, json=json, **options)

    def account(self, name: str) -> UUID:
        with self.sessions.begin() as session:
            account_id = create_account(
                session,
                name=name,
                brand="Acme",
                timezone="UTC",
                survey=Survey(SURVEY_KEY, 1, delay_seconds=0, send_hours="any", link=True),
            )
            add_sender(
                session, account_id, provider_account=ACCOUNT_SID, auth_token=AUTH_TOKEN, number=NUMBER
            )
        return account_id

    def invite(self, **changes: Any) -> str:
        """A call is reported and its customer asked: the token of the survey's link."""
        received = self("POST", "/v1/calls", self.call_end(**changes)).json
        assert received is not None
        with self.sessions() as session:
            message = session.scalars(
                select(Message).where(Message.invitation_id == UUID(received["invitation"]["id"]))
            ).one()
            return keyring(session).token(message.id)

    def call_end(self, **changes: Any) -> dict[str, Any]:
        now = datetime.now(UTC).replace(microsecond=0)
        return {
            "call_id": f"call-{uuid4()}",
            "direction": "inbound",
            "agent": {"id": "7", "team": "blue"},
            "customer": {"phone": PHONE, "language": "en"},
            "started_at": (now - timedelta(seconds=100)).isoformat(),
            "answered_at": (now - timedelta(seconds=90)).isoformat(),
            "ended_at": now.isoformat(),
            **changes,
        }


def _api(settings: Settings, sessions: sessionmaker[Session], keys: KnownKeys, clock: Clock) -> Api:
    rung: list[tuple[str, ...]] = []
    services = replace(
        make_services(settings),
        sessions=sessions,
        ring=lambda *tasks: rung.append(tasks),
        broker_answers=lambda: True,
        api_keys=ApiKeys(sessions, keys.find, clock),
        key_limit=KeyLimit(Limits(settings.redis_url), 0),
        failure_limit=FailureLimit(Limits(settings.redis_url), 0),
        phone_limit=PhoneLimit(Limits(settings.redis_url), 0, settings.secret_keys),
        askings=ShortCache(0),
    )
    app = create_app(settings, services)
    api = Api(app, app.test_client(), sessions, keys, ACCOUNT, rung)
    api.account_id = api.account("first")
    return api


@pytest.fixture
def api(settings: Settings, session_factory: sessionmaker[Session], keys: KnownKeys, clock: Clock) -> Api:
    """On sessions whose work is undone after the test."""
    return _api(settings, session_factory, keys, clock)


@pytest.fixture
def committing_api(
    settings: Settings, committing: sessionmaker[Session], keys: KnownKeys, clock: Clock
) -> Api:
    """On sessions that commit: responses are listed once nothing older can still be committed."""
    return _api(settings, committing, keys, clock)
