"""RingCentral: telephony session events. Each tells of a party; the one with an extension is the agent's."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.platforms.bodies import json_object, part
from app.platforms.face import Dialect, Ignored, Platform, RawRequest, Reading, Reply
from app.platforms.fields import call_ended, text
from app.platforms.proofs import header_secret, make_secret

_OTHER_WAITS = 120
_HANDSHAKE = "validation-token"
_by_header = header_secret("verification-token")


def verify(raw: RawRequest, secrets: Sequence[str]) -> str | None:
    """The token is ours, given with the subscription. What only asks for an echo of its header may lack it."""
    if raw.header(_HANDSHAKE) and not raw.body.strip(b" {}"):
        return None
    return _by_header(raw, secrets)


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    if asked := text(raw.header(_HANDSHAKE)):
        return Reply({}, {"Validation-Token": asked})
    document = json_object(raw.body)
    body = part(document.get("body"))
    listed = body.get("parties")
    parties = [part(one) for one in listed] if isinstance(listed, list) else []
    if not parties:
        return Ignored("not_a_call", "no parties")
    over = [one for one in parties if _code(one) == "disconnected"]
    if not over:
        return Ignored("not_final", _code(parties[0])[:40])
    party = next((one for one in over if one.get("extensionId")), over[0])
    outbound = (text(party.get("direction")) or "").casefold() == "outbound"
    known: dict[str, Any] = {
        "call_id": body.get("telephonySessionId"),
        "direction": party.get("direction"),
        "phone": part(party.get("to" if outbound else "from")).get("phoneNumber"),
        "started_at": body.get("creationTime"),
        "ended_at": body.get("eventTime"),
        "agent_id": party.get("extensionId"),
        "queue": part(party.get("queueCall")).get("name"),
        "talk_seconds": 0 if party.get("missedCall") is True else None,
    }
    waits = 0 if party.get("extensionId") else _OTHER_WAITS
    return call_ended(known, document, raw, dialect, waits=waits, leg=party.get("id"))


def _code(party: Mapping[str, Any]) -> str:
    return (text(part(party.get("status")).get("code")) or "").casefold()


PLATFORM = Platform("ringcentral", "RingCentral", verify, read, make_secret=make_secret, documented_only=True)
