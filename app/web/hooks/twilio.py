"""Twilio's doors: receipts for what was sent, and texts that customers send."""

from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType

from app.channels.twilio_hooks import (
    ACCOUNT_SID,
    EMPTY_RESPONSE,
    read_inbound,
    read_status,
)
from app.db import run_unit
from app.errors import Forbidden
from app.flow.record_answer import record_text
from app.flow.record_receipt import record_receipt
from app.signatures.twilio import signed_url, verify
from app.store.senders import tokens_for
from app.web.unit import services, unit_of_work

_FORM = "application/x-www-form-urlencoded"
blueprint = Blueprint("twilio", __name__, url_prefix="/hooks/twilio")


def refuse_unsigned(session: Session) -> None:
    """Look the tokens up by AccountSid, then verify: who claims an account must have signed with its token."""
    # anything else is no carrier's, and a NUL in it would not even be looked up
    account_sid = request.form.get("AccountSid", "")
    tokens = tokens_for(session, account_sid) if ACCOUNT_SID.fullmatch(account_sid) else []
    raw_query = request.environ.get("QUERY_STRING", "").encode("latin-1")
    url = signed_url(services().settings.public_url, request.path, raw_query)
    if not verify(url, request.form, request.headers.get("X-Twilio-Signature"), tokens):
        services().failure_limit.note(request.remote_addr)
        raise Forbidden("This request is not signed by the carrier account that it names.")


@blueprint.before_request
def refuse_other_forms() -> None:
    # a JSON body leaves the form empty, and the signature of an empty form vouches for any body
    if request.mimetype != _FORM:
        raise UnsupportedMediaType(f"Send the fields as {_FORM}.")


@blueprint.post("/status")
def status() -> tuple[str, int]:
    with unit_of_work() as session:
        refuse_unsigned(session)
    run_unit(
        services().sessions,
        record_receipt,
        read_status(request.form),
        account_id=_id_in_url("account"),
        attempt_id=_id_in_url("attempt"),
    )
    services().ring()
    return "", 204


@blueprint.post("/inbound")
def inbound() -> Response:
    with unit_of_work() as session:
        refuse_unsigned(session)
    text = read_inbound(request.form)
    too_many = not services().phone_limit.admits(text.sender)
    run_unit(services().sessions, record_text, text, too_many=too_many)
    services().ring()
    return Response(EMPTY_RESPONSE, content_type="text/xml; charset=utf-8")


def _id_in_url(name: str) -> UUID | None:
    """What we put into the callback's URL ourselves comes back under the signature."""
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None
