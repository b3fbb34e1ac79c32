"""Every platform by its name, and what each request comes to."""

from collections.abc import Mapping, Sequence

from app.platforms import (
    aircall,
    amazon_connect,
    asterisk,
    freeswitch,
    generic,
    genesys,
    jambonz,
    plivo,
    ringcentral,
    threecx,
    twilio_taskrouter,
    twilio_voice,
    vonage,
    zoom,
)
from app.platforms.face import Dialect, Ignored, Platform, RawRequest, Reading, Unreadable

_TRIED = (generic, twilio_voice, twilio_taskrouter, amazon_connect, genesys, freeswitch, asterisk)
_FROM_DOCUMENTATION = (aircall, vonage, plivo, zoom, ringcentral, jambonz, threecx)

PLATFORMS: Mapping[str, Platform] = {
    room.PLATFORM.name: room.PLATFORM for room in (*_TRIED, *_FROM_DOCUMENTATION)
}


def understand(platform: Platform, raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:
    """What it says, whatever it is: never raises."""
    try:
        return platform.read(raw, dialect, secrets)
    except Unreadable as unreadable:
        return Ignored(unreadable.reason, unreadable.detail)
