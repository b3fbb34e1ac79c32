"""The worker that makes each week's rates of sampling, where a survey has a quota."""

from functools import partial

from celery import Celery

from app.broker import SET_RATES
from app.flow.set_rates import set_rates
from app.log import get_logger
from app.store.sampling_rates import quotas
from workers.parts import DATABASE_TROUBLE, WorkerParts, alone

log = get_logger(__name__)


def set_rates_of_all(parts: WorkerParts) -> None:
    for quota in parts.unit(quotas):
        try:
            parts.unit(set_rates, quota)
        except DATABASE_TROUBLE:
            raise
        except Exception:
            # whatever is wrong with this account, the others are to have their rates
            log.exception("rates of sampling can't be made", account_id=str(quota.account_id))


def register(celery: Celery, parts: WorkerParts) -> None:
    celery.task(name=SET_RATES)(alone(partial(set_rates_of_all, parts)))
