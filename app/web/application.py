"""Postcall asks the customer after the call, and tells the truth about the answer. Composed here."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.broker import Doorbell, broker_answers
from app.cache import ShortCache
from app.db import make_engine, make_sessions
from app.failpoints import watch_commits
from app.limits import Limits
from app.log import configure_logging
from app.metrics import Metrics
from app.settings import Settings, load_settings
from app.store.accounts import find_api_key
from app.store.direct import Singles
from app.store.keyring import Keyring
from app.tally import tally
from app.traces import make_traces
from app.web.api import (
    audit,
    calls,
    connections,
    consents,
    customers,
    exclusions,
    invitations,
    ledger,
    messages,
    numbers,
    responses,
    results,
    roster,
    suppressions,
    surveys,
)
from app.web.auth import ApiKeys, refuse_unguarded
from app.web.cursors import Cursors
from app.web.frame import make_frame
from app.web.front_door import FrontDoor
from app.web.hooks import calls as call_hooks
from app.web.hooks import gateway, mail, twilio, voice
from app.web.pages import survey, unsubscribe
from app.web.rate_limits import FailureLimit, KeyLimit, PhoneLimit
from app.web.unit import Services

_ASKING_SECONDS = 1.0


def create_app(settings: Settings, services: Services | None = None) -> Flask:
    """The web service as a WSGI application; `services` replaces the parts that it is made of."""
    app, api = make_frame(services or make_services(settings))
    for blueprint in (calls, connections, surveys, exclusions, numbers, invitations, messages):
        api.register_blueprint(blueprint.blueprint)
    for blueprint in (suppressions, consents):
        api.register_blueprint(blueprint.blueprint)
    for blueprint in (results, responses, ledger, customers, roster, audit):
        api.register_blueprint(blueprint.blueprint)
    app.register_blueprint(call_hooks.blueprint)
    app.register_blueprint(twilio.blueprint)
    app.register_blueprint(voice.blueprint)
    app.register_blueprint(survey.blueprint)
    app.register_blueprint(unsubscribe.blueprint)
    app.register_blueprint(mail.blueprint)
    app.register_blueprint(gateway.blueprint)
    refuse_unguarded(app)
    if settings.trusted_proxies:
        # addresses alone: host and scheme are those of PUBLIC_URL, whatever a proxy says
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's own way to wrap it
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0
        )
    return app


def make_services(settings: Settings) -> Services:
    """Nothing connects or starts a thread before it is used, so a server may fork after this."""
    engine = make_engine(settings.database_url, settings.web_db_pool)
    traces = make_traces(settings.traces, "web")
    traces.watch(engine)
    sessions = make_sessions(engine, Keyring(settings.secret_keys))
    watch_commits(sessions)
    # apart from the keys: any number of addresses can be made up, and only so many are remembered
    strangers = Limits(settings.redis_url)
    metrics = Metrics()
    tally(sessions, metrics.count)
    return Services(
        settings=settings,
        sessions=sessions,
        singles=Singles(engine),
        ring=Doorbell(settings, metrics.count_unheard_ring).ring,
        broker_answers=lambda: broker_answers(settings),
        api_keys=ApiKeys(sessions, find_api_key),
        key_limit=KeyLimit(Limits(settings.redis_url), settings.api_requests_per_minute),
        failure_limit=FailureLimit(strangers, settings.failed_requests_per_minute),
        phone_limit=PhoneLimit(strangers, settings.texts_per_minute, settings.secret_keys),
        cursors=Cursors(settings.secret_keys),
        metrics=metrics,
        askings=ShortCache(_ASKING_SECONDS),
        traces=traces,
    )


def from_environment() -> FrontDoor:
    """The factory that a server is pointed at."""
    settings = load_settings()
    configure_logging(settings.log_level)
    services = make_services(settings)
    app = create_app(settings, services)
    return FrontDoor(app, settings.capacity, settings.max_body_bytes, services.metrics.count_refused)
