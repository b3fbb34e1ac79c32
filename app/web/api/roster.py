"""The roster: which person a platform's agent id stood for, and when; and calls that wait for one."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, request
from werkzeug.exceptions import UnprocessableEntity, UnsupportedMediaType

from app.domain.roster_table import MOST_LINES
from app.flow.resolve_calls import list_unmapped, resolve_calls, wanted_calls
from app.flow.roster import (
    Row,
    add_entry,
    change_entry,
    export_roster,
    list_roster,
    remove_entry,
    replace_roster,
    rows_of_csv,
)
from app.web.api import roster_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.pages import page_response
from app.web.api.schemas.roster import (
    NewRosterEntrySchema,
    ReplacedSchema,
    ReplaceQuery,
    ResolvedSchema,
    ResolveSchema,
    RosterChangeSchema,
    RosterEntryPageSchema,
    RosterEntrySchema,
    RosterQuery,
    UnmappedAgentPageSchema,
    UnmappedQuery,
)
from app.web.auth import caller, require
from app.web.json import json_response, read_body, read_json
from app.web.unit import services, unit_of_work

CSV = "text/csv"
# a roster is sent whole: its body may be larger than all others
MOST_BYTES = 5 * 1024 * 1024
_MOST_VALUES = MOST_LINES * 10
# of 100 calls each: a second or so
_UNITS = 20

blueprint = ApiBlueprint(
    "roster", __name__, url_prefix="/v1/roster", description="Which person an extension stood for, and when"
)


@blueprint.operation("GET", "")
@require("roster:read")
@blueprint.arguments(RosterQuery, location="query")
@blueprint.response(200, RosterEntryPageSchema, example=examples.ROSTER)
@blueprint.alt_response(
    200,
    schema=examples.CSV_CONTENT["schema"],
    example=examples.CSV_CONTENT["example"],
    description="OK",
    content_type=CSV,
    success=True,
)
def list_roster_entries(query: dict[str, Any]) -> Response:
    """List the roster

    With `Accept: text/csv` as one file, without pages: what `PUT` takes back exactly. Cells that a spreadsheet
    would run as a formula begin with an apostrophe there.
    """
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    account_id = caller().account_id
    wants_csv = request.accept_mimetypes.best_match(["application/json", CSV]) == CSV
    with unit_of_work() as session:
        if wants_csv:
            response = Response(export_roster(session, account_id=account_id, **query), mimetype=CSV)
            response.headers["Content-Disposition"] = 'attachment; filename="roster.csv"'
        else:
            place = services().cursors.read("roster", cursor)
            page = list_roster(session, account_id=account_id, cursor=place, limit=limit, **query)
            response = page_response("roster", page)
    response.vary.add("Accept")
    return response


@blueprint.operation("POST", "", HTTPStatus.CONFLICT)
@require("roster:write")
@blueprint.arguments(NewRosterEntrySchema, example=examples.NEW_ENTRY)
@blueprint.response(201, RosterEntrySchema, example=examples.ENTRY, description="Added")
@blueprint.alt_response(
    200, schema=RosterEntrySchema, example=examples.ENTRY, description="There already", success=True
)
def add_roster_entry(row: dict[str, Any]) -> Response:
    """Add an entry

    From a source's first entry on, its calls are resolved by the roster alone, at the moment they were answered.
    Calls that were reported before stay as they are until they are resolved again.
    """
    key = caller()
    source = row.pop("source")
    with unit_of_work() as session:
        entry, is_new = add_entry(session, account_id=key.account_id, actor=key.actor, source=source, row=row)
    return json_response(entry, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@blueprint.operation("PUT", "")
@require("roster:write")
@blueprint.arguments(ReplaceQuery, location="query")
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {
            "application/json": {
                "schema": NewRosterEntrySchema(many=True),
                "example": [examples.NEW_ENTRY],
            },
            CSV: examples.CSV_CONTENT,
        },
    }
)
@blueprint.response(200, ReplacedSchema, example=examples.REPLACED)
def put_roster(query: dict[str, Any]) -> Response:
    """Replace the whole roster of a source

    By a JSON list of entries or by CSV (UTF-8, a header line, commas or semicolons): all of it, or nothing where
    one line is wrong. At most 50,000 entries and 5 MB. The source may be left out of the entries.
    """
    key = caller()
    rows = _rows()
    with unit_of_work() as session:
        replaced = replace_roster(
            session,
            account_id=key.account_id,
            actor=key.actor,
            source=query["source"],
            rows=rows,
            allow_empty=query["allow_empty"],
        )
    return json_response({"source": query["source"], **replaced.counts})


def _rows() -> Iterator[tuple[str, Row]]:
    request.max_content_length = MOST_BYTES
    if request.mimetype == CSV:
        return rows_of_csv(read_body(request))
    if request.mimetype != "application/json":
        raise UnsupportedMediaType(
            "Send the roster as CSV or JSON, with Content-Type: text/csv or application/json."
        )
    listed = read_json(request, most_values=_MOST_VALUES)
    if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
        raise UnprocessableEntity("Send a list of entries, each a JSON object.")
    if len(listed) > MOST_LINES:
        raise UnprocessableEntity(f"Send at most {MOST_LINES} entries.")
    return ((str(number), row) for number, row in enumerate(listed))


@blueprint.operation("PATCH", "/<uuid:entry_id>", HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
@require("roster:write")
@blueprint.arguments(RosterChangeSchema, example=examples.CHANGE)
@blueprint.response(200, RosterEntrySchema, example=examples.ENTRY)
def change_roster_entry(changes: dict[str, Any], entry_id: UUID) -> Response:
    """End an entry, or correct it

    Calls that it resolved stay as they are until they are resolved again.
    """
    key = caller()
    with unit_of_work() as session:
        entry = change_entry(
            session, account_id=key.account_id, actor=key.actor, entry_id=entry_id, changes=changes
        )
    return json_response(entry)


@blueprint.operation("DELETE", "/<uuid:entry_id>", HTTPStatus.NOT_FOUND)
@require("roster:write")
@blueprint.response(204, description="Removed")
def remove_roster_entry(entry_id: UUID) -> Response:
    """Remove an entry that was wrong from the beginning

    Somebody who leaves a desk is no such case: give their entry an end.
    """
    key = caller()
    with unit_of_work() as session:
        remove_entry(session, account_id=key.account_id, actor=key.actor, entry_id=entry_id)
    return Response(status=HTTPStatus.NO_CONTENT)


@blueprint.operation("GET", "/unmapped")
@require("roster:read")
@blueprint.arguments(UnmappedQuery, location="query")
@blueprint.response(200, UnmappedAgentPageSchema, example=examples.UNMAPPED)
def list_unmapped_agents(query: dict[str, Any]) -> Response:
    """List platform agent ids that no roster entry named at their calls' time

    Their calls count in teams, vendors and queues as reported, and in no agent's row, until they are resolved.
    """
    with unit_of_work() as session:
        page = list_unmapped(
            session,
            account_id=caller().account_id,
            source=query.get("source"),
            cursor=services().cursors.read("unmapped", query.get("cursor")),
            limit=query["limit"],
        )
    return page_response("unmapped", page)


@blueprint.operation("POST", "/resolve")
@require("roster:write")
@blueprint.arguments(ResolveSchema, example=examples.RESOLVE)
@blueprint.response(200, ResolvedSchema, example=examples.RESOLVED)
def resolve_roster(given: dict[str, Any]) -> Response:
    """Resolve calls again by the roster as it is now

    In short steps, each durable, up to 2,000 calls a request: while `next_cursor` is not null, send the same again
    with it as `cursor`. Results follow within seconds; each call that moved is in the audit.
    """
    key = caller()
    cursors = services().cursors
    wanted = wanted_calls(
        source=given.get("source"),
        platform_agent_id=given.get("platform_agent_id"),
        start=given.get("start"),
        end=given.get("end"),
        unmapped_only=given["unmapped_only"],
    )
    done = resolve_calls(
        unit_of_work,
        account_id=key.account_id,
        actor=key.actor,
        wanted=wanted,
        cursor=cursors.read("resolve", given.get("cursor")),
        units=_UNITS,
    )
    return json_response(
        {
            "examined": done.examined,
            "resolved": done.resolved,
            "restated": done.restated,
            "next_cursor": cursors.write("resolve", done.next_cursor),
        }
    )
