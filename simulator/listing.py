"""Lists: Twilio's filters of messages, and its pages of anything."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from simulator.ledger import Message
from simulator.refusals import Refusal


class _Listed(Protocol):
    @property
    def sid(self) -> str: ...


_Item = TypeVar("_Item", bound=_Listed)

_LARGEST_PAGE = 1000
_PAGING = frozenset({"Page", "PageSize", "PageToken"})
_COMPARISONS: dict[str, Callable[[date, date], bool]] = {
    "DateSent<": lambda sent, bound: sent <= bound,
    "DateSent>": lambda sent, bound: sent >= bound,
}


def filters(args: Mapping[str, str]) -> list[Callable[[Message], bool]]:
    """Raises Refusal on a date that can't be read. A message that was not sent yet matches no date."""
    wanted: list[Callable[[Message], bool]] = []
    if to := args.get("To"):
        wanted.append(lambda message: message.recipient == to)
    if sender := args.get("From"):
        wanted.append(lambda message: message.sender == sender)
    if day := args.get("DateSent"):
        # Twilio's client writes a date as its midnight, and still means the day
        wanted.append(_sent(date.__eq__, day.partition("T")[0]))
    wanted.extend(_sent(compare, args[name]) for name, compare in _COMPARISONS.items() if args.get(name))
    return wanted


def _sent(compare: Callable[[date, date], bool], given: str) -> Callable[[Message], bool]:
    """A bound with a time of day is compared to the second, a bare date by the day (GMT)."""
    try:
        bound = datetime.fromisoformat(given)
    except ValueError:
        raise Refusal(20001) from None
    bound = bound.astimezone(UTC) if bound.tzinfo else bound.replace(tzinfo=UTC)
    if ":" in given:
        return lambda m: m.sent_at is not None and compare(m.sent_at.replace(microsecond=0), bound)
    return lambda m: m.sent_at is not None and compare(m.sent_at.date(), bound.date())


def page(
    found: list[_Item],
    args: Mapping[str, str],
    path: str,
    *,
    name: str,
    resource: Callable[[_Item], dict[str, Any]],
) -> dict[str, Any]:
    """One page of `found`, which is newest first, under `name`. Raises Refusal on a page that can't be.

    A page token names the last item of the page before, so that one which arrives meanwhile does not push
    another onto the next page a second time.
    """
    size = min(_whole(args.get("PageSize", "50"), least=1), _LARGEST_PAGE)
    number = _whole(args.get("Page", "0"), least=0)
    start = number * size
    token = args.get("PageToken")
    if token:
        sids = [f"PA{item.sid}" for item in found]
        start = sids.index(token) + 1 if token in sids else len(sids)
    shown = found[start : start + size]
    query = [(key, value) for key, value in args.items() if key not in _PAGING] + [("PageSize", str(size))]

    def uri(number: int, token: str | None = None) -> str:
        place = {"Page": str(number)} | ({"PageToken": token} if token else {})
        return f"{path}?{urlencode([*query, *place.items()])}"

    more = start + size < len(found)
    return {
        "end": start + max(len(shown) - 1, 0),
        "first_page_uri": uri(0),
        name: [resource(item) for item in shown],
        "next_page_uri": uri(number + 1, f"PA{shown[-1].sid}") if more else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": uri(number - 1) if number else None,
        "start": start,
        "uri": uri(number, token),
    }


def _whole(given: str, least: int) -> int:
    if given.isascii() and given.isdigit() and int(given) >= least:
        return int(given)
    raise Refusal(20001)
