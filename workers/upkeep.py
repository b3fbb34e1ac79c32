"""What happens by itself with time: surveys end, and what was kept for a while is forgotten."""

from functools import partial

from celery import Celery

from app.broker import CLOSE, TIDY
from app.flow.close_invitations import close_invitation, due_to_close
from app.flow.exclusions import apply_exclusion
from app.flow.flag_calls import flag_calls
from app.flow.take_event import decide_by_parts, due_to_decide
from app.flow.tidy import tidy
from app.log import get_logger
from app.store.exclusions import exclusions_to_apply
from workers.parts import DATABASE_TROUBLE, WorkerParts, alone

log = get_logger(__name__)

_BATCH = 500
# of two hundred surveys each
_STEPS = 200


def close(parts: WorkerParts) -> None:
    for account_id, invitation_id in parts.unit(due_to_close, _BATCH):
        try:
            parts.unit(close_invitation, account_id, invitation_id)
        except DATABASE_TROUBLE:
            raise
        except Exception:
            # whatever is wrong with this one, the others' customers are to be free again
            log.exception("an invitation can't be closed", invitation_id=str(invitation_id))
    for account_id, event_id in parts.unit(due_to_decide, _BATCH):
        try:
            parts.unit(decide_by_parts, account_id, event_id)
        except DATABASE_TROUBLE:
            raise
        except Exception:
            # the others' customers are to be asked all the same
            log.exception("a call that came in parts can't be decided on", event_id=str(event_id))
    for account_id, exclusion_id in parts.unit(exclusions_to_apply, _BATCH):
        try:
            apply_exclusion(parts.sessions.begin, account_id, exclusion_id, steps=_STEPS, final=True)
        except DATABASE_TROUBLE:
            raise
        except Exception:
            log.exception("an exclusion can't be applied", exclusion_id=str(exclusion_id))


def register(celery: Celery, parts: WorkerParts) -> None:
    celery.task(name=CLOSE)(alone(partial(close, parts)))

    @celery.task(name=TIDY)
    def tidy_task() -> None:
        while parts.unit(tidy):
            pass
        parts.unit(flag_calls)
