"""The ways in which a customer may be asked."""

from enum import StrEnum
from typing import Literal


class Channel(StrEnum):
    """`callback`: we ring them. `ivr`: asked in the same call. `link`: the client delivers our address itself."""

    SMS = "sms"
    EMAIL = "email"
    CALLBACK = "callback"
    IVR = "ivr"
    LINK = "link"


# by what kind of contact a channel reaches a customer
CONTACT_KIND: dict[Channel, Literal["phone", "email"]] = {
    Channel.SMS: "phone",
    Channel.EMAIL: "email",
    Channel.CALLBACK: "phone",
    Channel.IVR: "phone",
    Channel.LINK: "phone",
}

# the client or the platform brings these to the customer; we send nothing for them
WITHOUT_SENDER = frozenset({Channel.LINK, Channel.IVR})
