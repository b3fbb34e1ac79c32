"""The client's own name for a customer, and what only looks like one."""

import re

# what systems write where they know nobody: all those would be one customer, asked once in a fortnight
_NOBODY = frozenset(
    {
        *(
            "anonymous",
            "blank",
            "customer",
            "default",
            "dummy",
            "empty",
            "false",
            "guest",
            "missing",
            "na",
            "nan",
        ),
        *(
            "new",
            "nil",
            "no",
            "nobody",
            "none",
            "notavailable",
            "notset",
            "null",
            "private",
            "restricted",
            "tbd",
        ),
        *("test", "true", "unavailable", "undefined", "unknown", "withheld"),
        *(
            "anonym",
            "gast",
            "kunde",
            "unbekannt",
            "anonyme",
            "client",
            "inconnu",
            "anonimo",
            "anónimo",
            "cliente",
        ),
        *("desconocido", "无", "無", "未知", "匿名"),
    }
)
_SAYS_NOTHING = re.compile(r"0*|(?P<digit>\d)(?P=digit){3,}")  # zeros, 9999
_SIGNS = re.compile(r"[\W_]+")


def known_ref(raw: str | None) -> str | None:
    """The ref by which a person is known over all their addresses; None for what names nobody.

    Upper and lower case differ: some systems' ids are told apart by nothing else.
    """
    ref = (raw or "").strip()
    plain = _SIGNS.sub("", ref).casefold()
    return None if plain in _NOBODY or _SAYS_NOTHING.fullmatch(plain) else ref
