"""Customers who stay on the line: the agent has left, and the platform hands the call to the service.

That is what a `<Dial action>` of the platform's own document does: it asks the service how the call goes on.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from werkzeug.exceptions import BadRequest

from simulator.config import SimulatorConfig
from simulator.faults import FaultBoard
from simulator.numbers import E164
from simulator.voice_calls import Call, Calls, Script, new_call, new_sid
from simulator.voice_exchange import Exchange, dial_end
from simulator.voice_line import Step

_CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")


class Stays:
    def __init__(self, config: SimulatorConfig, calls: Calls, exchange: Exchange, faults: FaultBoard) -> None:
        self._config = config
        self._calls = calls
        self._exchange = exchange
        self._faults = faults

    def call_id(self, order: Mapping[str, Any]) -> str:
        """What the call is reported as. By default it is the carrier's name for it, as platforms on Twilio do."""
        given = order.get("call_id")
        return given if isinstance(given, str) else new_sid("CA")

    def hold(self, call: Mapping[str, Any], base_url: str, timed: bool) -> Callable[[], Call]:
        """Hands `call` over when it is called: the telephone goes on with what the service says.

        `call` is as it is reported. Raises BadRequest where there is no telephone to go on with.
        """
        customer = call.get("customer")
        phone = customer.get("phone") if isinstance(customer, dict) else None
        if not isinstance(phone, str) or not E164.fullmatch(phone):
            raise BadRequest("stay: the customer's phone must be a number like +447700900123")
        call_id, talk = call["call_id"], call.get("talk_seconds")
        outbound = call.get("direction") == "outbound"
        ours = self._config.number
        leg = new_call(
            self._config.account_sid,
            sid=call_id
            if _CALL_SID.fullmatch(call_id) and self._calls.get(call_id) is None
            else new_sid("CA"),
            sender=ours if outbound else phone,
            recipient=phone if outbound else ours,
            phone=phone,
            direction="outbound-api" if outbound else "inbound",
            status="in-progress",
            answered_at=datetime.now(UTC),
            base_url=base_url,
            script=Script(),
            fate=self._faults.now.callbacks.draw(),
        )
        agent = call.get("agent")
        known = {
            "call_id": call_id,
            "source": call.get("source"),
            "agent": agent.get("id") if isinstance(agent, dict) else None,
            "queue": call.get("queue"),
            "language": customer.get("language") if isinstance(customer, dict) else None,
        }
        query = urlencode({name: value for name, value in known.items() if isinstance(value, str)})
        seconds = talk if isinstance(talk, int) else 0
        # nobody can leave a call that nobody answered
        left = dial_end("completed" if call.get("answered_at") else "no-answer", seconds)
        step = Step(f"{self._config.service_url}/hooks/twilio/voice/survey?{query}", "POST", left)
        return lambda: self._exchange.join(self._calls.add(leg), step, timed)
