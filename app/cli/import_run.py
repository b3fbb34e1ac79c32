"""One run of an import: from where the last one ended to the end of the file."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click
from marshmallow import Schema, ValidationError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from app.cli.import_columns import (
    CALL_COLUMNS,
    REPORT,
    RESPONSE_COLUMNS,
    body_of_row,
    in_words,
    wrong_columns,
)
from app.cli.import_lines import CsvLines, JsonLines, Line, Pieces, as_csv, as_json
from app.cli.import_progress import Counts, Mark, Progress, Refusals, free_name, hold, identity_of
from app.cli.unit import open_sessions
from app.db import run_unit
from app.errors import Conflict, Invalid, NotFound
from app.flow.asking import Asking, read_asking
from app.flow.import_history import import_call
from app.flow.record_elsewhere import record_answers
from app.store.accounts import find_account
from app.store.audit import add_audit
from app.store.durability import await_commits, commit_without_waiting
from app.web.api.schemas.elsewhere import PastCallSchema, PastResponseSchema
from app.web.json import content_hash

# between two marks: what a crash makes the next run look at again, and find known
_LINES, _SECONDS = 500, 1.0
_TELL_SECONDS = 10.0


@dataclass(frozen=True)
class Kind:
    """What is imported. `take(session, asking, what the schema read, the line as JSON)`: False where known."""

    name: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    schema: type[Schema]
    take: Callable[[Session, Asking, Any, dict[str, Any]], bool]


def _take_call(session: Session, asking: Asking, past: Any, body: dict[str, Any]) -> bool:
    return import_call(session, asking=asking, past=past, body_hash=content_hash(body))


def _take_response(session: Session, asking: Asking, response: Any, body: dict[str, Any]) -> bool:  # noqa: ARG001
    return record_answers(session, account_id=asking.account_id, response=response)


CALLS = Kind(
    "calls", CALL_COLUMNS, ("call_id", "direction", "started_at", "ended_at"), PastCallSchema, _take_call
)
RESPONSES = Kind(
    "responses", RESPONSE_COLUMNS, ("call_id", "answered_at"), PastResponseSchema, _take_response
)


@dataclass(frozen=True)
class Order:
    """What an operator asked for. `path` is - for the standard input; `form` is csv or ndjson."""

    kind: Kind
    path: Path
    account: str
    source: str | None
    form: str
    encoding: str

    def about(self) -> dict[str, Any]:
        return {
            "kind": self.kind.name,
            "account": self.account,
            "source": self.source,
            "format": self.form,
            "encoding": self.encoding,
        }


class Import:
    """Raises ClickException where it can't begin; `stack` closes what it opens."""

    def __init__(self, stack: ExitStack, order: Order) -> None:
        self._kind, self._source, self._flat = order.kind, order.source, order.form == "csv"
        self._schema = order.kind.schema()
        file: BinaryIO = sys.stdin.buffer
        path, self._mark = Path("stdin"), None
        if str(order.path) != "-":
            path, self._mark = order.path, Mark(order.path)
            file = stack.enter_context(path.open("rb", buffering=1 << 20))
            hold(file)
        self._name = path.name
        identity = {} if self._mark is None else identity_of(file)
        pieces = Pieces(file)
        self._lines: CsvLines | JsonLines = (CsvLines if self._flat else JsonLines)(pieces, order.encoding)
        if self._flat and (
            wrong := wrong_columns(self._lines.columns, self._kind.columns, self._kind.needed)
        ):
            raise click.ClickException(wrong)
        self._sessions: sessionmaker[Session] = stack.enter_context(open_sessions())
        with self._sessions.begin() as session:
            self._asking = read_asking(session, find_account(session, order.account).id)
            commit_without_waiting(session)
        begun = self._mark.read(order.about(), identity) if self._mark else None
        self._progress = begun or Progress(
            order.about(), identity, pieces.number, pieces.end, free_name(path, order.form).name
        )
        if begun:
            click.echo(f"{self._name}: going on after line {begun.line:,}", err=True)
            pieces.go_to(begun.line, begun.end)
        self._refusals = Refusals(
            path.with_name(self._progress.refusals),
            self._progress.refusals_end,
            as_csv([*REPORT, *self._report_columns]) if self._flat else b"",
        )
        stack.callback(self._refusals.close)
        self._size = identity.get("size")
        self._keep()

    @property
    def _report_columns(self) -> list[str]:
        return [name for name in self._lines.columns if name not in REPORT]

    @property
    def counts(self) -> Counts:
        return self._progress.counts

    def run(self, asked_to_stop: Callable[[], bool]) -> str | None:
        """To the end of the file; why it stopped before, in words."""
        try:
            with _bar(self._name, self._size, self._progress) as show:
                marked = time.monotonic()
                for number, line in enumerate(self._lines, 1):
                    self._take(line)
                    self._progress.line, self._progress.end = line.last, line.end
                    if number % _LINES == 0 or time.monotonic() - marked > _SECONDS:
                        self._keep()
                        marked = time.monotonic()
                        show()
                    if asked_to_stop():
                        self._keep()
                        return "Stopped"
                show()
        except OperationalError as error:
            return f"Stopped: the database can't be used ({str(error.orig).strip()})"
        return None

    def _take(self, line: Line) -> None:
        problem = line.problem or self._problem_with(line)
        if problem is None:
            return
        self.counts.refused += 1
        report = {"line": line.number, "problem": problem}
        record = {name: value for name, value in line.record.items() if name not in REPORT}
        if self._flat:
            cells = [record.get(name, "") for name in self._report_columns]
            self._refusals.add(as_csv([str(line.number), problem, *cells]))
        else:
            self._refusals.add(as_json(report | record))

    def _problem_with(self, line: Line) -> str | None:
        """Take the line; why that can't be, in words."""
        body = (
            body_of_row(line.record)
            if self._flat
            else {k: v for k, v in line.record.items() if k not in REPORT}
        )
        if self._source is not None:
            body.setdefault("source", self._source)
        if self._kind.name == "calls":
            body = {"customer": {}, "ask": False, **body}
        try:
            given = self._schema.load(body)
            new = run_unit(self._sessions, self._kind.take, self._asking, given, body)
        except ValidationError as error:
            return in_words(error, flat=self._flat)
        except Invalid as error:
            return "; ".join(f"{field}: {problem}" for field, problem in error.fields.items()) or str(error)
        except (Conflict, NotFound) as error:
            return str(error)
        except (DataError, IntegrityError) as error:
            # whatever one line has found that nobody thought of, those after it are not held up by it
            return f"the database can't keep it: {type(error.orig).__name__}"
        if new:
            self.counts.taken += 1
        else:
            self.counts.known += 1
        self.counts.asked += bool(body.get("asked_at"))
        return None

    def _keep(self) -> None:
        """The mark never runs ahead of the database: what it calls done is on disk."""
        if self._mark is None:
            return
        with self._sessions.begin() as session:
            await_commits(session)
        self._refusals.flush()
        self._progress.refusals_end = self._refusals.end
        self._mark.write(self._progress)

    def end(self, stopped: str | None) -> None:
        """When all is done, take the mark away and write the audit; say what came of it."""
        if stopped is None:
            with self._sessions.begin() as session:
                await_commits(session)
                add_audit(
                    session,
                    self._asking.account_id,
                    "operator",
                    f"import.{self._kind.name}",
                    file=self._name,
                    source=self._source,
                    **asdict(self.counts),
                )
            if self._mark is not None:
                self._mark.remove()
        click.echo(self._summary(stopped))

    def _summary(self, stopped: str | None) -> str:
        counts = self.counts
        said = [
            f"{self._name}: {counts.lines:,} lines: {counts.taken:,} taken, {counts.known:,} known already,"
            f" {counts.refused:,} refused."
        ]
        if counts.refused:
            said.append(f"The refused ones, with the reasons: {self._progress.refusals}")
        if stopped:
            said.append(f"{stopped} after line {self._progress.line:,}.")
            if self._mark is not None:
                said.append("The same command goes on from there.")
        elif self._kind.name == "calls" and counts.taken and not counts.asked:
            said.append(
                "No line had asked_at: only those who answered will count as asked, so the response rate of these"
                " calls will be 100 %, which says nothing."
            )
        return "\n".join(said)


@contextmanager
def _bar(name: str, size: int | None, progress: Progress) -> Iterator[Callable[[], None]]:
    """A progress bar on a terminal; elsewhere a line every so often. Call what it gives to show how far it is."""
    if size is not None and sys.stderr.isatty():
        with click.progressbar(length=size, label=name, file=sys.stderr) as bar:
            yield lambda: bar.update(progress.end - bar.pos)
        return
    told = time.monotonic()

    def tell() -> None:
        nonlocal told
        if time.monotonic() - told >= _TELL_SECONDS:
            told = time.monotonic()
            share = f", {progress.end / size:.0%}" if size else ""
            click.echo(f"{name}: {progress.counts.lines:,} lines{share}", err=True)

    yield tell
