"""Connections: the doors by which telephony platforms report their calls."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response

from app.flow.connections import (
    SETTINGS,
    change_connection,
    create_connection,
    end_connection,
    read_connection,
    read_connections,
    rotate_connection,
)
from app.flow.pages import Page
from app.web.api import connection_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.pages import page_response
from app.web.api.schemas.connections import (
    ConnectionChangeSchema,
    ConnectionPageSchema,
    ConnectionSchema,
    MadeConnectionSchema,
    NewConnectionSchema,
    RotationSchema,
    WatchedConnectionSchema,
)
from app.web.api.schemas.pages import PageQuery
from app.web.auth import caller, require
from app.web.json import json_response
from app.web.unit import services, unit_of_work

blueprint = ApiBlueprint(
    "connections", __name__, url_prefix="/v1/connections", description="By which platforms report calls"
)


def _shown(view: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in view.items() if name != "hook"}
    return {**rest, "hook_url": services().settings.public_url.rstrip("/") + view["hook"]}


@blueprint.operation("GET", "")
@require("connections:read")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ConnectionPageSchema, example=examples.CONNECTIONS)
def list_connections(query: dict[str, Any]) -> Response:
    """List connections"""
    with unit_of_work() as session:
        page = read_connections(
            session,
            account_id=caller().account_id,
            cursor=services().cursors.read("connections", query.get("cursor")),
            limit=query["limit"],
        )
    return page_response(
        "connections", Page([_shown(item) for item in page.items], page.next_cursor, page.cursor)
    )


@blueprint.operation("POST", "", HTTPStatus.CONFLICT)
@require("connections:write")
@blueprint.arguments(NewConnectionSchema, example=examples.NEW_CONNECTION)
@blueprint.response(201, MadeConnectionSchema, example=examples.MADE, description="Made")
def make_connection(given: dict[str, Any]) -> Response:
    """Make a connection

    The answer holds the address that the platform is to post to and, where the secret is ours to make, the secret:
    this once. What is to be set on the platform's side is described for each in docs/platforms.md.
    """
    key = caller()
    with unit_of_work() as session:
        made = create_connection(
            session,
            account_id=key.account_id,
            actor=key.actor,
            platform=given["platform"],
            name=given["name"].strip(),
            source=given.get("source"),
            secret=given.get("secret"),
            settings={name: given[name] for name in SETTINGS if name in given},
        )
    return json_response(_shown(made), HTTPStatus.CREATED)


@blueprint.operation("GET", "/<uuid:connection_id>", HTTPStatus.NOT_FOUND)
@require("connections:read")
@blueprint.response(200, WatchedConnectionSchema, example=examples.WATCHED)
def get_connection(connection_id: UUID) -> Response:
    """Read a connection with what came in by it

    Why did nothing happen? Each of the last events is here: accepted, ignored or refused, and why.
    """
    with unit_of_work() as session:
        found = read_connection(session, account_id=caller().account_id, connection_id=connection_id)
    return json_response(_shown(found))


@blueprint.operation("PATCH", "/<uuid:connection_id>", HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
@require("connections:write")
@blueprint.arguments(ConnectionChangeSchema, example=examples.CHANGE)
@blueprint.response(200, ConnectionSchema, example=examples.CONNECTION)
def update_connection(changes: dict[str, Any], connection_id: UUID) -> Response:
    """Change a connection

    It holds from the next event on. What was ignored meanwhile is looked at again when it is sent again.
    """
    key = caller()
    with unit_of_work() as session:
        changed = change_connection(
            session,
            account_id=key.account_id,
            actor=key.actor,
            connection_id=connection_id,
            changes=changes,
        )
    return json_response(_shown(changed))


@blueprint.operation("POST", "/<uuid:connection_id>/rotate", HTTPStatus.NOT_FOUND)
@require("connections:write")
@blueprint.arguments(RotationSchema, example={})
@blueprint.response(200, MadeConnectionSchema, example=examples.ROTATED)
def rotate_secret(given: dict[str, Any], connection_id: UUID) -> Response:
    """Take up a new secret

    The one before it is still believed, until the next rotation: change it at the platform in between.
    """
    key = caller()
    with unit_of_work() as session:
        rotated = rotate_connection(
            session,
            account_id=key.account_id,
            actor=key.actor,
            connection_id=connection_id,
            secret=given.get("secret"),
        )
    return json_response(_shown(rotated))


@blueprint.operation("DELETE", "/<uuid:connection_id>", HTTPStatus.NOT_FOUND)
@require("connections:write")
@blueprint.response(204, description="Ended")
def remove_connection(connection_id: UUID) -> Response:
    """End a connection

    Nothing comes in by it any more. What came stays, and `active: true` opens it again.
    """
    key = caller()
    with unit_of_work() as session:
        end_connection(session, account_id=key.account_id, actor=key.actor, connection_id=connection_id)
    return Response(status=HTTPStatus.NO_CONTENT)
