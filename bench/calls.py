"""Reports of calls that have ended, each a different one about a different customer."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from app.web.api.examples import CALL_END
from bench.load import request

AGENTS = 500

# of numbers that their countries list: what comes before the digits, the first of them, what else is known
_CUSTOMERS: tuple[tuple[str, int, dict[str, str]], ...] = (
    ("+1202", 2_000_000, {"language": "en", "timezone": "America/New_York"}),
    ("+86138", 10_000_000, {"language": "zh-CN", "name": "王小明"}),
    ("+447400", 100_000, {"language": "en", "name": "Pat Example"}),
    ("+491511", 1_000_000, {"language": "de"}),
)


def phone_of(number: int) -> str:
    """The customer's of the report with that number, in E.164."""
    prefix, first, _ = _CUSTOMERS[number % len(_CUSTOMERS)]
    return f"{prefix}{first + number // len(_CUSTOMERS)}"


class Reports:
    """Never the same one twice: some three million. `given`: the number of the next one."""

    def __init__(self, api_key: str, first: int = 0) -> None:
        self._headers = {"authorization": f"Bearer {api_key}", "content-type": "application/json"}
        self.given = first

    def to(self, path: str) -> Iterator[bytes]:
        """Requests that post one report each to `path`; the calls ended just now."""
        forms = [self._form(path, number) for number in range(len(_CUSTOMERS))]
        while True:
            number = self.given
            self.given += 1
            phone = phone_of(number).encode()
            yield forms[number % len(forms)] % (phone, number % AGENTS, number)

    def _form(self, path: str, customer: int) -> bytes:
        """With room for the phone, the agent and the number; written once, for JSON takes longer than the rest."""
        now = datetime.now(UTC)
        call: dict[str, Any] = {
            "customer": {"phone": phone_of(customer), **_CUSTOMERS[customer][2]},
            "agent": {**CALL_END["agent"], "id": "agent-000"},
            "call_id": "call-0000000000",
            **{
                name: value
                for name, value in CALL_END.items()
                if name not in ("customer", "agent", "call_id")
            },
            "started_at": (now - timedelta(seconds=300)).isoformat(),
            "answered_at": (now - timedelta(seconds=275)).isoformat(),
            "ended_at": (now - timedelta(seconds=20)).isoformat(),
        }
        whole = request("POST", path, json.dumps(call, ensure_ascii=False).encode(), self._headers)
        whole = whole.replace(b"%", b"%%").replace(phone_of(customer).encode(), b"%s", 1)
        return whole.replace(b"agent-000", b"agent-%03d", 1).replace(b"call-0000000000", b"call-%010d", 1)
