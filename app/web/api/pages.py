"""How every list is answered."""

from flask import Response

from app.flow.pages import Page
from app.web.json import json_response
from app.web.unit import services


def page_response(purpose: str, page: Page) -> Response:
    """`purpose` ties the page's cursors to this one list."""
    write = services().cursors.write
    return json_response(
        {
            "items": page.items,
            "next_cursor": write(purpose, page.next_cursor),
            "cursor": write(purpose, page.cursor),
        }
    )
