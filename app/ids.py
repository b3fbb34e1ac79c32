"""Identifiers: UUID version 7 (RFC 9562), so that rows made together lie together in an index."""

import os
import time
import uuid
from datetime import datetime


def new_id() -> uuid.UUID:
    """A random UUID whose first 48 bits are the Unix time in milliseconds."""
    value = int.from_bytes((time.time_ns() // 1_000_000).to_bytes(6, "big") + os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value)


def first_id(moment: datetime) -> uuid.UUID:
    """Below every id that `new_id` makes from then on."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
