"""Dates as their readers write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from app.wording.moments import written_day, written_moment


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [
        ("en", "2 March", "2 March, 09:05"),
        ("zh-Hans", "3月2日", "3月2日09:05"),
        ("zh-Hant", "3月2日", "3月2日09:05"),
        ("es", "2 de marzo", "2 de marzo, 09:05"),
        ("fr", "2 mars", "2 mars, 09:05"),
        ("de", "2. März", "2. März, 09:05"),
        ("tlh", "2 March", "2 March, 09:05"),
    ],
)
def test_a_day_and_its_time(language: str, day: str, moment: str) -> None:
    called_at = datetime(2026, 3, 2, 9, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert written_day(called_at, language) == day
    assert written_moment(called_at, language) == moment
