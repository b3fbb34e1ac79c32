"""What a channel is given to send: everything that its request needs, and nothing of where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.channels.gateway_description import Gateway
from app.channels.twilio import TwilioSender


@dataclass(frozen=True)
class TextParcel:
    """A text by Twilio."""

    sender: TwilioSender
    to: str
    body: str
    status_callback: str
    valid_seconds: int


@dataclass(frozen=True)
class CallParcel:
    """A call by Twilio: it asks `url` what to say once somebody has answered."""

    sender: TwilioSender
    to: str
    url: str
    status_callback: str


@dataclass(frozen=True)
class SmtpSender:
    """A mail server that takes mail for others, and whom the mail is from.

    `return_path_domain`: bounces come back to an address of it that names the message; None: to `from_address`.
    """

    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    username: str | None
    password: str | None = field(repr=False)
    from_address: str
    return_path_domain: str | None = None


@dataclass(frozen=True)
class Mail:
    """One mail, the same each time that it is tried. `message_id` in angle brackets."""

    message_id: str
    from_name: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class MailParcel:
    """`bounce_to`: the envelope's sender, to which what could not be delivered returns."""

    sender: SmtpSender
    to: str
    mail: Mail
    bounce_to: str


@dataclass(frozen=True)
class GatewaySender:
    """A gateway as it is described. `name`: what tells its ids from those of others, which may be the same."""

    gateway: Gateway
    secret: str = field(repr=False)
    name: str

    def named(self, provider_id: str) -> str:
        return f"{provider_id}@{self.name}"


@dataclass(frozen=True)
class GatewayParcel:
    """A text by a gateway. `reference` is ours, another for each request; `link`: the one in the text, or empty.

    `held`: why it may not be sent yet, for an operator.
    """

    sender: GatewaySender
    to: str
    body: str
    link: str
    reference: str
    template_id: str = ""
    held: str | None = None


Parcel = TextParcel | CallParcel | MailParcel | GatewayParcel
