"""`postcall import`: calls and responses of another system's past, resumable; nobody is asked anything."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from app.cli.import_lines import encoding_of, encoding_option
from app.cli.import_run import CALLS, RESPONSES, Import, Kind, Order
from app.errors import PostcallError
from app.log import configure_logging

_SOME_REFUSED, _CAN_NOT_START, _STOPPED = 1, 2, 3
_FORMS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}


class _CanNotStart(click.ClickException):
    exit_code = _CAN_NOT_START


@click.group("import")
def imports() -> None:
    """Calls and responses of another system's past; nobody is asked anything.

    FILE is CSV with a header or NDJSON; - is the standard input, which is not resumable. What is refused goes to
    FILE.refused.csv (or .ndjson) with its line and the problem; it can be mended and imported by itself. How far
    an import has come stands in FILE.progress: after any end, the same command goes on from there.

    Ends with 0 when all was taken, 1 when some lines were refused, 2 when it could not start, 3 when it was
    stopped in the middle.
    """


_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
_account = click.option("--account", required=True, help="The account's name.")
_source = click.option("--source", help="The source of lines that name none; default: generic.")
_format = click.option(
    "--format", "form", type=click.Choice(["csv", "ndjson"]), help="Default: by the file's name."
)


@imports.command("calls")
@_file
@_account
@_source
@_format
@encoding_option
def import_calls(file: Path, *, account: str, source: str | None, form: str | None, encoding: str) -> None:
    """Calls that ended in the past, of any age."""
    _run(CALLS, file, account=account, source=source, form=form, encoding=encoding)


@imports.command("responses")
@_file
@_account
@_source
@_format
@encoding_option
def import_responses(
    file: Path, *, account: str, source: str | None, form: str | None, encoding: str
) -> None:
    """What customers answered there, about calls that are known here."""
    _run(RESPONSES, file, account=account, source=source, form=form, encoding=encoding)


def _run(
    kind: Kind, path: Path, *, account: str, source: str | None, form: str | None, encoding: str
) -> None:
    configure_logging("WARNING")  # a line of log for each line of the file would be no progress bar
    with ExitStack() as stack:
        with _starting():
            order = Order(kind, path, account, source, _form_of(path, form), encoding_of(encoding))
            job = Import(stack, order)
        stopped = job.run(stack.enter_context(_asked_to_stop()))
        job.end(stopped)
    sys.exit(_STOPPED if stopped else _SOME_REFUSED if job.counts.refused else 0)


@contextmanager
def _starting() -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        raise _CanNotStart(error.message) from error
    except OperationalError as error:
        raise _CanNotStart(f"The database can't be used: {error.orig}") from error
    except (PostcallError, OSError) as error:
        raise _CanNotStart(str(error)) from error


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether somebody wants it to end: after a line, never within. Who asks twice is not made to wait."""
    asked: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(number: int, _frame: object) -> None:
        asked.append(number)
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, note)
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _form_of(path: Path, form: str | None) -> str:
    found = form or _FORMS.get(path.suffix.lower())
    if found is None:
        raise click.ClickException("Name the format: --format csv or --format ndjson.")
    return found
