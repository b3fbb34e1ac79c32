"""What a mail server's refusal asks of us. One number says it, and shares no value with a carrier's codes:

550         a server's reply (RFC 5321) about the recipient or the mail
501001      the enhanced status 5.1.1 (RFC 3463): class, two digits of the subject, three of the detail
1550        a reply about ourselves, before any recipient was named: connecting, logging in, MAIL
1001-1003   what the server doesn't offer, or doesn't prove, see OURS
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from app.domain.delivery import Action, classify

OURS: Mapping[int, str] = MappingProxyType(
    {
        1001: "the server does not offer STARTTLS",
        1002: "the server's certificate is not trusted",
        1003: "the server offers no way to log in that is known here",
    }
)
NO_STARTTLS, NOT_TRUSTED, NO_LOGIN = OURS

BAD_ADDRESS = 501003
NO_SUCH_LETTERS = 506007
BAD_CONTENT = 506000

# a reply may begin with it, and a report names it
_ENHANCED = re.compile(r"(?<![0-9.])([245])\.([0-9]{1,2})\.([0-9]{1,3})(?![0-9.])")

_ENHANCED_CODES: Mapping[int, tuple[str, Action]] = MappingProxyType(
    {
        501007: ("our sender address is refused", Action.CONFIGURATION),
        501008: ("our sender address is refused", Action.CONFIGURATION),
        502002: ("mailbox is full", Action.NEXT_CHANNEL),
        503004: ("mail is too big", Action.CONFIGURATION),
        504006: ("mail goes round in a loop", Action.LOOP),
        505003: ("too many recipients", Action.CONFIGURATION),
        506007: ("address needs letters that the server does not take", Action.NEXT_CHANNEL),
        507008: ("login is refused", Action.CONFIGURATION),
        507009: ("login is too weak", Action.CONFIGURATION),
        507011: ("encryption is wanted", Action.CONFIGURATION),
        507020: ("no DKIM signature passes", Action.CONFIGURATION),
        507021: ("no DKIM signature is accepted", Action.CONFIGURATION),
        507022: ("no DKIM signature matches the author", Action.CONFIGURATION),
        507023: ("SPF fails", Action.CONFIGURATION),
        507024: ("SPF can't be read", Action.CONFIGURATION),
        507025: ("our address has no name", Action.CONFIGURATION),
        507026: ("SPF and DKIM fail", Action.CONFIGURATION),
        507027: ("sender's domain takes no mail", Action.CONFIGURATION),
    }
)
# by the subject of a permanent status
_SUBJECTS: Mapping[int, tuple[str, Action]] = MappingProxyType(
    {
        0: ("undeliverable", Action.NEXT_CHANNEL),
        1: ("no such address", Action.NEXT_CHANNEL),
        2: ("mailbox takes no mail", Action.NEXT_CHANNEL),
        3: ("mail system refuses", Action.PERMANENT),
        4: ("no way to the address's domain", Action.NEXT_CHANNEL),
        5: ("server did not understand", Action.CONFIGURATION),
        6: ("content is refused", Action.PERMANENT),
        7: ("refused by policy", Action.BLOCKED),
    }
)
_FULL = frozenset({402002, 502002, 452, 552})
# of the permanent ones, those that say that no mail will ever arrive there: not full, nor our fault, nor a filter's
_DEAD_SUBJECTS = frozenset({0, 1, 2, 4})


def mail_code(reply: int, words: str = "", *, about_us: bool = False) -> int:
    """The number of a refusal. `reply`: its three digits; `words`: what it said, with the enhanced status if any.

    `about_us`: it was refused before a recipient was named.
    """
    enhanced = enhanced_code(words)
    if about_us and reply >= 500:
        return 1000 + reply
    # a status that contradicts the reply's own class is not believed
    return enhanced if enhanced is not None and enhanced // 100_000 == reply // 100 else reply


def enhanced_code(words: str) -> int | None:
    """501001 for "5.1.1 no such user" (RFC 3463), the first in `words`; None where there is none."""
    found = _ENHANCED.search(words[:200])
    if found is None:
        return None
    kind, subject, detail = map(int, found.groups())
    return kind * 100_000 + subject * 1000 + detail


def is_mail_code(code: int) -> bool:
    """Whether a number is a mail server's: no carrier's code is."""
    return 200 <= code < 600 or code in OURS or 1400 <= code < 1600 or 200_000 <= code < 600_000


def classify_mail(code: int) -> Action:
    """What a mail server's refusal asks of us.

    A full mailbox is tried for ten minutes. All else that a server puts off (greylisting, load) it has never
    processed: asked again until it is too late, at most every quarter of an hour.
    """
    if code in OURS or 1500 <= code < 1600:
        return Action.CONFIGURATION
    if _class(code) == 4:
        return Action.RETRY if code in _FULL else Action.SLOW_DOWN
    return _permanent(code)[1]


def action_of(code: int | None, http_status: int | None = None) -> Action:
    """What any provider's refusal asks of us, by its number."""
    return classify_mail(code) if code is not None and is_mail_code(code) else classify(code, http_status)


def describe_mail(code: int) -> str:
    """For operators: "5.1.1: no such address"."""
    if code in OURS:
        return OURS[code]
    if 1000 <= code < 2000:
        return f"{code - 1000}: the server refuses us or our address"
    words = "full" if code in _FULL else "put off for now"
    if _class(code) != 4:
        words = _permanent(code)[0]
    return f"{written(code)}: {words}"


def written(code: int) -> str:
    """ "5.1.1" of 501001, "550" of 550."""
    return f"{code // 100_000}.{code % 100_000 // 1000}.{code % 1000}" if code >= 100_000 else str(code)


def is_dead(code: int) -> bool:
    """Whether an address that is refused so is not worth another mail: it does not exist or takes none."""
    return (
        code >= 500_000
        and code % 100_000 // 1000 in _DEAD_SUBJECTS
        and code not in _FULL
        and _permanent(code)[1] is Action.NEXT_CHANNEL
    )


def _class(code: int) -> int:
    return code // 100_000 if code >= 100_000 else code % 1000 // 100


def _permanent(code: int) -> tuple[str, Action]:
    if code >= 100_000:
        subject = code % 100_000 // 1000
        return _ENHANCED_CODES.get(code) or _SUBJECTS.get(subject, ("refused", Action.NEXT_CHANNEL))
    # 554 is how filters refuse; all others, at this stage, speak of the recipient
    return ("refused", Action.BLOCKED if code == 554 else Action.NEXT_CHANNEL)
