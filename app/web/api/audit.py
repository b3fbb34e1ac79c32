"""The audit: who changed what, for whoever has to answer for the figures."""

from typing import Any

from flask import Response

from app.flow.read_audit import read_audit
from app.web.api import roster_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.pages import page_response
from app.web.api.schemas.audit import AuditPageSchema, AuditQuery
from app.web.auth import caller, require
from app.web.unit import services, unit_of_work

blueprint = ApiBlueprint("audit", __name__, url_prefix="/v1/audit", description="Who changed what")


@blueprint.operation("GET", "")
@require("audit:read")
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditPageSchema, example=examples.AUDIT)
def list_audit(query: dict[str, Any]) -> Response:
    """List what people changed, and who read customers' words, the newest first

    Changes of the roster and resolutions with every call that they moved; accounts, keys, senders and pauses, as
    operators changed them by commands; persons that were forgotten or exported; and each page that showed comments.
    """
    with unit_of_work() as session:
        page = read_audit(
            session,
            account_id=caller().account_id,
            action=query.get("action"),
            cursor=services().cursors.read("audit", query.get("cursor")),
            limit=query["limit"],
        )
    return page_response("audit", page)
