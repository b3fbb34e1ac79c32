"""Recordings are fetched from the configured carrier alone, and written down by a service that may be away."""

import pytest

from app.channels.recordings import Recordings
from app.channels.transcriber import HttpTranscriber, make_transcriber
from app.errors import ProviderUnreadable
from tests.channels.carrier import ACCOUNT, SENDER, Answer, Carrier

SID = "RE" + "0c" * 16
AUDIO = b"RIFF" + bytes(range(256))


@pytest.fixture
def recordings(carrier: Carrier) -> Recordings:
    return Recordings(carrier.url, connect_seconds=5, read_seconds=1)


def test_the_audio_is_fetched_with_the_senders_credentials(carrier: Carrier, recordings: Recordings) -> None:
    carrier.play(Answer(200, AUDIO))
    assert recordings.fetch(SENDER, SID) == AUDIO
    (request,) = carrier.requests
    assert (request.method, request.path) == (
        "GET",
        f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}.wav",
    )
    assert request.headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, {}),
        Answer(302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}),
        Answer(200, b""),
        Answer(200, AUDIO, lacks=10),
        Answer(200, bytes(5 * 1024 * 1024 + 1)),
        Answer(hangs_up=True),
        Answer(stalls=True),
    ],
)
def test_what_is_no_whole_recording_is_none(carrier: Carrier, recordings: Recordings, answer: Answer) -> None:
    carrier.play(answer)
    with pytest.raises(ProviderUnreadable):
        recordings.fetch(SENDER, SID)
    assert len(carrier.requests) == 1
    carrier.stop_stalling()


@pytest.mark.parametrize("status", [204, 404])
def test_what_is_gone_is_deleted(carrier: Carrier, recordings: Recordings, status: int) -> None:
    carrier.play(Answer(status, b""))
    recordings.delete(SENDER, SID)
    (request,) = carrier.requests
    assert (request.method, request.path) == (
        "DELETE",
        f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}.json",
    )


def test_a_deletion_that_fails_is_told(carrier: Carrier, recordings: Recordings) -> None:
    carrier.play(Answer(500, {}))
    with pytest.raises(ProviderUnreadable):
        recordings.delete(SENDER, SID)


@pytest.mark.parametrize(
    ("answer", "words"),
    [({"text": " 态度很好\x00 "}, "态度很好"), ({"text": ""}, None), ({"text": None}, None)],
)
def test_a_transcriber_answers_with_words_or_none(
    carrier: Carrier, answer: object, words: str | None
) -> None:
    carrier.play(Answer(200, answer))
    assert HttpTranscriber(carrier.url).transcribe(b"sound", "zh") == words
    headers = {name.lower(): value for name, value in carrier.requests[0].headers.items()}
    assert (headers["content-type"], headers["content-language"]) == ("audio/wav", "zh")


@pytest.mark.parametrize(
    "answer",
    [Answer(503, {}), Answer(200, b"no json"), Answer(200, [1]), Answer(200, {}), Answer(hangs_up=True)],
)
def test_a_transcriber_in_trouble_is_to_be_asked_again(carrier: Carrier, answer: Answer) -> None:
    carrier.play(answer)
    with pytest.raises(ProviderUnreadable):
        HttpTranscriber(carrier.url).transcribe(b"sound", "zh")


def test_without_an_address_there_is_no_transcriber() -> None:
    assert make_transcriber("") is None
