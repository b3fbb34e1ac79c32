"""The whole examination: what is looked at, and in which order it is told."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial

import sqlalchemy.exc
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.channels.lean_http import LeanHttp
from app.channels.smtp import Smtp
from app.checkup.broker import check_broker, check_workers
from app.checkup.clock import check_carrier_clock, check_database_clock
from app.checkup.database import check_database
from app.checkup.finding import Finding, failed
from app.checkup.mail_senders import MailSenderToLookAt, check_mail_sender, read_mail_senders
from app.checkup.public_address import check_public_address
from app.checkup.rounds import Check, examine
from app.checkup.sampling import check_sampling
from app.checkup.senders import SenderToLookAt, check_sender, read_senders
from app.checkup.sending import check_sending
from app.checkup.settings import check_settings
from app.checkup.signature import check_signature
from app.db import make_engine, make_sessions
from app.errors import ConfigurationError
from app.settings import Settings, load_settings
from app.store.keyring import Keyring

# each check ends by itself within a few; this is for a name server that keeps silent, and for very many senders
_SECONDS = 20.0
_CONNECTIONS = 4
_CONNECT_SECONDS, _READ_SECONDS = 3.0, 4.0


def run_doctor(environment: Mapping[str, str], account: str | None) -> list[Finding]:
    """Look at everything; never raises for what is wrong. `account`: narrows senders and accounts to one."""
    try:
        settings = load_settings()
    except ConfigurationError as error:
        return [failed("settings", str(error), "Set it: README.md, Settings; in make run: . var/run.env")]
    found = check_settings(settings, environment)
    try:
        engine = make_engine(settings.database_url, _CONNECTIONS)
        http = LeanHttp(settings.twilio_base_url, _CONNECT_SECONDS, _READ_SECONDS, pool_size=16)
    except (ConfigurationError, sqlalchemy.exc.ArgumentError) as error:
        # without the message: it may quote a password
        return [
            *found,
            failed("settings", f"an address can't be read ({type(error).__name__})", "See above."),
        ]
    try:
        return [*found, *examine(_checks(settings, engine, http, account), _SECONDS)]
    finally:
        engine.dispose()
        http.close()


def _checks(settings: Settings, engine: Engine, http: LeanHttp, account: str | None) -> list[Check]:
    sessions, keys = _sessions(settings, engine)
    senders: list[SenderToLookAt] = []
    mail_senders: list[MailSenderToLookAt] = []
    # the database's own check says why it can't be read, and that of SECRET_KEYS why tokens can't be
    with suppress(sqlalchemy.exc.SQLAlchemyError):
        senders = read_senders(sessions, account) if keys else []
        mail_senders = read_mail_senders(sessions, account) if keys else []
    smtp = Smtp(_CONNECT_SECONDS, _READ_SECONDS)
    signers = {sender.account_sid: sender for sender in reversed(senders) if not sender.problem}
    return [
        Check("database", partial(check_database, sessions, settings)),
        Check("clock: database", partial(check_database_clock, sessions)),
        Check("clock: carrier", partial(check_carrier_clock, http)),
        Check("broker", partial(check_broker, settings)),
        Check("workers", partial(check_workers, settings)),
        Check("public address", partial(check_public_address, settings)),
        *(
            Check("signature", partial(check_signature, settings, sender.account_sid, sender.token))
            for sender in signers.values()
        ),
        *(Check(sender.name, partial(check_sender, sender, http, settings)) for sender in senders),
        *(Check(sender.name, partial(check_mail_sender, sender, smtp)) for sender in mail_senders),
        Check("sending", partial(check_sending, sessions, account)),
        Check("sampling", partial(check_sampling, sessions, account)),
    ]


def _sessions(settings: Settings, engine: Engine) -> tuple[sessionmaker[Session], bool]:
    """Sessions, and whether what is sealed can be opened with them."""
    try:
        return make_sessions(engine, Keyring(settings.secret_keys)), True
    except ConfigurationError:
        return sessionmaker(engine, expire_on_commit=False), False
