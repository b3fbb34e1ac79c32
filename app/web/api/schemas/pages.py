"""One shape for every list that is read by pages, and the one way to ask for its pages."""

from typing import Any

from marshmallow import Schema, fields

from app.web.api.fields import Count, StrictSchema

_MOST_ITEMS, _USUAL_ITEMS = 500, 100
_CURSOR = "q1Zh0Kc2m9RbNDE3LCIwMTk4YzVhMC02YTFmIl0"


class PageQuery(StrictSchema):
    cursor = fields.String(
        metadata={
            "description": "`next_cursor` of the page before, or the `cursor` at which you stopped",
            "examples": [_CURSOR],
        }
    )
    limit = Count(
        1,
        _MOST_ITEMS,
        load_default=_USUAL_ITEMS,
        metadata={"description": "How many items a page holds at most", "examples": [100]},
    )


def page_of(item: type[Schema]) -> type[Schema]:
    """The schema `XPage` of a page of `XSchema`."""
    name = item.__name__.removesuffix("Schema")
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next_cursor": fields.String(
            required=True,
            allow_none=True,
            metadata={"description": "Where the next page begins; null at the end"},
        ),
        "cursor": fields.String(
            required=True,
            allow_none=True,
            metadata={"description": "Where this page ends: keep it to go on from there another time"},
        ),
    }
    return Schema.from_dict(members, name=f"{name}PageSchema")
