"""What accepting a call can't do without, behind the same HTTP server: an answer, validation, one raw statement."""

import os
import threading
from typing import Any
from uuid import uuid4

import orjson
import psycopg
from flask import Flask, Response, request
from sqlalchemy import event

from app.settings import load_settings
from app.store.acceptance import ACCEPT
from app.store.direct import WATCHED
from app.web.api.schemas.calls import CallEndSchema
from app.web.application import create_app
from app.web.front_door import FrontDoor
from app.web.unit import Services
from bench.calls import Reports
from bench.place import psycopg_url


def from_environment() -> FrontDoor:
    """Doors, behind the service's own: `/bare` (202), `/validated` (the schema's work first), `/written` (and the
    accepting statement)."""
    settings = load_settings()
    values = _accepting_values()
    schema = CallEndSchema()
    address = psycopg_url(settings.database_url)
    local = threading.local()
    app = Flask(__name__)

    def accepted() -> Response:
        return Response(b'{"call":{}}', 202, mimetype="application/json")

    @app.get("/readyz")
    def ready() -> str:
        return "ready"

    @app.post("/bare")
    def bare() -> Response:
        return accepted()

    @app.post("/validated")
    def validated() -> Response:
        schema.load(orjson.loads(request.get_data()))
        return accepted()

    @app.post("/written")
    def written() -> Response:
        call = schema.load(orjson.loads(request.get_data()))
        connection = getattr(local, "connection", None)
        if connection is None:
            connection = psycopg.connect(
                address,
                autocommit=True,
                cursor_factory=psycopg.RawCursor,
                options="-c jit=off -c timezone=UTC",
            )
            local.connection = connection
        given = values | _own(values, call.call_id)
        if connection.execute(ACCEPT.sql, [given[name] for name in ACCEPT.names]).fetchone() is None:
            raise ValueError("this call was known already: nothing was written")
        return accepted()

    return FrontDoor(app, settings.capacity, settings.max_body_bytes, lambda _reason: None)


def _own(values: dict[str, Any], call_id: str) -> dict[str, Any]:
    """What differs between two calls of two customers: their ids, in the three documents."""
    contact, invitation = uuid4(), uuid4()
    (point,) = values["points"]
    return {
        "call": _document({**values["call"], "id": uuid4(), "call_id": call_id, "phone_contact_id": contact}),
        "plan": _document({**values["plan"], "message_id": uuid4(), "contact_id": contact}),
        "points": _document([{**point, "id": contact, "lookup": f"\\x{contact.hex}"}]),
        "invitation_id": invitation,
    }


def _document(value: object) -> str:
    return orjson.dumps(value).decode()


def _accepting_values() -> dict[str, Any]:
    """Those of the accepting statement, listened to while the service accepts one call."""
    settings = load_settings()
    app = create_app(settings)
    services: Services = app.extensions["postcall"]
    engine = services.sessions.kw["bind"]
    engine.update_execution_options(**{WATCHED: True})
    heard: list[dict[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        if "insert into invitation" in statement:
            heard.append(dict(values))

    # a customer of this process's own: one who was asked by another process just now would not be asked again; and
    # from the far end of those that there are, for the load begins with the first
    report = next(Reports("", first=3_500_000 - 4 * (os.getpid() % 100_000)).to("/")).partition(b"\r\n\r\n")[
        2
    ]
    key = {"Authorization": f"Bearer {os.environ['BENCH_API_KEY']}"}
    answer = app.test_client().post("/v1/calls", data=report, content_type="application/json", headers=key)
    engine.dispose()
    if answer.status_code != 202 or "invitation" not in answer.get_json():
        raise ValueError(answer.text)
    (values,) = heard
    return {**values, **{name: orjson.loads(values[name]) for name in ("call", "plan", "points")}}
