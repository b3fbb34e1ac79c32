"""The door of gateways that operators have described: receipts, and texts that customers send.

    POST /hooks/gateway/{sender_id}/receipts
    POST /hooks/gateway/{sender_id}/replies

Form or JSON, one or many at once, with the fields and the proof that the gateway's description names
(docs/gateways.md). Answers what the description says a gateway wants to hear, 200 and nothing by default. 403: not
proved, or no such gateway. 415: neither form nor JSON. 422: nothing in it is what the description says.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from app.channels.gateway_hooks import proves, read_form, read_receipts, read_replies
from app.db import run_unit
from app.errors import Forbidden
from app.flow.gateways import HookGateway, find_gateway, record_gateway_receipt, record_gateway_text
from app.web.json import load_json
from app.web.unit import services, unit_of_work

blueprint = Blueprint("gateway", __name__, url_prefix="/hooks/gateway/<uuid:sender_id>")


@blueprint.post("/receipts")
def receipts(sender_id: UUID) -> Response:
    known = _who_posts(sender_id)
    for receipt in read_receipts(known.gateway, _document(known)):
        # one by one: each holds another customer's invitation
        run_unit(services().sessions, record_gateway_receipt, known.sender, receipt)
    services().ring()
    return _answer(known)


@blueprint.post("/replies")
def replies(sender_id: UUID) -> Response:
    known = _who_posts(sender_id)
    for reply in read_replies(known.gateway, _document(known)):
        too_many = not services().phone_limit.admits(reply.phone)
        run_unit(services().sessions, record_gateway_text, known.sender, reply, too_many=too_many)
    services().ring()
    return _answer(known)


def _who_posts(sender_id: UUID) -> HookGateway:
    """Raises Forbidden, for a gateway that there is not as for a wrong proof."""
    with unit_of_work() as session:
        known = find_gateway(session, sender_id)
    if known is None or not _is_proved(known):
        services().failure_limit.note(request.remote_addr)
        raise Forbidden("This request does not prove that it is of the gateway that it names.")
    return known


def _is_proved(known: HookGateway) -> bool:
    proof = known.gateway.proof
    if proof is None:
        return False
    field = request.headers if proof.header else request.args
    shown = field.get(proof.header or proof.query or "", "")
    return proves(proof, known.secrets, shown, request.get_data())


def _document(known: HookGateway) -> Any:
    if request.is_json:
        return load_json(request.get_data())
    if request.mimetype != "application/x-www-form-urlencoded":
        raise UnsupportedMediaType("Send the fields as a form or as JSON.")
    return read_form(request.get_data(), known.gateway.request.charset)


def _answer(known: HookGateway) -> Response:
    body = known.gateway.answer_body
    kind = "application/json" if body.startswith(("{", "[")) else "text/plain; charset=utf-8"
    return Response(body, known.gateway.answer_status, content_type=kind)
