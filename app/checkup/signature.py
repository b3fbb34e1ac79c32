"""The signature's round trip: what a carrier signs must still be believed after all proxies on the way."""

from urllib.parse import urlencode
from uuid import UUID

import urllib3
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from app.checkup.finding import Finding, failed, ok
from app.checkup.public_address import NAME as PUBLIC_ADDRESS
from app.checkup.public_address import reason, request
from app.settings import Settings

_NAME = "signature"
_NOBODY = UUID(int=0)
# what a form gets whose signature was believed, and that lacks its message's id
_INCOMPLETE = (400, 422)


def check_signature(settings: Settings, account_sid: str, token: str) -> list[Finding]:
    """A carrier's form, signed as the carrier signs, must be believed; the same with another signature must not.

    It lacks the message's id: believed, it is refused as incomplete, and nothing is written because of it.
    """
    form = {"AccountSid": account_sid, "MessageStatus": "sent"}
    url = f"{settings.public_url}/hooks/twilio/status?account={_NOBODY}&attempt={_NOBODY}"
    try:
        right = _post(url, form, token)
        wrong = _post(url, form, f"not {token}")
    except urllib3.exceptions.HTTPError as error:
        return [failed(_NAME, f"no answer over {url}: {reason(error)}", f"See {PUBLIC_ADDRESS}.")]
    return [judge_signature(url, right, wrong)]


def judge_signature(url: str, right: int, wrong: int) -> Finding:
    """`right`, `wrong`: the status that the form got with its signature, and with another."""
    if right == 403:
        return failed(
            _NAME,
            f"made over {url} is refused: receipts and answers are lost",
            "Let the proxy pass path, query and body as they are, and web run with this very PUBLIC_URL and"
            " these SECRET_KEYS",
        )
    if right not in _INCOMPLETE:
        return failed(
            _NAME,
            f"made over {url} could not be tried: the answer is {right}",
            "Let the proxy pass POST /hooks/twilio/ on to web, its body and headers untouched",
        )
    if wrong != 403:
        return failed(
            _NAME,
            f"a wrong one over {url} is not refused ({wrong}): is something else answering?",
            "Let the proxy pass POST /hooks/twilio/ on to web",
        )
    return ok(_NAME, f"made over {url} is believed, another is refused")


def _post(url: str, form: dict[str, str], token: str) -> int:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": RequestValidator(token).compute_signature(url, form),
    }
    return request("POST", url, body=urlencode(form).encode(), headers=headers).status
