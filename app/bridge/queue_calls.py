"""What of all that Asterisk's manager tells is told on: each queue call that ended, once it has ended.

Asterisk 22, as its events came:
- A transfer ends the agent's part (AgentComplete, Reason transfer) while the caller goes on, to another queue or
  to somebody. So does a queue's time-out, which comes as QueueCallerAbandon like one who hung up. Both are told at
  once, as parts; when that caller's channel hangs up, CallerHangup says that nothing follows.
- What AgentComplete says of the channels is what is left of them by then: often not the caller's, sometimes none.
  Who the call is of is remembered from AgentConnect.
- An agent who asks in another queue and then transfers is the caller there, with a channel of their own: the call
  is one by its Linkedid, and the customer is who called first.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.bridge.manager import Packet

Report = dict[str, Any]
# of a call in a queue: its caller's channel, the queue, and who took it
Key = tuple[str, str, str]

NOBODY = "NONE"
_TRANSFERS = frozenset({"BlindTransfer", "AttendedTransfer"})
# what is said of the caller's channel
_CALLER = frozenset(
    {
        "Channel",
        "Uniqueid",
        "Linkedid",
        "CallerIDNum",
        "CallerIDName",
        "Language",
        "AccountCode",
        "ChanVariable",
    }
)
_NOT_TOLD = frozenset({"Privilege", "ActionID", "SequenceNumber", "File", "Line", "Func"})
_UNKNOWN = "<unknown>"
_MOST_REMEMBERED = 10_000
# queue_log cuts its times to seconds
_SAME_SECONDS = 5.0
# what was read there may come by the manager too, for so long
_REPEAT_SECONDS = 60.0


class Recent(OrderedDict[Any, Any]):
    """The last ten thousand: what never ends can't fill the memory."""

    def put(self, key: Any, value: Any) -> None:
        self[key] = value
        self.move_to_end(key)
        if len(self) > _MOST_REMEMBERED:
            self.popitem(last=False)


@dataclass(frozen=True)
class _Talk:
    """An agent and a caller, from AgentConnect on."""

    channel: str  # the agent's
    queue: str
    interface: str
    caller: str  # unique id of the channel that waited in the queue
    customer: Packet  # who called first
    since: float


class QueueCalls:
    """Told every packet in its order. `told`: what was told before a restart, and when it ended."""

    def __init__(self, told: Iterable[tuple[Key, float]] = ()) -> None:
        self._told = Recent(told)  # key -> when it ended
        self._caught_up = Recent()  # key -> when it was read elsewhere
        self._talks = Recent()  # agent's channel -> _Talk
        self._customers = Recent()  # linked id -> who called first
        self._going_on = Recent()  # caller's channel -> linked id: a part is told, and its end is not
        self._transferred_to = Recent()  # linked id -> extension

    def report(self, packet: Packet, now: float) -> Report | None:
        """What is to be told; None for most. `now`: unix seconds, of its arrival."""
        event, channel = packet.get("Event"), packet.get("Uniqueid")
        if event == "AgentConnect":
            self._connected(packet, now)
        elif event in _TRANSFERS:
            self._note_transfer(packet)
        elif event == "AgentComplete":
            return self._agent_complete(packet, now)
        elif event == "QueueCallerAbandon":
            return self._part(packet, str(channel), now, last=False)
        elif event == "Hangup" and channel in self._going_on:
            return self._hung_up(packet, now)
        return None

    def caught_up(self, report: Report, now: float) -> bool:
        """Whether a report read elsewhere is new; what comes of it by the manager now is a repeat."""
        key, ended_at = key_of(report), float(report["EndTime"])
        if abs(self._told.get(key, 0.0) - ended_at) <= _SAME_SECONDS:
            return False
        self._told.put(key, ended_at)
        self._caught_up.put(key, now)
        return True

    def told(self) -> tuple[Key, float]:
        """What was told last, and when it ended."""
        key = next(reversed(self._told))
        return key, self._told[key]

    def _connected(self, packet: Packet, now: float) -> None:
        linked = packet.get("Linkedid")
        said = {name: value for name, value in packet.items() if name in _CALLER}
        customer = self._customers.setdefault(linked, said)
        self._customers.put(linked, customer)
        talk = _Talk(
            channel=str(packet.get("DestUniqueid")),
            queue=str(packet.get("Queue")),
            interface=str(packet.get("Interface")),
            caller=str(packet.get("Uniqueid")),
            customer=customer,
            since=now,
        )
        self._talks.put(talk.channel, talk)

    def _agent_complete(self, packet: Packet, now: float) -> Report | None:
        last = packet.get("Reason") != "transfer"
        talk = self._talk_of(packet, now)
        if talk is not None:
            whole = {**packet, "DestUniqueid": talk.channel, **talk.customer}
            return self._part(whole, talk.caller, now, last=last)
        # connected before we were: what is left of the channels has to do
        left = {
            "Linkedid": packet.get("DestLinkedid", ""),
            "CallerIDNum": packet.get("DestConnectedLineNum", ""),
        }
        whole = {**left, **packet}
        return self._part(whole, str(whole.get("Uniqueid") or whole["Linkedid"]), now, last=last)

    def _talk_of(self, packet: Packet, now: float) -> _Talk | None:
        found: _Talk | None = self._talks.pop(packet.get("DestUniqueid"), None)
        if found is None and "Linkedid" not in packet and "DestLinkedid" not in packet:
            lasted = str(packet.get("TalkTime", ""))
            began = now - (int(lasted) if lasted.isdigit() else 0)
            place = str(packet.get("Queue")), str(packet.get("Interface"))
            of_agent = [one for one in self._talks.values() if (one.queue, one.interface) == place]
            found = min(of_agent, key=lambda one: abs(one.since - began), default=None)
            if found is not None:
                del self._talks[found.channel]
        return found

    def _part(self, packet: Packet, caller: str, now: float, *, last: bool) -> Report | None:
        report = _told_on(packet, now)
        key, linked = key_of({**report, "Uniqueid": caller}), packet.get("Linkedid")
        if now - self._caught_up.pop(key, 0.0) <= _REPEAT_SECONDS:
            return None
        self._told.put(key, float(report["EndTime"]))
        if last:
            self._forget(packet.get("Uniqueid"), linked)
        else:
            self._going_on.put(packet.get("Uniqueid"), linked)
            self._name_target(report, linked)
        return report

    def _hung_up(self, packet: Packet, now: float) -> Report:
        caller = packet["Uniqueid"]
        linked = self._going_on.pop(caller)
        report: Report = {"Event": "CallerHangup", "Uniqueid": caller, "Linkedid": linked}
        report["EndTime"] = _time_of(packet, now)
        self._name_target(report, linked)
        self._forget(caller, linked)
        return report

    def _forget(self, caller: object, linked: object) -> None:
        self._going_on.pop(caller, None)
        self._customers.pop(linked, None)
        self._transferred_to.pop(linked, None)

    def _note_transfer(self, packet: Packet) -> None:
        linked = packet.get("TransfereeLinkedid") or packet.get("OrigTransfererLinkedid")
        target = packet.get("Extension") or packet.get("TransferTargetExten")
        if packet.get("Result") == "Success" and linked in self._customers and target:
            self._transferred_to.put(linked, target)

    def _name_target(self, report: Report, linked: object) -> None:
        if (target := self._transferred_to.get(linked)) is not None:
            report["TransferredTo"] = target


def key_of(report: Report) -> Key:
    """Of a report of a call's part."""
    member = report.get("MemberName") or NOBODY
    return str(report.get("Uniqueid", "")), str(report.get("Queue", "")), str(member)


def _told_on(packet: Packet, now: float) -> Report:
    told = {n: v for n, v in packet.items() if n not in _NOT_TOLD and v != _UNKNOWN}
    return {**told, "EndTime": _time_of(packet, now)}


def _time_of(packet: Packet, now: float) -> str:
    """Unix seconds: its own where the exchange writes it (timestampevents), else of its arrival."""
    written = str(packet.get("Timestamp", ""))
    return written if written.replace(".", "", 1).isdigit() else f"{now:.3f}"
