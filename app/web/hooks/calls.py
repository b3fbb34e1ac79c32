"""The door of telephony platforms: calls that ended, each signed in its platform's own way.

    POST /hooks/calls/{platform}/{connection}

Answers what the platform expects to hear, whatever became of the event; what did is shown by the connection.
403: not signed with a secret of this connection, or no such connection: a stranger can't tell which.
"""

import time
from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.datastructures import Headers

from app.db import run_unit
from app.errors import Forbidden
from app.flow.take_event import Taken, dialect_of, refuse_event, take_event
from app.platforms.face import REFUSED, Platform, RawRequest, Reply
from app.platforms.registry import PLATFORMS, understand
from app.signatures.twilio import signed_url
from app.store.connections import ConnectionFacts, find_door
from app.web.json import json_response, read_body
from app.web.unit import asking_of, services, unit_of_work

blueprint = Blueprint("call_hooks", __name__, url_prefix="/hooks/calls")


@blueprint.post("/<platform>/<connection_id>")
def receive(platform: str, connection_id: str) -> Response:
    raw = _raw()
    connection = _connection(platform, connection_id)
    kind = PLATFORMS.get(platform)
    if connection is None or kind is None:
        raise _refusal()
    if reason := kind.verify(raw, connection.secrets):
        _refuse(connection, reason)
        raise _refusal()
    reading = understand(kind, raw, dialect_of(connection.settings), connection.secrets)
    taken = run_unit(
        services().sessions, take_event, connection, raw, reading, asking=asking_of(connection.account_id)
    )
    if isinstance(reading, Reply):
        return _reply(reading)
    services().ring()
    return _answer(kind, taken)


def _raw() -> RawRequest:
    body = read_body(request)
    query = request.environ.get("QUERY_STRING", "").encode("latin-1")
    return RawRequest(
        url=signed_url(services().settings.public_url, request.path, query),
        body=body,
        headers=_lower(request.headers),
        now=time.time(),
    )


def _lower(headers: Headers) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _connection(platform: str, connection_id: str) -> ConnectionFacts | None:
    try:
        named = UUID(connection_id)
    except ValueError:
        return None
    with unit_of_work() as session:
        found = find_door(session, named)
    return found if found is not None and found.platform == platform else None


def _refuse(connection: ConnectionFacts, reason: str) -> None:
    # who has failed too often leaves no trace any more: a flood of them would be one of rows
    if not services().failure_limit.is_spent(request.remote_addr):
        run_unit(services().sessions, refuse_event, connection, reason, REFUSED[reason])


def _refusal() -> Forbidden:
    services().failure_limit.note(request.remote_addr)
    return Forbidden("This request is not signed with a secret of the connection that it names.")


def _answer(kind: Platform, taken: Taken) -> Response:
    if kind.answer.tells:
        return json_response(taken.view, kind.answer.status)
    return Response(status=kind.answer.status, content_type=kind.answer.content_type)


def _reply(reply: Reply) -> Response:
    response = json_response(reply.content)
    response.headers.extend(reply.headers)
    return response
