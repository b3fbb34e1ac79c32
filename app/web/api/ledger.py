"""The ledger: every call is there, invited or skipped with its reason."""

from typing import Any

from flask import Response

from app.errors import Forbidden
from app.flow.read_ledger import answer_ledger, ask_ledger
from app.web.api import customer_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.schemas.ledger import LedgerQuery, LedgerSchema
from app.web.auth import caller, require, visible_agent
from app.web.etags import conditional
from app.web.unit import unit_of_work

blueprint = ApiBlueprint("ledger", __name__, url_prefix="/v1", description="Who was invited, and why not")

_ETAG = {"ETag": {"description": "Send it back as If-None-Match", "schema": {"type": "string"}}}


@blueprint.operation("GET", "/ledger")
@require("results:read")
@blueprint.arguments(LedgerQuery, location="query")
@blueprint.response(200, LedgerSchema, example=examples.LEDGER, headers=_ETAG)
@blueprint.alt_response(304, description="Not changed since the ETag in If-None-Match", success=True)
def get_ledger(query: dict[str, Any]) -> Response:
    """Read what became of every call, by agent, reason or day

    Calls are invited plus skipped, and always add up: a call is counted once, on the day on which it ended in the
    account's time zone. By agent, each offer rate is held against that of all other agents together.
    """
    if visible_agent() is not None:
        raise Forbidden("The ledger is of all agents, and this key names one.")
    with unit_of_work() as session:
        question = ask_ledger(
            session,
            account_id=caller().account_id,
            group_by=query["group_by"],
            start=query.get("start"),
            end=query.get("end"),
        )
        return conditional(question.tag, lambda: answer_ledger(session, question))
