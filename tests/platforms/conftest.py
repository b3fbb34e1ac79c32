"""The whole service as platforms see it: the fixtures of tests/web."""

from tests.web.conftest import _clean_log_context, api, clock, committing_api, keys

__all__ = ["_clean_log_context", "api", "clock", "committing_api", "keys"]
