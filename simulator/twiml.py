"""TwiML: what a document of the service tells the carrier to do with a call.

Reference: https://www.twilio.com/docs/voice/twiml
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, XMLParser

_LARGEST_DOCUMENT = 64 * 1024
_LONGEST_SPEECH = 4096
_KEYS = frozenset("0123456789*#")
# of these, the verbs that a Gather may hold
_PROMPTS = frozenset({"Say", "Play", "Pause"})
# what a listener reads aloud in, roughly: a Chinese character takes as long as four letters
_SECONDS_PER_LETTER, _SECONDS_PER_CHARACTER = 0.06, 0.24


class BadTwiml(Exception):
    """The carrier would say that an application error has occurred, and hang up. `code` is Twilio's."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code


@dataclass(frozen=True)
class Heard:
    """Something that the person hears: spoken `words`, a Play as "[url]", or a Record's beep as "[tone]"."""

    words: str
    seconds: float
    language: str | None = None


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Gather:
    """`action` is as written, None where the document itself is meant; `num_digits` None has no end."""

    prompts: tuple[Heard | Pause, ...]
    action: str | None
    method: str
    input: str
    timeout: float
    num_digits: int | None
    finish_on_key: str
    action_on_empty_result: bool

    @property
    def keys(self) -> bool:
        return "dtmf" in self.input.split()

    @property
    def speech(self) -> bool:
        return "speech" in self.input.split()


@dataclass(frozen=True)
class Record:
    action: str | None
    method: str
    timeout: float
    finish_on_key: str
    max_length: int
    beep: bool
    callback: str | None
    callback_method: str
    callback_events: tuple[str, ...]
    transcribe: bool
    transcribe_callback: str | None


@dataclass(frozen=True)
class Redirect:
    url: str
    method: str


@dataclass(frozen=True)
class Hangup:
    pass


@dataclass(frozen=True)
class AgentLeg:
    """A Dial or an Enqueue: somebody talks with the person until they leave."""

    verb: str
    action: str | None
    method: str


Verb = Heard | Pause | Gather | Record | Redirect | Hangup | AgentLeg


def read_twiml(document: str) -> tuple[Verb, ...]:
    """What to do, in order. Raises BadTwiml."""
    if len(document.encode()) > _LARGEST_DOCUMENT:
        raise BadTwiml(11750, "a document holds at most 64 KB")
    try:
        parser = XMLParser()  # noqa: S314  # the service is ours, and expat limits what entities may grow to
        parser.feed(document.strip())
        root = parser.close()
    except ParseError as error:
        raise BadTwiml(12100, f"the document is no XML: {error}") from None
    if root.tag != "Response":
        raise BadTwiml(12102, "the document's root is <Response>")
    return tuple(verb for element in root for verb in _verbs(element))


def _verbs(element: Element) -> Iterator[Verb]:
    reader = _READERS.get(element.tag)
    if reader is None:
        raise BadTwiml(12200, f"<{element.tag}> is no verb")
    allowed = _ATTRIBUTES[element.tag]
    if unknown := sorted(set(element.attrib) - allowed):
        raise BadTwiml(12200, f"<{element.tag}> has no attribute {', '.join(unknown)}")
    yield from reader(element)


def _say(element: Element) -> Iterator[Heard]:
    words = " ".join(_spoken(element).split())
    if not words:
        raise BadTwiml(13511, "<Say> has nothing to say")
    if len(words) > _LONGEST_SPEECH:
        raise BadTwiml(13520, f"<Say> holds at most {_LONGEST_SPEECH} characters")
    seconds = sum(_SECONDS_PER_CHARACTER if letter > "⺀" else _SECONDS_PER_LETTER for letter in words)
    return _repeated(element, Heard(words, seconds, element.get("language")))


def _spoken(element: Element) -> str:
    """What SSML sounds like: a <sub> is read as its alias, a <break> is silence."""
    inner = "".join(_spoken(child) + (child.tail or "") for child in element)
    return element.get("alias") or (element.text or "") + inner


def _play(element: Element) -> Iterator[Heard]:
    url = (element.text or "").strip()
    if not url and not element.get("digits"):
        raise BadTwiml(13420, "<Play> has nothing to play")
    return _repeated(element, Heard(f"[{url or element.get('digits')}]", 3.0))


def _repeated(element: Element, heard: Heard) -> Iterator[Heard]:
    # 0 is until the call ends, which no transcript can show
    times = _whole(element, "loop", 1, least=0) or 1
    return iter((heard,) * min(times, 20))


def _pause(element: Element) -> Iterator[Pause]:
    yield Pause(_whole(element, "length", 1, least=0))


def _gather(element: Element) -> Iterator[Gather]:
    wanted = element.get("input", "dtmf")
    if not wanted.split() or set(wanted.split()) - {"dtmf", "speech"}:
        raise BadTwiml(13335, f"<Gather> has no input {wanted!r}")
    if strange := [child.tag for child in element if child.tag not in _PROMPTS]:
        raise BadTwiml(12200, f"<Gather> holds no <{strange[0]}>")
    prompts = tuple(verb for child in element for verb in _verbs(child))
    end = element.get("finishOnKey", "#")
    if len(end) > 1 or set(end) - _KEYS:
        raise BadTwiml(13310, f"<Gather> can't finish on {end!r}")
    yield Gather(
        prompts=tuple(prompt for prompt in prompts if isinstance(prompt, Heard | Pause)),
        action=element.get("action"),
        method=_method(element, "method"),
        input=wanted,
        # "auto" leaves it to the recognizer to find the end of what is said
        timeout=5 if element.get("timeout") == "auto" else _whole(element, "timeout", 5, least=0),
        num_digits=_whole(element, "numDigits", 0, least=1) if "numDigits" in element.attrib else None,
        finish_on_key=end,
        action_on_empty_result=_flag(element, "actionOnEmptyResult", False),
    )


def _record(element: Element) -> Iterator[Record]:
    transcribed = element.get("transcribeCallback")
    transcribe = _flag(element, "transcribe", False) or bool(transcribed)
    end = element.get("finishOnKey", "1234567890*#")
    if set(end) - _KEYS:
        raise BadTwiml(13613, f"<Record> can't finish on {end!r}")
    yield Record(
        action=element.get("action"),
        method=_method(element, "method"),
        timeout=_whole(element, "timeout", 5, least=0),
        finish_on_key=end,
        max_length=_whole(element, "maxLength", 120 if transcribe else 3600, least=1),
        beep=_flag(element, "playBeep", True),
        callback=element.get("recordingStatusCallback"),
        callback_method=_method(element, "recordingStatusCallbackMethod"),
        callback_events=tuple(element.get("recordingStatusCallbackEvent", "completed").split()),
        transcribe=transcribe,
        transcribe_callback=transcribed,
    )


def _redirect(element: Element) -> Iterator[Redirect]:
    url = (element.text or "").strip()
    if not url:
        raise BadTwiml(13710, "<Redirect> leads nowhere")
    yield Redirect(url, _method(element, "method"))


def _hangup(_element: Element) -> Iterator[Hangup]:
    yield Hangup()


def _agent_leg(element: Element) -> Iterator[AgentLeg]:
    yield AgentLeg(element.tag, element.get("action"), _method(element, "method"))


def _method(element: Element, name: str) -> str:
    method = element.get(name, "POST").upper()
    if method not in {"GET", "POST"}:
        raise BadTwiml(12200, f"<{element.tag}>: {name} is GET or POST")
    return method


def _flag(element: Element, name: str, default: bool) -> bool:
    value = element.get(name, str(default)).lower()
    if value not in {"true", "false"}:
        raise BadTwiml(12200, f"<{element.tag}>: {name} is true or false")
    return value == "true"


def _whole(element: Element, name: str, default: int, least: int) -> int:
    value = element.get(name, str(default))
    if not (value.isascii() and value.isdigit() and int(value) >= least):
        raise BadTwiml(12200, f"<{element.tag}>: {name} is a whole number from {least}")
    return int(value)


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_READERS: Mapping[str, Callable[[Element], Iterator[Verb]]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
    "Gather": _gather,
    "Record": _record,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Dial": _agent_leg,
    "Enqueue": _agent_leg,
}
# Twilio passes over an attribute that it does not know with no more than a warning in its console: here a
# misspelt one is an error, or nobody would find it
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "Say": _names("voice language loop"),
    "Play": _names("loop digits"),
    "Pause": _names("length"),
    "Gather": _names(
        "action finishOnKey hints input language method numDigits partialResultCallback "
        "partialResultCallbackMethod profanityFilter speechTimeout timeout speechModel enhanced "
        "actionOnEmptyResult"
    ),
    "Record": _names(
        "action method timeout finishOnKey maxLength playBeep trim recordingStatusCallback "
        "recordingStatusCallbackMethod recordingStatusCallbackEvent transcribe transcribeCallback "
        "recordingTrack"
    ),
    "Redirect": _names("method"),
    "Hangup": _names(""),
    "Dial": _names(
        "action answerOnBridge callerId callReason hangupOnStar method record recordingStatusCallback "
        "recordingStatusCallbackMethod recordingStatusCallbackEvent referUrl referMethod ringTone sequential "
        "timeLimit timeout trim"
    ),
    "Enqueue": _names("action maxQueueSize method waitUrl waitUrlMethod workflowSid"),
}
