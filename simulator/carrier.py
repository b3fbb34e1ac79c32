"""Twilio's REST API for messages, as far as the service uses it: create, fetch and list.

Reference: https://www.twilio.com/docs/messaging/api/message-resource
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, request

from simulator.config import SimulatorConfig
from simulator.creating import create
from simulator.faults import FaultBoard, Faults
from simulator.ledger import Ledger, Message, new_message, resource
from simulator.listing import filters, page
from simulator.numbers import E164
from simulator.optouts import OptOuts
from simulator.receipts import Receipts
from simulator.refusals import CARRIER_PREFIX, Refusal

_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
CALLBACK_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_LONGEST_BODY = 1600
_LONGEST_VALIDITY = 36_000


class Carrier:
    def __init__(
        self,
        config: SimulatorConfig,
        ledger: Ledger,
        faults: FaultBoard,
        optouts: OptOuts,
        receipts: Receipts,
    ) -> None:
        self._config = config
        self._ledger = ledger
        self._faults = faults
        self._optouts = optouts
        self._receipts = receipts

    def authenticate(self, account_sid: str) -> None:
        given = request.authorization
        token = (given.password if given else None) or ""
        if (
            given is None
            or given.username != self._config.account_sid
            or not hmac.compare_digest(token.encode(), self._config.auth_token.encode())
        ):
            raise Refusal(20003)
        if account_sid != self._config.account_sid:
            raise Refusal(20404)

    def create(self) -> Response:
        faults = self._faults.now

        def accept() -> dict[str, Any]:
            message, error_code = self._accept(request.form, faults)
            self._receipts.follow(message, error_code, faults.callbacks.draw())
            return resource(message)

        return create(faults, accept)

    def _accept(self, form: Mapping[str, str], faults: Faults) -> tuple[Message, int | None]:
        """The message, now in the ledger, and the code that its delivery will fail with.

        Raises Refusal when a parameter is missing or wrong, or the recipient may not be texted.
        """
        _check(form)
        recipient, service_sid = form["To"], form.get("MessagingServiceSid")
        sender = self._config.number if service_sid else form["From"]
        if sender not in self._config.numbers:
            raise Refusal(21606)
        if recipient in faults.codes:
            raise Refusal(faults.codes[recipient])
        error_code = faults.delivery_codes.get(recipient)
        if self._optouts.blocks(sender, recipient):
            # a messaging service picks its sender after accepting, and finds out only then
            if not service_sid:
                raise Refusal(21610)
            error_code = 21610
        message = new_message(
            self._config.account_sid,
            sender=sender,
            recipient=recipient,
            body=form["Body"],
            direction="outbound-api",
            status="accepted" if service_sid else "queued",
        )
        message = replace(
            message,
            messaging_service_sid=service_sid or None,
            status_callback=form.get("StatusCallback") or None,
        )
        return self._ledger.add(message), error_code

    def fetch(self, sid: str) -> dict[str, Any]:
        message = self._ledger.get(sid)
        if message is None:
            raise Refusal(20404)
        return resource(message)

    def list_messages(self) -> dict[str, Any]:
        faults, args = self._faults.now, request.args
        if faults.listing_error.strikes():
            raise Refusal(20500)
        wanted = filters(args)
        visible_until = datetime.now(UTC) - timedelta(seconds=faults.listing_lag)
        party = args.get("To") or args.get("From")
        candidates = self._ledger.of(party) if party else self._ledger.all()
        found = [
            message
            for message in reversed(candidates)
            if message.created_at <= visible_until and all(matches(message) for matches in wanted)
        ]
        return page(found, args, request.path, name="messages", resource=resource)


def _check(form: Mapping[str, str]) -> None:
    """Raises Refusal for the first parameter that is missing or can't be."""
    service_sid, validity = form.get("MessagingServiceSid"), form.get("ValidityPeriod") or "1"
    wrong = (
        (21604, not form.get("To")),
        (21211, not E164.fullmatch(form.get("To", ""))),
        (21603, not form.get("From") and not service_sid),
        (20001, service_sid and not _SERVICE_SID.fullmatch(service_sid)),
        (21602, not form.get("Body")),
        (21617, len(form.get("Body", "")) > _LONGEST_BODY),
        (21609, form.get("StatusCallback") and not CALLBACK_URL.fullmatch(form["StatusCallback"])),
        (21624, not (validity.isascii() and validity.isdigit() and 1 <= int(validity) <= _LONGEST_VALIDITY)),
    )
    for code, is_wrong in wrong:
        if is_wrong:
            raise Refusal(code)


def carrier_room(carrier: Carrier) -> Blueprint:
    room = Blueprint("carrier", __name__, url_prefix=f"{CARRIER_PREFIX}Accounts/<account_sid>")

    @room.url_value_preprocessor
    def take_account(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.account_sid = (values or {}).pop("account_sid")

    @room.before_request
    def authenticate() -> None:
        carrier.authenticate(g.account_sid)

    @room.post("/Messages.json")
    def accept() -> Response:
        return carrier.create()

    @room.get("/Messages/<sid>.json")
    def fetch(sid: str) -> dict[str, Any]:
        return carrier.fetch(sid)

    @room.get("/Messages.json")
    def list_messages() -> dict[str, Any]:
        return carrier.list_messages()

    return room
