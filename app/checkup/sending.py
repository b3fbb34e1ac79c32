"""Asking and sending: does anything stand still, and which account lacks what?"""

from collections.abc import Callable, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.checkup.finding import Finding, failed, ok, warning
from app.domain.advice import explain
from app.flow.asking import SURVEY_KEY
from app.store.gauges import MOST, Gauges, read_gauges
from app.store.readiness import Readiness, read_readiness

_LATE_SECONDS, _STUCK_SECONDS = 60.0, 300.0
_NAMED = 3


def check_sending(sessions: sessionmaker[Session], account: str | None) -> list[Finding]:
    with sessions() as session:
        session.execute(text("set local statement_timeout = '4s'"))
        gauges, accounts = read_gauges(session), read_readiness(session, SURVEY_KEY, account)
    if account and not accounts:
        return [failed("accounts", f"none is named {account}", "postcall accounts list")]
    return [*judge_gauges(gauges), *judge_accounts(accounts)]


def judge_gauges(gauges: Gauges) -> list[Finding]:
    """One line where all is well, else one per trouble."""
    found = []
    if gauges.oldest_due_seconds > _LATE_SECONDS:
        say = failed if gauges.oldest_due_seconds > _STUCK_SECONDS else warning
        found.append(
            say(
                "sending: due",
                f"the oldest text has been due for {gauges.oldest_due_seconds:.0f} s",
                "Is sending paused (below), a worker on delivery (above), the sender's pace too low?",
            )
        )
    if gauges.stale_oldest_seconds > _LATE_SECONDS:
        say = failed if gauges.stale_oldest_seconds > _STUCK_SECONDS else warning
        found.append(
            say(
                "results: behind",
                f"{_count(gauges.stale_cells)} agent-days wait, the oldest for {gauges.stale_oldest_seconds:.0f} s",
                "Is there a worker on default (above)? More of them rebuild faster",
            )
        )
    if gauges.in_doubt:
        found.append(
            warning(
                "sending: in doubt",
                f"{_count(gauges.in_doubt)} texts may have been sent or not; none is sent again by itself",
                "Look for them in the carrier's log: postcall messages list, resend, close",
            )
        )
    if gauges.quarantined:
        found.append(
            warning(
                "sending: quarantined",
                f"{_count(gauges.quarantined)} texts ended their worker five times",
                "The worker's log says what ended it: postcall messages list, resend, close",
            )
        )
    return found or [ok("sending", "nothing waits longer than it should")]


def _count(number: int) -> str:
    return f"{MOST} or more" if number >= MOST else str(number)


_Trouble = tuple[Callable[[Readiness], bool], Callable[[str, str, str], Finding], str, str]

_LACKS: Sequence[_Trouble] = (
    (lambda one: one.survey is None, failed, "no survey: nobody is asked", "PUT /v1/surveys/default"),
    (
        lambda one: one.survey == "off",
        warning,
        "the survey is off: nobody is asked",
        "PUT /v1/surveys/default",
    ),
    (
        lambda one: not (one.has_sender or one.needs_no_sender),
        failed,
        "no sender: nobody is asked",
        "postcall senders add --account NAME",
    ),
    (
        lambda one: not one.has_key,
        warning,
        "no key: no call can be reported",
        "postcall keys create --account NAME",
    ),
    (lambda one: one.paused, warning, "sending is paused", "postcall resume --account NAME, or --all"),
    (
        lambda one: one.dry_runs > 0,
        warning,
        "some calls are only tried",
        "postcall dry-run list --account NAME",
    ),
)


def judge_accounts(accounts: Sequence[Readiness]) -> list[Finding]:
    if not accounts:
        return [failed("accounts", "there is none", "postcall accounts create")]
    found = []
    for lacks, say, what, remedy in _LACKS:
        names = [one.account for one in accounts if lacks(one)]
        if names:
            found.append(say("accounts", f"{what}: {_some(names)}", remedy.replace("NAME", names[0])))
    for one in accounts:
        found += [
            failed(
                f"account {one.account}",
                f"texts wait since the carrier refuses them with {code}: {explain(code).meaning}",
                explain(code).advice,
            )
            for code in one.held
            if explain(code).holds
        ]
        if one.unmapped:
            found.append(
                warning(
                    f"account {one.account}",
                    f"{one.unmapped} agents of the last 30 days are unknown: their calls count for nobody",
                    f"postcall roster unmapped --account {one.account}",
                )
            )
    return found or [ok("accounts", f"{len(accounts)}: each has a survey, a sender and a key")]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
