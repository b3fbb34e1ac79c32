"""FreeSWITCH, by mod_json_cdr: one CDR for each leg.

The leg of the caller (A) is the call. What it dialled (B, with `log-b-leg`) adds the agent; the time that A was
bridged is the talk, for a queue answers long before anybody does.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from app.platforms.bodies import first, form, json_object, part
from app.platforms.face import Answer, Dialect, Ignored, Platform, RawRequest, Reading, Unreadable
from app.platforms.fields import between, call_ended, seconds
from app.platforms.proofs import make_secret, shared_secret

_LEG_WAITS = 120
_LONGEST_EXTENSION = 6
# on the dialled leg: which one dialled it; the last one is mod_callcenter's
_DIALLED_BY = ("originator", "originating_leg_uuid", "cc_member_session_uuid")


def _cdr(raw: RawRequest) -> dict[str, Any]:
    """`encode` posts it as a form's field, URL-encoded or in base64, and labels of it are of little worth."""
    body = raw.body
    if body.lstrip()[:1] == b"{":
        return json_object(body)
    if "base64" in raw.header("content-type") or body[:5] in (b"cdr=e", b"cdr=I"):
        try:
            return json_object(base64.b64decode(body.removeprefix(b"cdr=").strip()))
        except (binascii.Error, ValueError) as error:
            raise Unreadable("not_json", "the CDR is no base64") from error
    return json_object(form(body).get("cdr", "").encode())


def _decoded(value: Any) -> Any:
    """`encode-values` leaves %XX in each value. A `+` is one: it is a telephone number's."""
    return unquote(value) if isinstance(value, str) and "%" in value else value


def _moment(value: Any) -> Any:
    """The epoch of what never happened is 0."""
    return None if value in ("0", 0, "") else value


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    cdr = _cdr(raw)
    variables = {name: _decoded(value) for name, value in part(cdr.get("variables")).items()}
    document = {**cdr, "variables": variables}
    if not variables:
        return Ignored("not_understood", "no variables")
    profile = part(first(cdr.get("callflow")).get("caller_profile"))
    dialled_by = next((variables[name] for name in _DIALLED_BY if variables.get(name)), None)
    known: dict[str, Any] = {
        "started_at": _moment(variables.get("start_epoch")),
        "answered_at": _moment(variables.get("bridge_epoch")),
        "ended_at": _moment(variables.get("end_epoch")),
        "hold_seconds": variables.get("hold_accum_seconds"),
        "agent_id": variables.get("cc_agent"),
        "queue": variables.get("cc_queue"),
    }
    if dialled_by:
        if not seconds(variables.get("billsec")):
            return Ignored("not_answered_leg", str(variables.get("hangup_cause", ""))[:60])
        known |= {"call_id": dialled_by, **_of_the_leg(known, variables)}
        return call_ended(known, document, raw, dialect, waits=_LEG_WAITS, leg=variables.get("uuid"))
    outbound = _outbound(cdr, variables)
    begun = _moment(variables.get("cc_queue_answered_epoch")) or known["answered_at"]
    over = _moment(variables.get("cc_queue_terminated_epoch")) or known["ended_at"]
    talked = between(begun, over)
    called = variables.get("callee_id_number") or _decoded(profile.get("destination_number"))
    calling = variables.get("caller_id_number") or _decoded(profile.get("caller_id_number"))
    known |= {
        "call_id": variables.get("uuid") or variables.get("call_uuid"),
        "direction": "outbound" if outbound else "inbound",
        "phone": called if outbound else calling or variables.get("sip_from_user"),
        "answered_at": begun,
        # nothing was bridged to it: nobody talked, however long the announcements were
        "talk_seconds": 0 if talked is None else talked,
        "wait_seconds": between(known["started_at"], begun) if begun else variables.get("waitsec"),
        "ended_by": _ended_by(variables, outbound=outbound),
    }
    if outbound:
        known["agent_id"] = known["agent_id"] or variables.get("user_name") or calling
    return call_ended(known, document, raw, dialect)


def _of_the_leg(known: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    called = (variables.get(name) for name in ("dialed_user", "dialed_extension", "sip_to_user"))
    # of a call that went out, the leg is the customer: no number of theirs is an agent
    extension = next((one for one in called if one and len(str(one)) <= _LONGEST_EXTENSION), None)
    return {
        "agent_id": known["agent_id"] or extension,
        "answered_at": _moment(variables.get("answer_epoch")),
        "talk_seconds": variables.get("billsec"),
    }


def _outbound(cdr: Mapping[str, Any], variables: Mapping[str, Any]) -> bool:
    """To FreeSWITCH an extension that dials out is inbound too; a dialplan may set `call_direction`, and knows."""
    said = variables.get("call_direction") or part(cdr.get("channel_data")).get("direction")
    return said == "outbound"


def _ended_by(variables: Mapping[str, Any], *, outbound: bool) -> str | None:
    """Who sent the BYE on this leg: its own end, or we because the other side had."""
    near, far = ("agent", "customer") if outbound else ("customer", "agent")
    said = {"recv_bye": near, "send_bye": far}
    return said.get(str(variables.get("sip_hangup_disposition", "")))


PLATFORM = Platform(
    "freeswitch",
    "FreeSWITCH (mod_json_cdr)",
    shared_secret,
    read,
    make_secret=make_secret,
    answer=Answer(tells=True),
)
