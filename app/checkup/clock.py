"""Clocks: this host's against the database's, the broker's and the carrier's."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.channels.lean_http import LeanHttp
from app.checkup.finding import Finding, failed, ok, warning
from app.errors import ProviderUnreadable

_WARN_SECONDS, _FAIL_SECONDS = 5.0, 60.0
_REMEDY = "Keep all hosts on time by NTP (timedatectl): signatures, leases and quiet hours rest on it"


def judge_skew(name: str, seconds: float) -> Finding:
    """`seconds`: how far that clock is ahead of this host's; negative where it is behind."""
    found = f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} this host's clock"
    if abs(seconds) > _FAIL_SECONDS:
        return failed(f"clock: {name}", found, _REMEDY)
    if abs(seconds) > _WARN_SECONDS:
        return warning(f"clock: {name}", found, _REMEDY)
    return ok(f"clock: {name}", f"within {max(1.0, abs(seconds)):.0f} s of this host's")


def skew(ask: Callable[[], datetime]) -> float:
    """Seconds by which the clock that `ask` reads is ahead, as of the middle of the request."""
    before = datetime.now(UTC)
    theirs = ask()
    after = datetime.now(UTC)
    return (theirs - (before + (after - before) / 2)).total_seconds()


def check_database_clock(sessions: sessionmaker[Session]) -> list[Finding]:
    with sessions() as session:
        session.connection()  # connecting is no part of what is measured

        def ask() -> datetime:
            now: datetime = session.scalar(text("select clock_timestamp()"))
            return now

        return [judge_skew("database", skew(ask))]


def check_carrier_clock(http: LeanHttp) -> list[Finding]:
    """By the Date of an answer; asked without credentials, so that any answer will do."""

    def ask() -> datetime:
        answer = http.request("GET", "/2010-04-01/Accounts.json")
        return parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)

    try:
        return [judge_skew("carrier", skew(ask))]
    except ProviderUnreadable as error:
        return [
            failed(
                "clock: carrier",
                str(error),
                "Let this host reach the carrier (TWILIO_BASE_URL, firewall, proxy)",
            )
        ]
    except (KeyError, ValueError):
        return [warning("clock: carrier", "its answer has no date", "Is TWILIO_BASE_URL the carrier?")]
