"""The whole service as clients and attackers see it: the fixtures of tests/web."""

from tests.web.conftest import _clean_log_context, api, clock, keys

__all__ = ["_clean_log_context", "api", "clock", "keys"]
