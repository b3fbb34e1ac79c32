"""A list of contacts as CSV over HTTP: taken in whole, within bounds, and written out in parts."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from flask import Response, request, stream_with_context
from werkzeug.exceptions import UnprocessableEntity, UnsupportedMediaType

from app.db import run_unit
from app.domain.csv_table import Unreadable, read_rows
from app.flow.contact_files import COLUMNS, list_entries, take_file, write_file
from app.flow.contact_lists import Changed, change_one
from app.store.contact_lists import Listing
from app.web.api.pages import page_response
from app.web.auth import caller
from app.web.json import json_response, read_body
from app.web.unit import services, unit_of_work

CSV = "text/csv"
MOST_LINES = 10_000
MOST_BYTES = 1024 * 1024


def list_response(listing: Listing, query: dict[str, Any]) -> Response:
    account_id = caller().account_id
    if request.accept_mimetypes.best_match(["application/json", CSV]) == CSV:
        parts = write_file(partial(run_unit, services().sessions), account_id, listing)
        response = Response(stream_with_context(parts), mimetype=CSV)
        response.headers["Content-Disposition"] = f'attachment; filename="{listing}.csv"'
    else:
        place = services().cursors.read(listing, query.get("cursor"))
        with unit_of_work() as session:
            page = list_entries(session, account_id, listing, cursor=place, limit=query["limit"])
            response = page_response(listing, page)
    response.vary.add("Accept")
    return response


def change_response(action: str, given: dict[str, Any]) -> Response:
    key = caller()
    changed: Changed = run_unit(
        services().sessions, change_one, key.account_id, action, given, how="api", actor=key.actor
    )
    return json_response(vars(changed))


def import_response(listing: Listing, *, dry_run: bool) -> Response:
    key = caller()
    request.max_content_length = MOST_BYTES
    if request.mimetype != CSV:
        raise UnsupportedMediaType("Send the list as CSV, with Content-Type: text/csv.")
    # all of it is read before anything is done, since what can't be read on is no file of ours
    lines = list(_lines(listing, read_body(request)))
    run = partial(run_unit, services().sessions)
    taken = take_file(run, key.account_id, listing, lines, actor=key.actor, dry_run=dry_run)
    problems = [{"line": line, "problem": problem} for line, problem in taken.problems]
    return json_response({**taken.counts, "problems": problems})


def _lines(listing: Listing, body: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        yield from read_rows(body, COLUMNS[listing], (), MOST_LINES)
    except Unreadable as error:
        raise UnprocessableEntity(str(error)) from error
