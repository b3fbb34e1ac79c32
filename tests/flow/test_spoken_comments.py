"""A comment on the telephone: recorded, written down by whom it can be, its audio kept or dropped."""

import urllib3
from sqlalchemy import select

from app.errors import ProviderUnreadable
from app.store.provider_events import ProviderEvent
from app.store.recordings import Recording, audio_of
from tests.house import ACCOUNT_SID, AUTH_TOKEN
from tests.telephone import HTTP, Telephone, Telephony

ORDER = ("csat", "comment")


class Writer:
    """A transcriber: the words that the simulated telephone hides in its audio."""

    def __init__(self, fails: int = 0, deaf: bool = False) -> None:
        self.asked: list[str] = []
        self._fails = fails
        self._deaf = deaf

    def transcribe(self, audio: bytes, language: str) -> str | None:
        self.asked.append(language)
        if len(self.asked) <= self._fails:
            raise ProviderUnreadable("not now")
        return None if self._deaf else audio.partition(b"ICMT")[2][4:].partition(b"\0")[0].decode()


def the_recording(telephony: Telephony) -> Recording:
    with telephony.house.sessions() as session:
        return session.scalars(select(Recording)).one()


def is_at_the_carrier(telephony: Telephony) -> bool:
    sid = the_recording(telephony).recording_sid
    url = f"{telephony.house.simulator_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Recordings/{sid}.json"
    headers = urllib3.make_headers(basic_auth=f"{ACCOUNT_SID}:{AUTH_TOKEN}")
    return HTTP.request("GET", url, headers=headers).status == 200


def until_ready(telephony: Telephony) -> None:
    telephony.until(lambda: the_recording(telephony).next_move_at is not None)


def until_transcribed(telephony: Telephony) -> None:
    with telephony.house.sessions() as session:
        kept = select(ProviderEvent.id).where(ProviderEvent.kind == "transcription")
        telephony.until(lambda: session.scalar(kept) is not None)


def commented(
    telephony: Telephony, account: object, words: str, *, end: str = "#", language: str = "en"
) -> Telephone:
    phone = telephony.ring(account, language=language)  # type: ignore[arg-type]
    phone.answer()
    phone.press("1", "5")
    phone.speak(words, end)
    return phone


def test_english_is_written_down_by_the_carrier_and_the_audio_dropped(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER)
    phone = commented(telephony, account, "You were great")
    assert phone.call["heard"][-4:-2] == [
        "To leave a comment, speak after the tone, then press hash.",
        "[tone]",
    ]
    assert telephony.invitation(account).state == "finished"
    assert telephony.words(account) in ("[spoken comment, 1 s]", "You were great")
    until_transcribed(telephony)
    assert telephony.words(account) == "You were great"
    assert set(telephony.answers(account)["comment"].flags) == {"recorded", "transcribed"}
    telephony.write_down()
    assert (the_recording(telephony).state, the_recording(telephony).audio) == ("dropped", None)
    assert not is_at_the_carrier(telephony)


def test_other_languages_are_written_down_by_a_service_of_ones_own(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER, language="zh")
    telephony.has_transcriber()
    commented(telephony, account, "态度很好", language="zh")
    assert telephony.words(account) == "[spoken comment, 1 s]"
    until_ready(telephony)
    writer = Writer()
    telephony.write_down(writer)
    assert writer.asked == ["zh"]
    assert telephony.words(account) == "态度很好"
    assert the_recording(telephony).state == "dropped"
    assert not is_at_the_carrier(telephony)


def test_where_nobody_writes_down_the_audio_is_kept(telephony: Telephony) -> None:
    """It is all that there is of what they said."""
    account = telephony.account(order_ivr=ORDER, language="zh")
    commented(telephony, account, "态度很好", language="zh")
    until_ready(telephony)
    telephony.write_down()
    assert telephony.words(account) == "[spoken comment, 1 s]"
    recording = the_recording(telephony)
    assert recording.state == "kept"
    with telephony.house.sessions() as session:
        audio = audio_of(session, recording)
    assert audio is not None
    assert audio.startswith(b"RIFF")
    assert recording.audio is not None
    assert b"RIFF" not in recording.audio
    assert not is_at_the_carrier(telephony)


def test_audio_is_kept_where_the_survey_says_so_and_for_thirty_days(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER, keep_audio=True)
    commented(telephony, account, "You were great")
    until_transcribed(telephony)
    telephony.write_down()
    assert telephony.words(account) == "You were great"
    assert the_recording(telephony).state == "kept"
    telephony.house.pass_time(days=29)
    telephony.tidy()
    assert the_recording(telephony).state == "kept"
    telephony.house.pass_time(days=2)
    telephony.tidy()
    assert (the_recording(telephony).state, the_recording(telephony).audio) == ("dropped", None)


def test_a_transcriber_in_trouble_is_asked_again_later(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER, language="zh")
    telephony.has_transcriber()
    commented(telephony, account, "很满意", language="zh")
    until_ready(telephony)
    writer = Writer(fails=1)
    telephony.write_down(writer)
    assert telephony.words(account) == "[spoken comment, 1 s]"
    telephony.house.pass_time(minutes=10)
    telephony.write_down(writer)
    assert telephony.words(account) == "很满意"


def test_a_transcriber_that_stays_away_does_not_lose_the_audio(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER, language="zh")
    telephony.has_transcriber()
    commented(telephony, account, "很满意", language="zh")
    until_ready(telephony)
    for _ in range(6):
        telephony.write_down(Writer(fails=99))
        telephony.house.pass_time(hours=12)
    assert the_recording(telephony).state == "kept"


def test_what_the_carrier_can_not_write_down_is_kept(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER)
    commented(telephony, account, "很满意")
    until_transcribed(telephony)
    telephony.write_down()
    assert telephony.words(account) == "[spoken comment, 1 s]"
    assert the_recording(telephony).state == "kept"


def test_who_hangs_up_after_speaking_has_spoken(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER)
    phone = commented(telephony, account, "Not so good", end="hangup")
    assert phone.call["status"] == "completed"
    until_transcribed(telephony)
    assert telephony.words(account) == "Not so good"
    assert telephony.invitation(account).state == "finished"


def test_who_says_nothing_has_left_no_comment(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER)
    phone = telephony.ring(account)
    phone.answer()
    phone.press("1", "4")
    heard = phone.stay_silent()["heard"]
    assert heard[-2:] == ["Thank you.", "Goodbye."]
    assert set(telephony.answers(account)) == {"csat"}
    telephony.house.settle()
    assert telephony.invitation(account).state == "finished"


def test_a_low_score_is_asked_what_went_wrong(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=ORDER)
    phone = telephony.ring(account)
    phone.answer()
    assert "what went wrong" in phone.press("1", "2")["heard"][-2]


def test_an_answer_may_be_spoken_where_the_survey_allows_it(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=("csat", "ownership", "fcr"), ivr_speech=True)
    phone = telephony.ring(account)
    phone.answer()
    phone.press("1")
    phone.speak("Very satisfied.", "")
    phone.speak("Four", "")
    phone.speak("I could not tell you, really", "")
    phone.speak("no", "")
    assert telephony.values(account) == {"csat": 5, "ownership": 4, "fcr": 2}
    assert telephony.words(account, "csat") == "Very satisfied."
    assert telephony.answers(account)["csat"].flags == ["spoken"]


def test_in_chinese_a_spoken_number_is_the_key_of_that_name(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=("csat", "ownership"), ivr_speech=True, language="zh")
    phone = telephony.ring(account, language="zh")
    phone.answer()
    phone.press("1")
    phone.speak("一", "")
    phone.speak("非常愿意", "")
    assert telephony.values(account) == {"csat": 5, "ownership": 5}
