"""A message is about to go out: what its request needs is made ready, and its attempt written down.

For many messages at once where nothing stands against it, alone where something does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.cache import ShortCache
from app.channels.parcel import CallParcel, MailParcel, Parcel, SmtpSender, TextParcel
from app.channels.twilio import TwilioSender
from app.domain.channel import Channel
from app.flow.compose_mail import compose_mail
from app.flow.gateway_texts import GATEWAY, gateway_parcel
from app.settings import CarrierLimits
from app.store.attempts import Begun, begin_attempts
from app.store.base import keyring
from app.store.claims import Claimed, give_back
from app.store.contacts import open_address
from app.store.senders import SenderFacts, sender_facts

# by account and sender: a pause or a deactivation is seen by the claim, so a token may be a moment old
SenderCache = ShortCache[tuple[UUID, UUID], SenderFacts]

# a carrier's queue needs some seconds even for a text that leaves just before its window closes
_LEAST_VALID_SECONDS = 60
# a worker too slow to use its lease would claim the same message again at once
_GIVE_BACK_SECONDS = 1.0


@dataclass(frozen=True)
class Envelope:
    """A request that is ready to be made; its attempt is committed.

    `askable`: whether its provider can be asked later what has become of it.
    """

    claimed: Claimed
    attempt_id: UUID
    parcel: Parcel
    askable: bool


@dataclass(frozen=True)
class _Draft:
    """`seal`: makes the parcel, once the attempt has its id."""

    claimed: Claimed
    sender: SenderFacts
    seal: Callable[[Begun], Parcel]


def twilio_sender(sender: SenderFacts) -> TwilioSender:
    return TwilioSender(
        account_sid=sender.provider_account,
        auth_token=sender.auth_token,
        number=sender.number,
        messaging_service=sender.messaging_service,
    )


def smtp_sender(sender: SenderFacts) -> SmtpSender:
    settings = sender.settings
    return SmtpSender(
        host=settings["host"],
        port=settings["port"],
        security=settings["security"],
        username=settings.get("username"),
        password=sender.auth_token or None,
        from_address=settings["from_address"],
        return_path_domain=settings.get("return_path_domain"),
    )


def text_of_message(
    session: Session, message_id: UUID, body: str, token_hash: bytes | None, public_url: str
) -> str:
    """The text as it goes over the wire: with its link, which is derived again at each request."""
    if token_hash is None:
        return body
    return f"{body} {public_url}/s/{keyring(session).token(message_id, token_hash)}"


def prepare_sends(
    session: Session,
    claimed: Sequence[Claimed],
    *,
    limits: CarrierLimits,
    public_url: str,
    senders: SenderCache,
) -> list[Envelope]:
    """Commit right after it: the attempts have to be on disk before the requests leave.

    What is not among them goes alone, by `prepare_send`: it can't be read, is held by another transaction at the
    moment, or may not be sent.
    """
    drafts = []
    for one in claimed:
        try:
            drafts.append(_draft(session, one, public_url, senders))
        except DBAPIError:
            raise
        except Exception:  # noqa: S112 - alone, it says what is wrong with it
            continue
    return _begin(session, drafts, limits, wait=False)


def prepare_send(
    session: Session, claimed: Claimed, *, limits: CarrierLimits, public_url: str
) -> Envelope | None:
    """The same for one alone.

    None when the claim is not ours any more, what is left of its lease too short, or the message's window closed:
    nothing is sent. Raises whatever is wrong with a message that can't be read.
    """
    envelopes = _begin(session, [_draft(session, claimed, public_url)], limits, wait=True)
    if envelopes:
        return envelopes[0]
    give_back(session, claimed, wait_seconds=_GIVE_BACK_SECONDS)
    return None


def _draft(session: Session, claimed: Claimed, public_url: str, senders: SenderCache | None = None) -> _Draft:
    key = (claimed.account_id, claimed.sender_id)

    def load() -> SenderFacts:
        return sender_facts(session, *key)

    sender = load() if senders is None else senders.get(key, load)
    return _Draft(claimed, sender, _sealer(session, claimed, sender, public_url))


def _sealer(
    session: Session, claimed: Claimed, sender: SenderFacts, public_url: str
) -> Callable[[Begun], Parcel]:
    to = open_address(session, claimed.account_id, claimed.address)
    if sender.channel is Channel.EMAIL:
        mail = compose_mail(
            session,
            account_id=claimed.account_id,
            invitation_id=claimed.invitation_id,
            message_id=claimed.message_id,
            public_url=public_url,
            token=keyring(session).token(claimed.message_id, claimed.token_hash),
            purpose=claimed.purpose,
        )
        smtp = smtp_sender(sender)
        parcel = MailParcel(smtp, to, mail, _bounce_address(smtp, claimed.message_id))
        return lambda _: parcel
    twilio, query = twilio_sender(sender), f"account={claimed.account_id}"
    if sender.channel is Channel.CALLBACK:
        hooks = f"{public_url}/hooks/twilio/voice"
        return lambda begun: CallParcel(
            twilio,
            to,
            url=f"{hooks}/callback?{query}&message={claimed.message_id}",
            status_callback=f"{hooks}/status?{query}&attempt={begun.attempt_id}",
        )
    body = text_of_message(session, claimed.message_id, claimed.body, claimed.token_hash, public_url)
    if sender.provider == GATEWAY:
        return gateway_parcel(session, claimed, sender, to=to, body=body)
    return lambda begun: TextParcel(
        twilio,
        to,
        body,
        status_callback=f"{public_url}/hooks/twilio/status?{query}&attempt={begun.attempt_id}",
        valid_seconds=max(int(begun.seconds_left), _LEAST_VALID_SECONDS),
    )


def _bounce_address(sender: SmtpSender, message_id: UUID) -> str:
    """Where a mail that could not be delivered returns to: it names the message, whatever is left of the mail."""
    domain = sender.return_path_domain
    return f"bounce+{message_id.hex}@{domain}" if domain else sender.from_address


def _begin(
    session: Session, drafts: Sequence[_Draft], limits: CarrierLimits, *, wait: bool
) -> list[Envelope]:
    claimed = [draft.claimed for draft in drafts]
    begun = begin_attempts(session, claimed, limits.connect_seconds + limits.read_seconds, wait=wait)
    return [
        Envelope(
            claimed=draft.claimed,
            attempt_id=attempt.attempt_id,
            parcel=draft.seal(attempt),
            askable=draft.sender.is_askable,
        )
        for draft in drafts
        if (attempt := begun.get(draft.claimed.message_id))
    ]
