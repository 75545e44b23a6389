"""The control paths of a newsroom in a process of its own: publish, revise, stats; JSON over loopback."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from farscrawler.testing.newsroom.response import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from farscrawler.testing.newsroom.press import Newsroom

PREFIX = "/-/"
PUBLISHED_AT_ONCE = 100_000


def respond(target: str, newsroom: Newsroom, stats: Callable[[], Mapping[str, Any]]) -> Response:
    """Answer ``/-/publish?n=5``, ``/-/revise?id=1000`` or ``/-/stats``; 400 for a bad value."""
    path, _, query = target.partition("?")
    values = dict(parse_qsl(query, max_num_fields=10))
    try:
        if path == "/-/publish":
            ids = newsroom.publish(_number(values.get("n", "1"), PUBLISHED_AT_ONCE))
            return _json(200, {"published": ids, "newest_id": newsroom.newest_id})
        if path == "/-/revise":
            story = newsroom.revise(_number(values.get("id", ""), 10**18))
            return _json(200, {"article_id": story.article_id, "revision": story.revision})
        if path == "/-/stats":
            return _json(200, dict(stats()))
    except ValueError as error:
        return _json(400, {"error": str(error)})
    except LookupError as error:
        return _json(404, {"error": str(error.args[0])})
    return _json(404, {"error": f"no such control path: {path}"})


def _number(text: str, highest: int) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", text) or not 1 <= int(text) <= highest:
        raise ValueError(f"not a number from 1 to {highest}: {text!r}")
    return int(text)


def _json(status: int, value: dict[str, Any]) -> Response:
    body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
    return Response(status=status, body=body, kind="control", content_type="application/json")
