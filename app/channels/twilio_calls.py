"""Twilio's calls: ring somebody, and find a ring whose request came to no clear end.

As with texts there is no idempotency key. A second call to the same person hears nothing, since what it is told to
say is said to the first CallSid alone; but the telephone would have rung twice.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.channels.http_connection import NeverSent, NoAnswer
from app.channels.lean_http import LeanHttp
from app.channels.parcel import CallParcel
from app.channels.twilio import TwilioSender, client_of
from app.channels.twilio_answers import judge, moment
from app.channels.twilio_hooks import CALL_SID
from app.channels.twilio_listing import Listed, Resource, find_created, string
from app.domain.delivery import Outcome, SendResult

_API = "https://api.twilio.com/2010-04-01/Accounts/{account_sid}/Calls.json"
# voice mail answers after some 25 seconds; a conversation is bounded by its script, this bounds what goes wrong
_RING_SECONDS = 25
_LONGEST_CALL_SECONDS = 600


class TwilioCalls:
    """Thread-safe: all senders and threads share one bounded pool of connections."""

    def __init__(self, base_url: str, connect_seconds: float, read_seconds: float, pool_size: int) -> None:
        self._http = LeanHttp(base_url, connect_seconds, read_seconds, pool_size)

    def send(self, parcel: CallParcel) -> SendResult:
        """Ask Twilio once to ring `parcel.to`; whoever answers is told apart from a machine before `parcel.url` is
        asked what to say.

        Never raises for what Twilio or the network does.
        """
        sender = parcel.sender
        form = {
            "To": parcel.to,
            "From": sender.number,
            "Url": parcel.url,
            "Method": "POST",
            "StatusCallback": parcel.status_callback,
            "StatusCallbackMethod": "POST",
            "MachineDetection": "Enable",
            "Timeout": _RING_SECONDS,
            "TimeLimit": _LONGEST_CALL_SECONDS,
        }
        try:
            answer = client_of(sender, self._http).request("POST", _calls_url(sender), data=form)
        except NeverSent as error:
            return SendResult(Outcome.NOT_SENT, detail=str(error))
        except NoAnswer as error:
            return SendResult(Outcome.UNKNOWN, detail=str(error))
        return judge(answer, CALL_SID)

    def find(self, sender: TwilioSender, to: str, since: datetime, until: datetime) -> list[Listed]:
        """Calls from the sender's number to `to` that Twilio created from `since` to `until` (give or take the
        clocks' skew). A call is known by who is rung, and when: its `body` is empty, as its message's is.

        Raises ProviderUnreadable when the listing can't be had whole: what is missing from it is rung again.
        """
        # no filter on StartTime: a call that waits to be rung has none
        filters = {"To": to, "From": sender.number}
        return find_created(
            client_of(sender, self._http), _calls_url(sender), filters, _CALLS, since=since, until=until
        )

    def close(self) -> None:
        self._http.close()


def _calls_url(sender: TwilioSender) -> str:
    return _API.format(account_sid=sender.account_sid)


def _listed(record: Mapping[str, Any]) -> Listed:
    return Listed(
        provider_id=record["sid"],
        to=record["to"],
        body="",
        status=string(record["status"]),
        created_at=moment(string(record["date_created"])),
        error_code=None,
        number=string(record["from"]),
    )


_CALLS = Resource("calls", CALL_SID, _listed)
