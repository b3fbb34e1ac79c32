"""Who writes down what was said: nobody, or a service of the operator's own."""

from typing import Protocol

import orjson
import urllib3

from app.domain.text import clean
from app.errors import ProviderUnreadable

# speech is recognised about as fast as it was spoken, on a small machine
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 60.0
_LONGEST_ANSWER = 64 * 1024


class Transcriber(Protocol):
    def transcribe(self, audio: bytes, language: str) -> str | None:
        """What is said in `audio` (WAV), None when it can't be told. Raises ProviderUnreadable: ask again later."""


class HttpTranscriber:
    """POSTs the audio to `url` as audio/wav, the language in `Content-Language`; the answer is `{"text": ...}`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager(
            maxsize=1, retries=False, timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
        )

    def transcribe(self, audio: bytes, language: str) -> str | None:
        headers = {"Content-Type": "audio/wav", "Content-Language": language, "Accept": "application/json"}
        try:
            answer = self._http.request(
                "POST", self._url, body=audio, headers=headers, redirect=False, preload_content=False
            )
            try:
                content = answer.read(_LONGEST_ANSWER)
            finally:
                answer.close()
        except urllib3.exceptions.HTTPError as error:
            raise ProviderUnreadable(f"the transcriber can't be asked: {type(error).__name__}") from error
        if answer.status != 200:
            raise ProviderUnreadable(f"the transcriber answered HTTP {answer.status}")
        try:
            text = orjson.loads(content)["text"]
        except (ValueError, KeyError, TypeError) as error:
            raise ProviderUnreadable("the transcriber's answer can't be read") from error
        return clean(text).strip() or None if isinstance(text, str) else None


def make_transcriber(url: str) -> Transcriber | None:
    """None where no service is set."""
    return HttpTranscriber(url) if url else None
