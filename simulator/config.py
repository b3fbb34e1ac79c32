"""What the outside world is told when it starts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SimulatorConfig:
    """`numbers` are the carrier's own, E.164; the first sends for a messaging service and gets replies."""

    account_sid: str
    auth_token: str
    service_url: str = "http://127.0.0.1:8000"
    service_api_key: str = ""
    numbers: tuple[str, ...] = ("+15005550006",)
    ledger_size: int = 100_000  # messages kept; older ones are forgotten
    step_seconds: float = 0.1  # from queued to sent, and from sent to delivered

    @property
    def number(self) -> str:
        return self.numbers[0]
