"""A small site on loopback whose every answer a test writes itself."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from email.message import Message
    from typing import Self

_TEXT = "".join(
    f"<p>کتابخانه کوچک محله با قفسه‌هایی از چوب گردو بازسازی شد؛ برگ {n} از گزارش هفته.</p>" for n in range(4)
)
#: A page of news of no known site.
NEWS = (
    "<html><head><meta property='og:type' content='article'><title>نان</title></head><body><h1>نان تازه رسید</h1>"
    f"<div>سه‌شنبه ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</div><div>{_TEXT}</div></body></html>"
)


@dataclass
class Answer:
    """What one address answers."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class PageServer:
    """Answers by the path of a request, or by ``print:ID`` for a print page; 404 for all else."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append(self.path)
                answer = outer.respond(self.path, self.headers)
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                self.send_response(answer.status)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name in the base class
                pass

        class QuietServer(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """Say nothing: a crawler that hangs up on a huge page is what some tests want."""

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def respond(self, target: str, headers: Message) -> Answer:  # noqa: ARG002  # for those that look at them
        """Return the answer to a request."""
        parts = urlsplit(target)
        code = parse_qs(parts.query).get("code")
        return self.answer(f"print:{code[0]}" if code else parts.path)

    def answer(self, key: str) -> Answer:
        """Return what an address answers."""
        return self.answers.get(key, Answer(status=404))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class ImpatientServer(PageServer):
    """Refuses an address so many times, and notes when each request came."""

    def __init__(self, refusals: list[Answer]) -> None:
        super().__init__({"print:1": Answer(print_page(1))})
        self.refusals = refusals
        self.moments: list[float] = []

    def answer(self, key: str) -> Answer:
        if not key.startswith("print:"):
            return super().answer(key)
        self.moments.append(time.monotonic())
        return self.refusals.pop(0) if self.refusals else super().answer(key)


def print_page(article_id: int, headline: str = "آغاز ساخت پل تازه در شهر", body: str = "متن خبر.") -> str:
    """Return a print page of our own words."""
    return (
        "<html><body><div>پیام فارس</div><div>شهردار خبر داد:</div>"
        f"<div>{headline}</div><div>چهارشنبه 28 ارديبهشت 1401 - 14:55:59</div>"
        f"<div>پیام فارس - لید خبر است.</div><div>&nbsp;</div><div>{body}</div><div>انتهای پیام</div><div></div>"
        f"<div>http://www.Fars-Online.ir/Fa/News/{article_id}/{headline.replace(' ', '-')}</div>"
        "<div>بستن&nbsp;&nbsp;&nbsp;چاپ</div></body></html>"
    )
