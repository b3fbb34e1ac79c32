"""How a call was drawn under a quota, in words, for operators: its draw, and its agent's rate with what that was
made from. The checks of a decision, which more people may read, tell none of it."""

from sqlalchemy.orm import Session

from app.domain.eligibility import draw
from app.store.base import keyring
from app.store.calls import Call
from app.store.invitations import Invitation
from app.store.sampling_rates import rate_of_call
from app.store.surveys import survey_version


def tell_draw(session: Session, call: Call, invitation: Invitation) -> list[str]:
    """Nothing for a call that never reached a draw, or was drawn at the survey's share."""
    reached = any(check["check"] == "sampled_out" for check in invitation.decision.get("checks", []))
    if not reached or invitation.survey_key is None or invitation.survey_version is None:
        return []
    survey = survey_version(session, call.account_id, invitation.survey_key, invitation.survey_version)
    if survey.quota_per_month is None:
        return []
    number = draw(keyring(session).draw_key, str(call.account_id), call.source, call.call_id)
    said = f"rate     drew {number:.6f}, asked below {invitation.probability:g}"
    rate = rate_of_call(session, call, survey, invitation.probability)
    if rate is None:
        return [f"{said}: before there were rates, or the rate of the agent that it counted for then"]
    whose = f"agent {rate.agent_id}'s" if rate.agent_id else "the account's own"
    figures = ", ".join(f"{name} {figure}" for name, figure in sorted(rate.basis.items()))
    return [f"{said}: {whose} in the week from {rate.first_day} ({figures})"]
