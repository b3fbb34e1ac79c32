"""Reading what an operator has described in JSON: all that is wrong is told at once, each by its place."""

import re
from collections.abc import Sequence
from typing import Any

Problems = dict[str, str]

_LONGEST = 4096


class Part:
    """A JSON object at `place`. What can't be read is noted in `problems`, and something harmless given back."""

    def __init__(self, value: object, place: str, problems: Problems) -> None:
        self._place = place
        self._problems = problems
        self._values: dict[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.refuse("", "is an object")

    def refuse(self, name: str, why: str) -> None:
        self._problems.setdefault(
            ".".join(part for part in (self._place, name) if part) or "description", why
        )

    def takes(self, *names: str) -> None:
        for name in self._values.keys() - set(names):
            self.refuse(name, "is not known here")

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def names(self) -> list[str]:
        return list(self._values)

    def raw(self, name: str) -> Any:
        return self._values.get(name)

    def part(self, name: str, *, optional: bool = False) -> "Part":
        value = self._values.get(name)
        place = f"{self._place}.{name}".removeprefix(".")
        return Part({} if optional and value is None else value, place, self._problems)

    def text(self, name: str, pattern: re.Pattern[str] | None = None, form: str = "can't be read") -> str:
        value = self._values.get(name)
        if not isinstance(value, str) or not value:
            self.refuse(name, "is missing" if value is None else "is a text")
            return ""
        if len(value) > _LONGEST or (pattern is not None and not pattern.fullmatch(value)):
            self.refuse(name, form)
            return ""
        return value

    def optional_text(
        self, name: str, pattern: re.Pattern[str] | None = None, form: str = "can't be read"
    ) -> str | None:
        return self.text(name, pattern, form) if self.has(name) else None

    def choice(self, name: str, choices: Sequence[str], default: str | None) -> str:
        """`default` None: it has to be there."""
        value = self._values.get(name, default)
        if value not in choices:
            self.refuse(name, f"is one of {', '.join(choices)}")
            return choices[0]
        return str(value)

    def flag(self, name: str) -> bool:
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            self.refuse(name, "is true or false")
        return value is True

    def number(self, name: str, least: int, most: int, default: int) -> int:
        value = self._values.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.refuse(name, f"lies between {least} and {most}")
            return default
        return value

    def pair(self, name: str, default: tuple[int, int]) -> tuple[int, int]:
        value = self._values.get(name, list(default))
        if not isinstance(value, list) or len(value) != 2 or not all(type(one) is int for one in value):
            self.refuse(name, "is a pair of numbers, the least and the most")
            return default
        return value[0], value[1]

    def texts(self, name: str) -> dict[str, str]:
        value = self._values.get(name, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            self.refuse(name, "is an object of texts")
            return {}
        return value

    def words(self, name: str, choices: Sequence[str]) -> dict[str, str]:
        found = self.texts(name)
        for key, value in found.items():
            if value not in choices:
                self.refuse(f"{name}.{key}", f"is one of {', '.join(choices)}")
        return found

    def strings(self, name: str) -> list[str]:
        """One value or a list of them, numbers too, as texts."""
        value = self._values.get(name, [])
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, (str, int)) for one in values):
            self.refuse(name, "is a text, a number or a list of them")
            return []
        return [as_text(one) for one in values]

    def pattern(self, name: str) -> re.Pattern[str] | None:
        text = self.optional_text(name)
        try:
            return re.compile(text) if text else None
        except re.error:
            self.refuse(name, "is no regular expression")
            return None


def at(document: Any, path: str) -> Any:
    """What stands there ("data.0.code"); None where nothing does."""
    for step in path.split("."):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and step.isascii() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def as_text(value: Any) -> str:
    """A value of JSON as it is written there, texts without quotes; empty for what is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else ""
