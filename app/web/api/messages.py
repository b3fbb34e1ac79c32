"""Messages that wait for a person: listed with what is known of them, sent again or closed."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response

from app.flow.decide_by_hand import close_by_hand, resend_by_hand
from app.flow.read_messages import read_message, read_messages
from app.web.api import message_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.pages import page_response
from app.web.api.schemas.messages import ByHandRequestSchema, MessagePageSchema, MessageSchema, MessagesQuery
from app.web.auth import caller, require
from app.web.json import json_response
from app.web.unit import services, unit_of_work

blueprint = ApiBlueprint(
    "messages", __name__, url_prefix="/v1/messages", description="Texts, and what a person decides about them"
)


@blueprint.operation("GET", "")
@require("calls:read")
@blueprint.arguments(MessagesQuery, location="query")
@blueprint.response(200, MessagePageSchema, example=examples.MESSAGES)
def list_messages(query: dict[str, Any]) -> Response:
    """List texts that wait for a person

    Or those of one status, the newest first, each with what happened, what is known and what can be done. What is
    in doubt or quarantined waits for a person; what failed has ended, and can be sent again where its refusal was
    not about the customer. Of statuses that are neither, a page may hold fewer than `limit` and still go on.
    """
    with unit_of_work() as session:
        page = read_messages(
            session,
            account_id=caller().account_id,
            status=query.get("status"),
            cursor=services().cursors.read("messages", query.get("cursor")),
            limit=query["limit"],
        )
    return page_response("messages", page)


@blueprint.operation("GET", "/<uuid:message_id>", HTTPStatus.NOT_FOUND)
@require("calls:read")
@blueprint.response(200, MessageSchema, example=examples.IN_DOUBT)
def get_message(message_id: UUID) -> Response:
    """Read one text with its requests to the carrier"""
    with unit_of_work() as session:
        message = read_message(session, account_id=caller().account_id, message_id=message_id)
    return json_response(message)


@blueprint.operation("POST", "/<uuid:message_id>/resend", HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
@require("messages:write")
@blueprint.arguments(ByHandRequestSchema, required=False, example=examples.DECISION)
@blueprint.response(200, MessageSchema, example=examples.RESENT)
def resend_message(decision: dict[str, Any], message_id: UUID) -> Response:
    """Have a text sent again

    For one that is in doubt, quarantined or failed, where it is possible; else 409 says why not. It goes out at
    the next lawful hour, as long as the survey's terms allow. **What was in doubt the customer may then have
    twice**: look into the carrier's own log first. The same again changes nothing while it is on its way, or once
    it has got through. Kept in the audit and in the invitation's timeline, with the key and the reason.
    """
    key = caller()
    with unit_of_work() as session:
        message = resend_by_hand(
            session,
            account_id=key.account_id,
            actor=key.actor,
            message_id=message_id,
            reason=decision.get("reason"),
        )
    services().ring()
    return json_response(message)


@blueprint.operation("POST", "/<uuid:message_id>/close", HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
@require("messages:write")
@blueprint.arguments(ByHandRequestSchema, required=False, example=examples.DECISION)
@blueprint.response(200, MessageSchema, example=examples.CLOSED)
def close_message(decision: dict[str, Any], message_id: UUID) -> Response:
    """End a text for good

    For one that is in doubt, quarantined or failed. Where its customer may have it, an answer is still taken until
    the survey's time is over; where nothing can have reached them, they are free for the next call. Kept in the
    audit and in the timeline; the same again changes nothing.
    """
    key = caller()
    with unit_of_work() as session:
        message = close_by_hand(
            session,
            account_id=key.account_id,
            actor=key.actor,
            message_id=message_id,
            reason=decision.get("reason"),
        )
    return json_response(message)
