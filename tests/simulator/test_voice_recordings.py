"""What a person says after the tone."""

import io
import wave

import pytest
import urllib3

from tests.simulator.voice import STATUS, Telephone
from tests.simulator.world import ACCOUNT_SID, eventually

RECORD = (
    '<Record action="/hooks/recorded" recordingStatusCallback="/hooks/audio" maxLength="30" '
    'transcribe="true" transcribeCallback="/hooks/words" finishOnKey="#"/><Say>Nothing said.</Say>'
)


@pytest.fixture
def call(telephone: Telephone) -> str:
    telephone.document("<Say>Thank you.</Say>", "/hooks/recorded")
    telephone.document(RECORD)
    sid = telephone.told()
    assert telephone.do(sid, "answer")["waiting"] == {"kind": "record"}
    return sid


def audio(telephone: Telephone, url: str, ending: str = ".wav") -> urllib3.BaseHTTPResponse:
    return telephone.fetch(url.removeprefix(telephone.world.url) + ending)


def test_what_is_said_is_recorded_and_its_audio_comes_later(telephone: Telephone, call: str) -> None:
    telephone.world.fault(recording_lag=0.3)
    ended = telephone.do(call, "speak", text="Very patient with me")
    assert ended["heard"] == ["[tone]", "Thank you."]
    (action,) = telephone.asked("/hooks/recorded")
    assert action.fields["RecordingDuration"] == "2"
    assert "Digits" not in action.fields
    url = action.fields["RecordingUrl"]
    assert (
        url
        == f"{telephone.world.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Recordings/{action.fields['RecordingSid']}"
    )
    assert audio(telephone, url).status == 404
    eventually(lambda: len(telephone.asked("/hooks/audio")) == 1)
    told = telephone.asked("/hooks/audio")[0].fields
    assert (told["RecordingStatus"], told["RecordingSid"]) == ("completed", action.fields["RecordingSid"])
    response = audio(telephone, url)
    assert response.headers["Content-Type"] == "audio/x-wav"
    with wave.open(io.BytesIO(response.data)) as sound:
        assert sound.getnframes() / sound.getframerate() == 2
    assert b"Very patient with me" in response.data
    assert audio(telephone, url, "").data == response.data
    assert audio(telephone, url, ".mp3").headers["Content-Type"] == "audio/mpeg"
    assert telephone.world.request("GET", url.removeprefix(telephone.world.url) + ".wav").status == 401


def test_a_recording_is_deleted(telephone: Telephone, call: str) -> None:
    telephone.do(call, "speak", text="Thanks")
    url = telephone.asked("/hooks/recorded")[0].fields["RecordingUrl"].removeprefix(telephone.world.url)
    assert telephone.fetch(f"{url}.json").json()["duration"] in {None, "1"}
    assert telephone.fetch(f"{url}.json", "DELETE").status == 204
    assert telephone.fetch(f"{url}.json").status == 404


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [("I had to call twice", "completed", "I had to call twice"), ("很耐心", "failed", "")],
)
def test_english_alone_is_transcribed(
    telephone: Telephone, call: str, text: str, status: str, words: str
) -> None:
    telephone.do(call, "speak", text=text)
    eventually(lambda: len(telephone.asked("/hooks/words")) == 1)
    fields = telephone.asked("/hooks/words")[0].fields
    assert (fields["TranscriptionStatus"], fields["TranscriptionText"]) == (status, words)
    assert fields["CallSid"] == call
    assert fields["RecordingSid"] == telephone.asked("/hooks/recorded")[0].fields["RecordingSid"]


def test_silence_is_no_recording(telephone: Telephone, call: str) -> None:
    assert telephone.do(call, "press", digits="")["heard"] == ["[tone]", "Nothing said."]
    assert telephone.asked("/hooks/recorded") == []


def test_a_key_ends_a_recording(telephone: Telephone, call: str) -> None:
    assert telephone.do(call, "press", digits="1")["waiting"] == {"kind": "record"}
    telephone.do(call, "speak", text="Enough", end="#")
    assert telephone.asked("/hooks/recorded")[0].fields["Digits"] == "#"


def test_a_key_without_a_word_leaves_a_recording_of_nothing(telephone: Telephone, call: str) -> None:
    telephone.do(call, "press", digits="#")
    fields = telephone.asked("/hooks/recorded")[0].fields
    assert (fields["Digits"], fields["RecordingDuration"]) == ("#", "1")


def test_who_hangs_up_after_speaking_is_heard_all_the_same(telephone: Telephone, call: str) -> None:
    ended = telephone.do(call, "speak", text="Enough", end="hangup")
    assert (ended["status"], ended["heard"]) == ("completed", ["[tone]"])
    fields = telephone.asked("/hooks/recorded")[0].fields
    assert (fields["Digits"], fields["CallStatus"]) == ("hangup", "completed")
    assert telephone.asked(STATUS)[-1].fields["CallStatus"] == "completed"


def test_callbacks_of_a_recording_share_the_fate_of_the_others(telephone: Telephone) -> None:
    telephone.world.fault(callbacks={"duplicate": 1})
    telephone.document("<Hangup/>", "/hooks/recorded")
    telephone.do(telephone.talk(RECORD)["sid"], "speak", text="Thanks")
    eventually(lambda: len(telephone.asked("/hooks/audio")) == 2)


def test_silence_is_told_as_an_absent_recording_where_that_is_asked_for(telephone: Telephone) -> None:
    asked = 'recordingStatusCallbackEvent="completed absent"'
    call = telephone.talk(RECORD.replace("<Record ", f"<Record {asked} "))
    telephone.do(call["sid"], "press", digits="")
    assert telephone.asked("/hooks/audio")[0].fields["RecordingStatus"] == "absent"
