"""What a telephone says and waits for, as TwiML: written by Twilio's library, which escapes what it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from twilio.twiml import TwiML  # type: ignore[import-untyped]
from twilio.twiml.voice_response import Gather, VoiceResponse  # type: ignore[import-untyped]

from app.domain.phone_script import COMMENT, OPENING, Line, Step
from app.wording.texts import SpokenTexts

_SILENCE_SECONDS = 5
# a database that is started again is back by then
_MOMENT_SECONDS = 3
# as much as Twilio writes down
_LONGEST_COMMENT_SECONDS = 120


@dataclass(frozen=True)
class Doors:
    """Where Twilio brings what comes back: the next request, news of a recording, and what it wrote down of it.

    `transcription` is None where Twilio is not to write anything down: it does so for American English alone.
    """

    answer: str
    recording: str
    transcription: str | None


@dataclass(frozen=True)
class Manner:
    """How a survey speaks. `speech`: answers may be spoken; `low`: the customer was not satisfied."""

    brand: str
    transferred: bool = False
    speech: bool = False
    low: bool = False


def render(step: Step, texts: SpokenTexts, manner: Manner, doors: Doors) -> bytes:
    """The document of a step."""
    response = VoiceResponse()
    if step.prompt is None:
        _say(response, texts, manner, step.lines)
        response.hangup()
    elif step.prompt == COMMENT:
        _say(response, texts, manner, step.lines, step.prompt)
        _record(response, doors)
        # nothing was said: the next verb would be nothing, and nothing would be said of it
        response.redirect(doors.answer, method="POST")
    else:
        gather = _gather(step.prompt, texts, manner, doors)
        _say(gather, texts, manner, step.lines, step.prompt)
        response.append(gather)
    return str(response).encode()


def hang_up(texts: SpokenTexts | None = None) -> bytes:
    """The document that ends a call, politely where the language is known."""
    response = VoiceResponse()
    if texts is not None:
        response.say(texts.goodbye, voice=texts.voice, language=texts.language_code)
    response.hangup()
    return str(response).encode()


def try_again(url: str) -> bytes:
    """The document that asks once more, a moment later."""
    response = VoiceResponse()
    response.pause(length=_MOMENT_SECONDS)
    response.redirect(url, method="POST")
    return str(response).encode()


def door(public_url: str, name: str, **names: object) -> str:
    """An address of ours as Twilio asks for it: whole, since a document may be fetched by way of another."""
    return f"{public_url}/hooks/twilio/voice/{name}?{urlencode(names)}"


def _gather(prompt: str, texts: SpokenTexts, manner: Manner, doors: Doors) -> Gather:
    keys = texts.keys.get(prompt, {})
    speech = manner.speech and prompt != OPENING
    spoken = {"speech_timeout": "auto", "language": texts.speech_code} if speech else {}
    return Gather(
        input="dtmf speech" if speech else "dtmf",
        num_digits=max(map(len, keys), default=1),
        finish_on_key="#",
        timeout=_SILENCE_SECONDS,
        # or silence would fall through, and nobody would hear of it
        action_on_empty_result=True,
        action=doors.answer,
        method="POST",
        **spoken,
    )


def _record(response: VoiceResponse, doors: Doors) -> None:
    written = {}
    if doors.transcription:
        written = {"transcribe": True, "transcribe_callback": doors.transcription}
    response.record(
        max_length=_LONGEST_COMMENT_SECONDS,
        finish_on_key="#",
        timeout=_SILENCE_SECONDS,
        play_beep=True,
        action=doors.answer,
        method="POST",
        # the audio may not exist yet when the action is asked for
        recording_status_callback=doors.recording,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
        **written,
    )


def _say(
    verb: TwiML, texts: SpokenTexts, manner: Manner, lines: tuple[Line, ...], prompt: str | None = None
) -> None:
    words = [_line(line, texts, manner.brand) for line in lines]
    if prompt is not None and prompt != OPENING:
        words.append(texts.prompt(prompt, manner.brand, transferred=manner.transferred, low=manner.low))
    for each in words:
        verb.say(each, voice=texts.voice, language=texts.language_code)


def _line(line: Line, texts: SpokenTexts, brand: str) -> str:
    match line:
        case Line.OPENING:
            words = texts.opening(brand)
        case Line.OPENING_IN_CALL:
            words = texts.opening_in_call(brand)
        case Line.OPTED_OUT:
            words = texts.opted_out(brand)
        case _:
            words = _PLAIN[line](texts)
    return words


_PLAIN: Mapping[Line, Callable[[SpokenTexts], str]] = {
    Line.INVALID: lambda texts: texts.invalid,
    Line.SILENCE: lambda texts: texts.silence,
    Line.THANKS: lambda texts: texts.thanks,
    Line.GOODBYE: lambda texts: texts.goodbye,
    Line.CLOSED: lambda texts: texts.closed,
}
