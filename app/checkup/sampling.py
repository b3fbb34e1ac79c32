"""Sampling by quota: have this week's rates been made, wherever a survey has a quota?"""

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.checkup.finding import Finding, ok, warning
from app.flow.set_rates import late_rates

_NAMED = 3


def check_sampling(sessions: sessionmaker[Session], account: str | None) -> list[Finding]:
    """Nothing where no survey has a quota."""
    with sessions() as session:
        session.execute(text("set local statement_timeout = '4s'"))
        quotas, late = late_rates(session, account)
    if not quotas:
        return []
    if not late:
        return [ok("sampling", f"{quotas} with a quota, all have this week's rates")]
    named = ", ".join(late[:_NAMED]) + (f" and {len(late) - _NAMED} more" if len(late) > _NAMED else "")
    return [
        warning(
            "sampling",
            f"no rates of this week for {named}: calls are drawn at older ones, or at `probability`",
            "Is there a worker on default, are results behind (both above)? postcall sampling make --account NAME",
        )
    ]
