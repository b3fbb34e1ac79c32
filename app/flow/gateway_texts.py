"""A text goes out by a described gateway: as its carrier wants it, or held until it is approved."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.channels.gateway import text_without_brand
from app.channels.gateway_description import Gateway, read_gateway
from app.channels.parcel import GatewayParcel, GatewaySender
from app.store.attempts import Begun
from app.store.claims import Claimed
from app.store.messages import Message
from app.store.senders import SenderFacts

GATEWAY = "gateway"


def gateway_sender(sender: SenderFacts) -> GatewaySender:
    # the end of its id: all of it would make each id of the gateway's unreadable
    return GatewaySender(read_gateway(sender.settings), sender.auth_token, sender.id.hex[-8:])


def gateway_parcel(
    session: Session, claimed: Claimed, sender: SenderFacts, *, to: str, body: str
) -> Callable[[Begun], GatewayParcel]:
    """`body`: with its link, if it has one."""
    by = gateway_sender(sender)
    template_id, held = _template(session, by.gateway, claimed)
    link = body.removeprefix(claimed.body).strip()
    said = text_without_brand(body) if by.gateway.carrier_signs else body
    return lambda begun: GatewayParcel(by, to, said, link, begun.attempt_id.hex, template_id, held)


def _template(session: Session, gateway: Gateway, claimed: Claimed) -> tuple[str, str | None]:
    """The id of the approved text that it is, and why it may not be sent otherwise."""
    if gateway.templates is None:
        return "", None
    message = session.get_one(Message, (claimed.account_id, claimed.message_id))
    key = f"{message.purpose}/{message.question_key or '-'}/{message.language}"
    template = gateway.templates.get(key)
    if template is None:
        return "", f"the gateway has no template {key}"
    if not template.approved:
        return "", f"the gateway's template {key} is not approved yet"
    if template.wording_version not in (None, message.wording_version):
        return "", f"the gateway's template {key} is of another wording than {message.wording_version}"
    return template.id, None
