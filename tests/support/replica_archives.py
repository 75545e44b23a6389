"""A replica of the Wayback Machine's and Common Crawl's endpoints on loopback, strict about what they are asked.

Written after their public documentation (the README of wayback-cdx-server, pywb's CDX server API, RFC 7089); the
services themselves were not at hand. What it does not know it answers with 400, so that a wrong question fails a test.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote_plus

from tests.support.snapshots import CRAWLS, ENDS, HTML, Snapshot, warc_files

if TYPE_CHECKING:
    from typing import Self

_WORK_SECONDS = 0.003  # of each answer, so that two requests at once would meet


@dataclass
class Trouble:
    """How often, by share, an address fails before it answers; never more than twice in a row."""

    unavailable: float = 0.0
    too_many: float = 0.0
    cut: float = 0.0
    seed: int = 0


@dataclass
class Asked:
    """One request: when it came, what for, and how it was answered."""

    at: float
    path: str
    status: int
    agent: str
    kind: str


class Archives:
    """Serves some snapshots. ``page_lines`` is the most a page of an index holds, as both services have such a most."""

    def __init__(
        self,
        snapshots: list[Snapshot],
        *,
        page_lines: int = 7,
        trouble: Trouble | None = None,
        excluded: tuple[str, ...] = (),
        odd_lines: int = 0,
    ) -> None:
        self.snapshots = sorted(snapshots, key=lambda s: (s.key, s.at, s.url))
        self.page_lines = page_lines
        self.trouble = trouble or Trouble()
        self.excluded = excluded
        self.odd_lines = odd_lines
        self.asked: list[Asked] = []
        self.retry_after = "1"  # what a 429 asks for
        self.planned: dict[str, list[int]] = {}  # by a part of an address: statuses answered before it is served
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        self._attempts: Counter[str] = Counter()
        self._in_a_row: Counter[str] = Counter()
        self.files, self.lines = warc_files(self.snapshots)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are written apart

            def do_GET(self) -> None:
                outer.serve(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name in the base class
                pass

        class QuietServer(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """Say nothing: a crawler that is killed hangs up."""

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def count(self, kind: str) -> int:
        """Count the requests of a kind that were answered: index, capture or other."""
        return sum(1 for one in self.asked if one.kind == kind and one.status < 400)

    # -- one request --------------------------------------------------------------------------

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        at = time.monotonic()
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        path = handler.path
        kind = "index" if "/cdx/" in path or "-index?" in path or "collinfo" in path else "capture"
        status, headers, body, cut = self._answer(handler, kind)
        time.sleep(_WORK_SECONDS)
        with self._lock:
            self.asked.append(Asked(at, path, status, handler.headers.get("User-Agent", ""), kind))
            self._now -= 1  # before the answer leaves: whoever has it may ask on
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            handler.close_connection = True

    def _answer(self, handler: BaseHTTPRequestHandler, kind: str) -> tuple[int, dict[str, str], bytes, bool]:
        path = handler.path + handler.headers.get("Range", "")
        trouble = self._draw(path)
        if trouble in (429, 503):
            # One asks for a second of peace, the other leaves it to the client.
            return trouble, ({"Retry-After": self.retry_after} if trouble == 429 else {}), b"<h1>later</h1>", False
        if trouble:
            return (trouble, {}, b"<h1>no</h1>", False) if trouble != 1 else (*self._found(handler, kind), True)
        return (*self._found(handler, kind), False)

    def _draw(self, path: str) -> int:
        """Return the status of a failure, 1 for a body that is cut, 0 for none."""
        with self._lock:
            for part, statuses in self.planned.items():
                if part in path and statuses:
                    return statuses.pop(0)
            if self._in_a_row[path] >= 2:
                self._in_a_row[path] = 0
                return 0
            dice = random.Random(f"{self.trouble.seed}:{path}:{self._attempts[path]}").random()
            self._attempts[path] += 1
            reached = 0.0
            for share, status in ((self.trouble.unavailable, 503), (self.trouble.too_many, 429), (self.trouble.cut, 1)):
                reached += share
                if dice < reached:
                    self._in_a_row[path] += 1
                    return status
            self._in_a_row[path] = 0
            return 0

    def _found(self, handler: BaseHTTPRequestHandler, kind: str) -> tuple[int, dict[str, str], bytes]:
        path, _, query = handler.path.partition("?")
        asked = parse_qs(query, keep_blank_values=True)
        if path == "/cdx/search/cdx":
            return self._wayback_index(asked)
        if kind == "capture" and path.startswith("/web/"):
            return self._wayback_capture(handler.path)
        if path == "/collinfo.json":
            return self._collections()
        if found := re.fullmatch(r"/(CC-MAIN-\d{4}-\d\d)-index", path):
            return self._crawl_index(found[1], asked)
        if path.lstrip("/") in self.files:
            return self._crawl_range(path.lstrip("/"), handler.headers.get("Range", ""))
        return 404, {"Content-Type": "text/html"}, b"<h1>Not Found</h1>"

    # -- the Wayback Machine ------------------------------------------------------------------

    def _wayback_index(self, asked: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        known = {"url", "matchType", "output", "fl", "filter", "limit", "showResumeKey", "resumeKey", "from"}
        if set(asked) - known or asked.get("matchType") != ["host"] or asked.get("output") != ["json"]:
            return 400, {}, b"bad query"
        host = asked["url"][0]
        if host in self.excluded:
            text = b"org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error"
            return 403, {"Content-Type": "text/plain"}, text
        fields = asked["fl"][0].split(",")
        surt = ",".join(reversed(host.removeprefix("www.").split("."))) + ")"
        rows = [row for row in self._rows() if row["urlkey"].startswith(surt) and _passes(row, asked["filter"])]
        if "from" in asked:
            rows = [row for row in rows if row["timestamp"] >= asked["from"][0]]
        if "resumeKey" in asked:  # decoded once as a parameter, and once more by the server
            key, _, timestamp = unquote_plus(asked["resumeKey"][0]).rstrip("!").rpartition(" ")
            if (key, timestamp) not in map(_place, rows):
                return 400, {}, b"a resume key that was never given"
            rows = [row for row in rows if _place(row) > (key, timestamp)]
        limit = min(int(asked["limit"][0]), self.page_lines)
        while limit < len(rows) and _place(rows[limit]) == _place(rows[limit - 1]):
            limit += 1  # a key stands for all captures of one address at one time
        found: list[list[str]] = [fields, *([row[name] for name in fields] for row in rows[:limit])]
        middle = len(found) // 2
        found[middle:middle] = [["2020", "http://odd/", "", "", ""]] * self.odd_lines
        if not rows:
            return 200, {"Content-Type": "application/json"}, b"[]"
        if limit < len(rows):
            found += [[], [quote("{} {}!".format(*_place(rows[limit - 1])), safe="")]]
        body = json.dumps(found).encode()
        return 200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, gzip.compress(body, mtime=0)

    def _rows(self) -> list[dict[str, str]]:
        return [
            {
                "urlkey": one.key,
                "timestamp": one.at,
                "original": one.url,
                "mimetype": "warc/revisit" if one.revisits else one.kind,
                "statuscode": "-" if one.revisits else one.status,
                "digest": one.digest,
            }
            for one in self.snapshots
        ]

    def _wayback_capture(self, path: str) -> tuple[int, dict[str, str], bytes]:
        found = re.fullmatch(r"/web/(\d{14})id_/(.+)", path)
        if not found:
            return 400, {}, b"bad capture"
        for one in self.snapshots:
            if one.at == found[1] and _same_address(one.url, found[2]):
                return self._replay(one)
        return 404, {"Content-Type": "text/html"}, b"<h1>The Wayback Machine has not archived that URL.</h1>"

    def _replay(self, one: Snapshot) -> tuple[int, dict[str, str], bytes]:
        moment = datetime.strptime(one.at, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        headers = {
            "Content-Type": HTML if one.kind == "text/html" else one.kind,
            "Memento-Datetime": format_datetime(moment, usegmt=True),
            "X-Archive-Orig-Server": "Microsoft-IIS/8.5",
            "ETag": '"of-the-archive"',
        }
        if one.location is not None:
            return 302, {**headers, "Location": f"/web/{one.at}id_/{one.location}"}, b""
        body = one.body
        if one.keeps_gzip:
            body = gzip.compress(body, mtime=0)
            headers["X-Archive-Orig-Content-Encoding"] = "gzip"
        return 200, headers, body

    # -- Common Crawl -------------------------------------------------------------------------

    def _collections(self) -> tuple[int, dict[str, str], bytes]:
        rows = [
            {"id": name, "name": f"{name} Index", "cdx-api": f"{self.url}/{name}-index", "to": f"{end}T00:00:00"}
            for name, end in zip(CRAWLS, ENDS, strict=True)
        ]
        return 200, {"Content-Type": "application/json"}, json.dumps(rows).encode()

    def _crawl_index(self, crawl: str, asked: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        known = {"url", "matchType", "output", "fl", "filter", "page", "pageSize", "showNumPages", "from"}
        if set(asked) - known or asked.get("matchType") != ["host"] or asked.get("output") != ["json"]:
            return 400, {}, b"bad query"
        if asked.get("filter") != ["!~status:[1345].*"] or crawl not in CRAWLS:
            return 400, {}, b"bad query"
        surt = ",".join(reversed(asked["url"][0].removeprefix("www.").split("."))) + ")"
        rows = [row for row in self.lines[crawl] if row["urlkey"].startswith(surt)]
        if not rows:
            text = {"message": f"No Captures found for: {asked['url'][0]}"}
            return 404, {"Content-Type": "application/json"}, json.dumps(text).encode()
        blocks = [rows[at : at + self.page_lines] for at in range(0, len(rows), self.page_lines)]
        if "showNumPages" in asked:
            text_ = {"pages": len(blocks), "pageSize": 1, "blocks": len(blocks)}
            return 200, {"Content-Type": "application/json"}, json.dumps(text_).encode()
        wanted = [
            row
            for row in blocks[int(asked["page"][0])]
            if not re.fullmatch(r"[1345].*", row.get("status", "")) and row["timestamp"] >= asked.get("from", ["0"])[0]
        ]
        if not wanted:
            return 404, {}, json.dumps({"message": f"No Captures found for: {asked['url'][0]}"}).encode()
        fields = asked["fl"][0].split(",")
        lines = [json.dumps({name: row[name] for name in fields if name in row}) for row in wanted]
        lines += ["{torn"] * self.odd_lines
        return 200, {"Content-Type": "text/x-ndjson"}, "\n".join(lines).encode() + b"\n"

    def _crawl_range(self, name: str, wanted: str) -> tuple[int, dict[str, str], bytes]:
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", wanted)
        if not found:
            return 416, {}, b""
        first, last = int(found[1]), int(found[2])
        data = self.files[name]
        headers = {"Content-Type": "application/octet-stream", "Content-Range": f"bytes {first}-{last}/{len(data)}"}
        return 206, headers, data[first : last + 1]


def _passes(row: dict[str, str], filters: list[str]) -> bool:
    for given in filters:
        name, _, pattern = given.lstrip("!").partition(":")
        if bool(re.fullmatch(pattern, row[name])) == given.startswith("!"):
            return False
    return True


def _place(row: dict[str, str]) -> tuple[str, str]:
    return row["urlkey"], row["timestamp"]


def _same_address(stored: str, asked: str) -> bool:
    """Return whether an address in a path is a stored one, however it was escaped on its way."""
    return quote(stored, safe="%/:?&=;,+@!$'()*~#") in (asked, asked.replace("%23", "#"))
