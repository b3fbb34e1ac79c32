"""A message is about to go out: what its request needs is made ready, and its attempt written down.

For many messages at once where nothing stands against it, alone where something does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.cache import ShortCache
from app.channels.twilio import TwilioSender
from app.settings import CarrierLimits
from app.store.attempts import begin_attempts
from app.store.base import keyring
from app.store.claims import Claimed, give_back
from app.store.contacts import open_address
from app.store.senders import SenderFacts, sender_facts

# by account and sender: a pause or a deactivation is seen by the claim, so a token may be a moment old
SenderCache = ShortCache[tuple[UUID, UUID], TwilioSender]

# a carrier's queue needs some seconds even for a text that leaves just before its window closes
_LEAST_VALID_SECONDS = 60
# a worker too slow to use its lease would claim the same message again at once
_GIVE_BACK_SECONDS = 1.0


@dataclass(frozen=True)
class Envelope:
    """Everything that a request to the carrier needs; its attempt is committed."""

    claimed: Claimed
    attempt_id: UUID
    sender: TwilioSender
    to: str
    body: str
    status_callback: str
    valid_seconds: int


@dataclass(frozen=True)
class _Draft:
    claimed: Claimed
    sender: TwilioSender
    to: str
    body: str


def carrier_sender(sender: SenderFacts) -> TwilioSender:
    return TwilioSender(
        account_sid=sender.provider_account,
        auth_token=sender.auth_token,
        number=sender.number,
        messaging_service=sender.messaging_service,
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
    return _begin(session, drafts, limits, public_url, wait=False)


def prepare_send(
    session: Session, claimed: Claimed, *, limits: CarrierLimits, public_url: str
) -> Envelope | None:
    """The same for one alone.

    None when the claim is not ours any more, what is left of its lease too short, or the message's window closed:
    nothing is sent. Raises whatever is wrong with a message that can't be read.
    """
    envelopes = _begin(session, [_draft(session, claimed, public_url)], limits, public_url, wait=True)
    if envelopes:
        return envelopes[0]
    give_back(session, claimed, wait_seconds=_GIVE_BACK_SECONDS)
    return None


def _draft(session: Session, claimed: Claimed, public_url: str, senders: SenderCache | None = None) -> _Draft:
    key = (claimed.account_id, claimed.sender_id)

    def load() -> TwilioSender:
        return carrier_sender(sender_facts(session, *key))

    return _Draft(
        claimed=claimed,
        sender=load() if senders is None else senders.get(key, load),
        to=open_address(session, claimed.account_id, claimed.address),
        body=text_of_message(session, claimed.message_id, claimed.body, claimed.token_hash, public_url),
    )


def _begin(
    session: Session, drafts: Sequence[_Draft], limits: CarrierLimits, public_url: str, *, wait: bool
) -> list[Envelope]:
    claimed = [draft.claimed for draft in drafts]
    begun = begin_attempts(session, claimed, limits.connect_seconds + limits.read_seconds, wait=wait)
    return [
        Envelope(
            claimed=draft.claimed,
            attempt_id=attempt.attempt_id,
            sender=draft.sender,
            to=draft.to,
            body=draft.body,
            status_callback=(
                f"{public_url}/hooks/twilio/status"
                f"?account={draft.claimed.account_id}&attempt={attempt.attempt_id}"
            ),
            valid_seconds=max(int(attempt.seconds_left), _LEAST_VALID_SECONDS),
        )
        for draft in drafts
        if (attempt := begun.get(draft.claimed.message_id))
    ]
