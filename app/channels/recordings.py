"""Recordings at Twilio: fetched, and deleted when nothing is left to be had of them."""

import urllib3

from app.channels.twilio import TwilioSender
from app.errors import ProviderUnreadable

# two minutes of telephone speech are two megabytes
_LARGEST_BYTES = 5 * 1024 * 1024
_PATH = "/2010-04-01/Accounts/{account_sid}/Recordings/{recording_sid}"


class Recordings:
    """Thread-safe. The address is made of the recording's id and the configured base: what a callback says of it is
    not followed, and neither are redirects."""

    def __init__(self, base_url: str, connect_seconds: float, read_seconds: float) -> None:
        self._base_url = base_url
        self._http = urllib3.PoolManager(
            maxsize=2, retries=False, timeout=urllib3.Timeout(connect=connect_seconds, read=read_seconds)
        )

    def fetch(self, sender: TwilioSender, recording_sid: str) -> bytes:
        """The audio, as WAV. Raises ProviderUnreadable when it can't be had, or is too large."""
        answer = self._request("GET", sender, f"{recording_sid}.wav")
        try:
            if answer.status != 200:
                raise ProviderUnreadable(f"the carrier answered HTTP {answer.status} for a recording")
            audio = answer.read(_LARGEST_BYTES + 1)
        except urllib3.exceptions.HTTPError as error:
            raise ProviderUnreadable(f"a recording broke off: {type(error).__name__}") from error
        finally:
            answer.close()
        if not audio or len(audio) > _LARGEST_BYTES:
            raise ProviderUnreadable("a recording is empty, or larger than any comment")
        return audio

    def delete(self, sender: TwilioSender, recording_sid: str) -> None:
        """Harmless where it is gone. Raises ProviderUnreadable."""
        answer = self._request("DELETE", sender, f"{recording_sid}.json")
        answer.close()
        if answer.status not in (204, 404):
            raise ProviderUnreadable(f"the carrier answered HTTP {answer.status} to a deletion")

    def close(self) -> None:
        self._http.clear()

    def _request(self, method: str, sender: TwilioSender, name: str) -> urllib3.BaseHTTPResponse:
        path = _PATH.format(account_sid=sender.account_sid, recording_sid=name)
        try:
            return self._http.request(
                method,
                f"{self._base_url}{path}",
                headers=urllib3.make_headers(basic_auth=f"{sender.account_sid}:{sender.auth_token}"),
                redirect=False,
                preload_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise ProviderUnreadable(f"no recording: {type(error).__name__}") from error
