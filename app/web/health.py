"""For load balancers and monitors: alive, ready, and in figures."""

from http import HTTPStatus

import sqlalchemy.exc
from flask import Blueprint, Response
from sqlalchemy import text

from app.db import migrations_state
from app.metrics import CONTENT_TYPE
from app.store.gauges import Gauges, read_gauges
from app.web.gauges import GaugeCollector
from app.web.json import json_response
from app.web.unit import services, unit_of_work

_DATABASE_AWAY = (sqlalchemy.exc.OperationalError, sqlalchemy.exc.TimeoutError)

blueprint = Blueprint("health", __name__)


def _read_database() -> tuple[str | None, Gauges | None]:
    """The migration that the database is at, and what waits in it; nothing of either before the first one.

    Within 2 s, so that a monitor's own time-out is not what reports the trouble.
    """
    try:
        with unit_of_work() as session:
            session.execute(text("set local statement_timeout = '2s'"))
            return session.scalar(text("select version_num from alembic_version")), read_gauges(session)
    except sqlalchemy.exc.ProgrammingError:
        return None, None


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers. Asks nothing else: a restart would not mend a database that is away."""
    return json_response({"status": "alive"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Whether calls can be accepted. A silent broker alone does not say no: calls are accepted without it,
    and taking every server out of service would turn a delay into a loss."""
    broker = "ok" if services().broker_answers() else "unreachable"
    try:
        migration, gauges = _read_database()
    except _DATABASE_AWAY:
        away = {"status": "unready", "database": "unreachable", "broker": broker}
        return json_response(away, HTTPStatus.SERVICE_UNAVAILABLE)
    migrations = migrations_state(migration)
    content: dict[str, object] = {
        "status": "unready" if migrations == "behind" else "ready" if broker == "ok" else "degraded",
        "database": "ok",
        "migrations": migrations,
        "broker": broker,
        "oldest_due_seconds": gauges and round(gauges.oldest_due_seconds, 1),
    }
    ready = migrations != "behind"
    return json_response(content, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus' text. While the database is away the figures from it are missing, and the counters are not."""
    try:
        _, gauges = _read_database()
    except _DATABASE_AWAY:
        gauges = None
    collectors = [GaugeCollector(gauges)] if gauges else []
    return Response(services().metrics.render(collectors), content_type=CONTENT_TYPE)
