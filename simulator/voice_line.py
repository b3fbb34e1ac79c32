"""One call that is talked on: the service's documents followed, until they wait for the person or come to an end.

A pause takes no time, and silence comes when a test says so; a call that was answered as `timed`, by a person at
a page, has the time-outs of the documents instead.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit

from simulator.courier import Courier
from simulator.service import Service
from simulator.twiml import (
    AgentLeg,
    BadTwiml,
    Gather,
    Hangup,
    Heard,
    Pause,
    Record,
    Redirect,
    Verb,
    read_twiml,
)
from simulator.voice_calls import Call, Calls, awaited
from simulator.voice_receipts import VoiceReceipts, call_fields
from simulator.voice_recordings import Recordings

_DOCUMENTS = frozenset({"text/xml", "application/xml", "text/html"})
# a call that never waits goes round for ever
_MOST_DOCUMENTS = 50
_APOLOGY = "[We are sorry, an application error has occurred. Goodbye.]"
# at a page what is said is typed, which takes longer than speaking
_TYPING_SECONDS = 40.0
_CONFIDENCE = "0.9"


@dataclass(frozen=True)
class Step:
    """A request for the next document."""

    url: str
    method: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wires:
    """What every line needs. `second` is how long one is to a person who is timed."""

    calls: Calls
    service: Service
    courier: Courier
    receipts: VoiceReceipts
    recordings: Recordings
    second: float


class Line:
    """`lock` is held by whoever uses it. Methods return once the call waits for something, or is over.

    `forget` is called when the line is of no use any more.
    """

    def __init__(self, wires: Wires, call: Call, forget: Callable[[], object]) -> None:
        self.lock = threading.RLock()
        self.timed = False
        self._wires = wires
        self._accepted = call
        self._forget = forget
        self._url: str | None = None  # of the document
        self._verbs: deque[Verb] = deque()
        self._waiting: Gather | Record | AgentLeg | None = None
        self._digits = ""
        self._turn = 0  # a time-out of an earlier turn is void
        self._spoken_seconds = 0.0  # since the person last could answer
        self._is_finished = False

    @property
    def call(self) -> Call:
        return self._wires.calls.get(self._accepted.sid) or replace(self._accepted, status="failed")

    def change(self, **fields: Any) -> Call:
        return self._wires.calls.change(self.call, **fields)

    def end(self, status: str) -> None:
        with self.lock:
            self.change(status=status, ended_at=datetime.now(UTC), waiting=None)
            self._turn += 1
            self._waiting = None
            if not self._is_finished:
                self._is_finished = True
                self._forget()
                self._wires.receipts.progress(self.call, "completed")

    # -- documents

    def begin(self) -> None:
        """The person has answered: follow the call's first document."""
        call, script = self.call, self.call.script
        found = {"AnsweredBy": call.answered_by} if call.machine_detection and call.answered_by else {}
        if found and call.amd_callback:
            fields = found | {"AccountSid": call.account_sid, "CallSid": call.sid}
            fields["MachineDetectionDuration"] = "2000"
            self._wires.receipts.tell(call.fate, "POST", call.amd_callback, fields)
            found = {}
        if script.url is None:
            self.take(None, script.twiml)
        else:
            self.take(Step(script.url, script.method, found))

    def take(self, step: Step | None, twiml: str | None = None) -> None:
        """Leave the document for another, fetched by `step` or given as `twiml`."""
        self._load(step, twiml)
        self._proceed()

    def _proceed(self, step: Step | None = None) -> None:
        """Go on with the document, or first fetch another."""
        self._turn += 1
        self._waiting, self._digits = None, ""
        for _ in range(_MOST_DOCUMENTS):
            if step is not None:
                self._load(step)
            step = self._perform()
            if step is None:
                return
        self._fail("the documents go round and never wait for anything")

    def _load(self, step: Step | None, twiml: str | None = None) -> None:
        """Take the next document, or the fallback's; without either the call ends with an apology."""
        script = self._accepted.script
        try:
            self._read(step, twiml)
        except BadTwiml as error:
            if script.fallback_url is None:
                self._fail(str(error))
                return
            told = {"ErrorCode": str(error.code), "ErrorUrl": step.url if step else ""}
            try:
                self._read(Step(script.fallback_url, script.fallback_method, told), None)
            except BadTwiml:
                self._fail(str(error))

    def _read(self, step: Step | None, twiml: str | None) -> None:
        document = twiml or ""
        if step is not None:
            reply = self._wires.service.ask_signed(
                step.method, step.url, {**call_fields(self.call), **step.fields}
            )
            if reply.status is None or reply.status >= 300:
                raise BadTwiml(11200, f"{reply.status or reply.error} from {urlsplit(step.url).path}")
            if reply.content_type.partition(";")[0].strip() not in _DOCUMENTS:
                raise BadTwiml(12300, f"{reply.content_type or 'nothing'} is no document's content type")
            document = reply.body
        self.change(twiml=document)
        self._verbs = deque(read_twiml(document))
        self._url = step.url if step else None

    def _fail(self, words: str) -> None:
        call = self.call
        self._verbs.clear()
        self.change(trouble=(*call.trouble, words), heard=(*call.heard, _APOLOGY))
        self.end("completed")

    def _perform(self) -> Step | None:
        """The request for the next document; None when the call waits for something or is over."""
        while self._verbs and not self.call.is_over:
            verb = self._verbs.popleft()
            if isinstance(verb, Heard | Pause):
                self._play(verb)
            elif isinstance(verb, Redirect):
                return self._step(verb.url, verb.method, {})
            elif isinstance(verb, Hangup):
                break
            else:
                self._wait(verb)
                return None
        self.end("completed")
        return None

    def _play(self, verb: Heard | Pause) -> None:
        self._spoken_seconds += verb.seconds
        if isinstance(verb, Heard):
            self.change(heard=(*self.call.heard, verb.words))

    def _step(self, written: str | None, method: str, fields: Mapping[str, str]) -> Step | None:
        """The request for what a document wrote, itself if nothing; None where that is no address."""
        try:
            return Step(self._absolute(written), method, fields)
        except BadTwiml as error:
            self._fail(str(error))
            return None

    def _absolute(self, written: str | None) -> str:
        url = urljoin(self._url or "", written or self._url or "")
        if urlsplit(url).scheme not in {"http", "https"}:
            raise BadTwiml(11100, f"{written!r} is no address without the document's own")
        return url

    # -- waiting for the person

    def _wait(self, verb: Gather | Record | AgentLeg) -> None:
        typing = isinstance(verb, Record)
        if isinstance(verb, Gather):
            for prompt in verb.prompts:
                self._play(prompt)
            typing = verb.speech
        elif isinstance(verb, Record) and verb.beep:
            self._play(Heard("[tone]", 1.0))
        self._waiting = verb
        self.change(waiting=awaited(verb))
        if isinstance(verb, Gather | Record):
            self._start_clock(max(verb.timeout, _TYPING_SECONDS if typing else 0))

    def _start_clock(self, seconds: float) -> None:
        if self.timed:
            wait = (self._spoken_seconds + seconds) * self._wires.second
            self._wires.courier.after(wait, partial(self._time_out, self._turn))
        self._spoken_seconds = 0.0

    def _time_out(self, turn: int) -> None:
        with self.lock:
            if self._turn == turn and not self.call.is_over:
                self._silence()

    def press(self, digits: str) -> None:
        """Keys, and then none; no key at all is silence until the time is out."""
        waiting = self._waiting
        if isinstance(waiting, Gather) and (waiting.keys or not digits):
            self._keys(waiting, digits)
        elif isinstance(waiting, Record) and not digits:
            self._silence()
        elif isinstance(waiting, Record) and digits[0] in waiting.finish_on_key:
            self._record(waiting, "", digits[0])

    def speak(self, text: str, end: str) -> None:
        """`end` is what comes after what is said to a recording: "" for silence, a key, or "hangup"."""
        waiting = self._waiting
        if isinstance(waiting, Gather) and waiting.speech:
            self._act(waiting, {"SpeechResult": text, "Confidence": _CONFIDENCE})
        elif isinstance(waiting, Record) and (end in {"", "hangup"} or end in waiting.finish_on_key):
            self._record(waiting, text, end)

    def leave(self, dial: Mapping[str, str], queue: Mapping[str, str]) -> bool:
        """The agent leaves; False if there is none. `dial` or `queue` is what the verb's action is told."""
        if not isinstance(self._waiting, AgentLeg):
            return False
        self._act(self._waiting, queue if self._waiting.verb == "Enqueue" else dial)
        return True

    def _silence(self) -> None:
        waiting = self._waiting
        if isinstance(waiting, Gather) and (self._digits or waiting.action_on_empty_result):
            given = {"Digits": self._digits} if waiting.keys else {"SpeechResult": ""}
            self._act(waiting, given)
            return
        if isinstance(waiting, Record):
            with suppress(BadTwiml):
                self._wires.recordings.note_silence(self.call, waiting, self._absolute)
        # an empty recording is none, and the document goes on as after a Gather without an answer
        self._proceed()

    def _keys(self, waiting: Gather, digits: str) -> None:
        for digit in digits:
            if digit == waiting.finish_on_key:
                if self._digits:
                    self._act(waiting, {"Digits": self._digits, "FinishedOnKey": digit})
                    return
                # it ends what was pressed before, and does nothing where nothing was
                continue
            self._digits += digit
            if len(self._digits) == waiting.num_digits:
                self._act(waiting, {"Digits": self._digits})
                return
        if not digits or (self._digits and not self.timed):
            self._silence()
        else:
            self._turn += 1
            self._start_clock(waiting.timeout)

    def _record(self, waiting: Record, text: str, end: str) -> None:
        try:
            recording = self._wires.recordings.make(self.call, text, waiting, self._absolute)
        except BadTwiml as error:
            self._fail(str(error))
            return
        fields = recording.fields() | ({"Digits": end} if end else {})
        if end != "hangup":
            self._act(waiting, fields)
            return
        # the action hears of it all the same; nobody is left for what it answers
        self.change(status="completed", ended_at=datetime.now(UTC), waiting=None)
        if step := self._step(waiting.action, waiting.method, fields):
            self._wires.service.ask_signed(step.method, step.url, {**call_fields(self.call), **fields})
        self.end("completed")

    def _act(self, waiting: Gather | Record | AgentLeg, fields: Mapping[str, str]) -> None:
        self.change(waiting=None)
        if step := self._step(waiting.action, waiting.method, fields):
            self._proceed(step)
