"""`postcall asterisk-bridge`: listens to an Asterisk's queues, and reports each call that ended."""

import os
import signal
import ssl
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from app.bridge.courier import Courier
from app.bridge.figures import Figures
from app.bridge.hook import Hook, Said
from app.bridge.listener import Listener
from app.bridge.manager import Address, Manager, ManagerError, connect
from app.bridge.spool import Spool
from app.errors import ConfigurationError
from app.log import configure_logging, get_logger

log = get_logger(__name__)

_PORT, _TLS_PORT = 5038, 5039
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# to keep what has come already; what is on its way to the service is only let go of
_LAST_SECONDS = 5.0
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("asterisk-bridge")
@click.option(
    "--manager", envvar="AMI_ADDRESS", default="127.0.0.1", help="HOST or HOST:PORT of its manager."
)
@click.option("--user", envvar="AMI_USER", required=True, help="As manager.conf has it.")
@click.option("--password-file", envvar="AMI_PASSWORD_FILE", type=_FILE, help="Unless AMI_PASSWORD is set.")
@click.option("--tls", envvar="AMI_TLS", is_flag=True, help="The manager interface speaks TLS (port 5039).")
@click.option("--tls-ca", envvar="AMI_TLS_CA", type=_FILE, help="Who signed its certificate.")
@click.option("--hook", envvar="HOOK_URL", required=True, help="The connection's address.")
@click.option("--secret-file", envvar="HOOK_SECRET_FILE", type=_FILE, help="Unless HOOK_SECRET is set.")
@click.option(
    "--plain-http", is_flag=True, help="The address may be http: the network in between is your own."
)
@click.option(
    "--spool",
    envvar="BRIDGE_SPOOL",
    default="/var/spool/postcall",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder where reports wait.",
)
@click.option("--queue-log", envvar="QUEUE_LOG", type=_FILE, help="Asterisk's queue_log, to catch up from.")
@click.option("--metrics-port", envvar="BRIDGE_METRICS_PORT", default=0, help="Of 127.0.0.1; 0: none.")
@click.option("--check", is_flag=True, help="Try login, address and secret, say what was found, and end.")
@click.option(
    "--once", is_flag=True, help="Catch up and deliver what waits, once, and end: 1 if anything is left."
)
def asterisk_bridge(
    *,
    manager: str,
    user: str,
    password_file: Path | None,
    tls: bool,
    tls_ca: Path | None,
    hook: str,
    secret_file: Path | None,
    plain_http: bool,
    spool: Path,
    queue_log: Path | None,
    metrics_port: int,
    check: bool,
    once: bool,
) -> None:
    """Listen to Asterisk's manager interface and report its queue calls, until TERM.

    Needs no database and none of the service's settings. A report is on disk, in the spool, before it is posted,
    and stays there until the service has taken it. The password is in AMI_PASSWORD or a file, the connection's
    secret in HOOK_SECRET or a file; neither goes onto the command line.
    """
    configure_logging(os.environ.get("LOG_LEVEL", "INFO").upper())
    service = Hook(hook, _secret("HOOK_SECRET", secret_file), plain=plain_http)
    dial = partial(connect, _address(manager, tls, tls_ca), user, _secret("AMI_PASSWORD", password_file))
    if check:
        _check(dial, service)
        return
    kept = Spool(spool)
    with kept.held():
        figures = Figures(kept)
        courier = Courier(kept, service, figures)
        listener = Listener(dial, kept, figures, courier.ring, queue_log)
        if kept.refused():
            log.error("refused earlier, and kept aside", refused=kept.refused())
        if once:
            raise SystemExit(_once(listener, courier, kept))
        # before any thread is started: they inherit it
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        if metrics_port:
            figures.serve(metrics_port)
        failed = _until_told(listener, courier)
        log.info("ended", waiting=len(kept.waiting()))
    raise SystemExit(1 if failed else 0)


def _once(listener: Listener, courier: Courier, spool: Spool) -> int:
    """The exit status. What waits is delivered whether Asterisk is there or not."""
    heard = True
    try:
        listener.listen(once=True)
    except ManagerError as error:
        heard = False
        log.error("not connected to Asterisk", why=str(error))
    courier.round()
    return 0 if heard and not spool.waiting() else 1


def _until_told(listener: Listener, courier: Courier) -> bool:
    """Whether it ended by a failure of ours, and not because it was told to."""
    failed = threading.Event()
    listening = _start("listener", listener.listen, failed)
    _start("courier", courier.run, failed)
    # by the one thread that has nothing else to do: a handler could interrupt one that holds a lock
    signal.sigwait(_SIGNALS)
    courier.stop()
    listener.stop()
    listening.join(_LAST_SECONDS)
    return failed.is_set()


def _start(name: str, run: Callable[[], None], failed: threading.Event) -> threading.Thread:
    def guarded() -> None:
        try:
            run()
        except Exception:
            log.exception("ended by a failure", thread=name)
            failed.set()
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=guarded, name=name, daemon=True)
    thread.start()
    return thread


def _check(dial: Callable[[], Manager], service: Hook) -> None:
    dial().close()
    click.echo("Asterisk lets us in.")
    # an event that leads to nothing, and shows among the connection's last events
    reply = service.post(b'{"Event": "BridgeCheck"}')
    if reply.said is not Said.TAKEN:
        raise click.ClickException(f"the service does not take reports: {reply.detail}")
    click.echo("The service takes our reports.")


def _address(text: str, tls: bool, ca: Path | None) -> Address:
    host, colon, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "")
    if colon and not port.isdigit():
        raise click.BadParameter(f"{text} is no HOST:PORT", param_hint="--manager")
    context = ssl.create_default_context(cafile=str(ca) if ca else None) if tls else None
    return Address(host, int(port) if port else _TLS_PORT if tls else _PORT, context)


def _secret(variable: str, file: Path | None) -> str:
    """Raises ConfigurationError."""
    if (given := os.environ.get(variable)) is not None:
        return given
    if file is None:
        raise ConfigurationError(f"{variable} is missing: set it, or name a file that holds it")
    try:
        return file.read_text().strip()
    except OSError as error:
        raise ConfigurationError(f"{variable}: {error}") from error
