"""`python -m tests.faults.careless POLICY MODULE ...` is `python -m MODULE ...` without the step that reconciles.

The two policies that Postcall does not follow: `resend` sends again whatever came to no clear end, and `forget`
sends once and asks nobody. With either, the oracles must find what is doubled or lost, or they never would.
"""

import runpy
import sys
from typing import Any

import app.flow.deliver_messages
import app.flow.settle_messages
import workers.delivery
from app.domain.delivery import NextStep, Step

_take_step = app.flow.deliver_messages.take_step


def _resend(session: Any, invitation: Any, message: Any, step: NextStep, now: Any) -> None:
    _take_step(
        session, invitation, message, NextStep(Step.RETRY, now) if step.step is Step.LOOK else step, now
    )


def _forget(*_: object) -> None:
    pass


if __name__ == "__main__":
    policy, module = sys.argv[1:3]
    sys.argv = [module, *sys.argv[3:]]
    if policy == "resend":
        app.flow.deliver_messages.take_step = app.flow.settle_messages.take_step = _resend
    else:
        workers.delivery.look_up = _forget
    runpy.run_module(module, run_name="__main__", alter_sys=True)
