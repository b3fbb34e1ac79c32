"""All the channels by one door: which of them a parcel goes by, its type says."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from app.channels.gateway import GatewayTexts
from app.channels.guarded_http import GuardedHttp
from app.channels.parcel import CallParcel, GatewayParcel, MailParcel, Parcel, TextParcel
from app.channels.smtp import Smtp
from app.channels.twilio import Asked, Twilio, TwilioSender
from app.channels.twilio_calls import TwilioCalls
from app.channels.twilio_listing import Listed
from app.domain.channel import Channel
from app.domain.delivery import SendResult
from app.settings import CarrierLimits


class Lister(Protocol):
    """What can be asked about a request that came to no clear end."""

    def find(self, sender: TwilioSender, to: str, since: datetime, until: datetime) -> list[Listed]:
        """Raises ProviderUnreadable when the listing can't be had whole."""


class Carriers:
    """Thread-safe. None of its senders raises for what a carrier or the network does."""

    def __init__(
        self,
        twilio_base_url: str,
        limits: CarrierLimits,
        pool_size: int,
        outbound_allow: Collection[str] = (),
    ) -> None:
        seconds = limits.connect_seconds, limits.read_seconds
        self.texts = Twilio(twilio_base_url, *seconds, pool_size=pool_size)
        self.calls = TwilioCalls(twilio_base_url, *seconds, pool_size=pool_size)
        self.mail = Smtp(*seconds)
        self.gateways = GatewayTexts(
            GuardedHttp(
                outbound_allow, connect_seconds=limits.connect_seconds, read_seconds=limits.read_seconds
            )
        )

    def send(self, parcel: Parcel) -> SendResult:
        """Make one request, and wait for what it comes to."""
        match parcel:
            case TextParcel(sender, to, body, status_callback, valid_seconds):
                return self.texts.send(sender, to, body, status_callback, valid_seconds)
            case CallParcel():
                return self.calls.send(parcel)
            case MailParcel():
                return self.mail.send(parcel)
            case GatewayParcel():
                return self.gateways.send(parcel)

    def ask(self, parcel: Parcel) -> Asked | SendResult | None:
        """The same without waiting; None, and nothing is sent, where that can't be done: `send` does it."""
        match parcel:
            case TextParcel(sender, to, body, status_callback, valid_seconds):
                return self.texts.ask(sender, to, body, status_callback, valid_seconds)
            case _:
                return None

    def lister(self, channel: Channel) -> Lister:
        """Who is asked about what went by `channel`, at a provider that can be asked."""
        return self.calls if channel is Channel.CALLBACK else self.texts

    def close(self) -> None:
        self.texts.close()
        self.calls.close()
