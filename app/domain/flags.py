"""What is odd about a call, for whoever reads its answers: shown beside them, and no reason to leave them out."""

from app.domain.call import CallEnd

AGENTS_NUMBER = "agents_number"  # the call came from, or went to, an agent's own telephone
MANY_CALLS_ONE_PHONE = "many_calls_one_phone"
AGENT_TRIGGERED = "agent_triggered"  # the agent started the survey, and may have chosen whom to ask

FLAGS = (AGENTS_NUMBER, MANY_CALLS_ONE_PHONE, AGENT_TRIGGERED)


def flags_of(call: CallEnd, *, listed_as: str | None, many_calls: bool = False) -> tuple[str, ...]:
    """The flags of a call when it has ended, in the order of FLAGS."""
    found = {
        AGENTS_NUMBER: listed_as == "agent",
        MANY_CALLS_ONE_PHONE: many_calls,
        AGENT_TRIGGERED: call.trigger == "agent",
    }
    return tuple(flag for flag in FLAGS if found[flag])
