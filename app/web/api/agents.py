"""Which agents a key may ask for by name."""

from sqlalchemy.orm import Session

from app.flow.read_responses import refuse_unknown_agent
from app.web.auth import caller, refuse_other_agents


def refuse_strangers(session: Session, agent_id: str) -> None:
    """NotFound for another agent than the key's own, and for one of whom the account has no call.

    An agent's own key is let in before the first call: an empty scorecard is the truth about a new agent.
    """
    refuse_other_agents(agent_id)
    if caller().agent_id is None:
        refuse_unknown_agent(session, account_id=caller().account_id, agent_id=agent_id)
