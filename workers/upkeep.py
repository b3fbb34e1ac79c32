"""What happens by itself with time: surveys end, and what was kept for a while is forgotten."""

from celery import Celery

from app.broker import CLOSE, TIDY
from app.flow.close_invitations import close_invitation, due_to_close
from app.flow.tidy import tidy
from workers.parts import WorkerParts

_BATCH = 500


def close(parts: WorkerParts) -> None:
    for account_id, invitation_id in parts.unit(due_to_close, _BATCH):
        parts.unit(close_invitation, account_id, invitation_id)


def register(celery: Celery, parts: WorkerParts) -> None:
    @celery.task(name=CLOSE)
    def close_task() -> None:
        close(parts)

    @celery.task(name=TIDY)
    def tidy_task() -> None:
        parts.unit(tidy)
