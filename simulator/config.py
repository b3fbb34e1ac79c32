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
    mail_reports_secret: str = ""  # whsec_..., signs what the mail provider reports; empty: unsigned
    ledger_size: int = 100_000  # messages kept; older ones are forgotten
    mails_kept: int = 10_000  # likewise
    rings_kept: int = 10_000  # likewise, calls to telephones
    step_seconds: float = 0.1  # from queued to sent, and from sent to delivered
    telephone_seconds: float = 1.0  # how long a second is to a telephone that rings or waits for a key

    @property
    def number(self) -> str:
        return self.numbers[0]
