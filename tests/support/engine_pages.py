"""Pages and stanzas of an invented site, for the engine of the families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.publishers.loader import read_text
from tests.support.extract_pages import article_of

if TYPE_CHECKING:
    from farscrawler.outcomes.visit import FetchedArticle
    from farscrawler.publishers import Publisher


STANZA = '[site]\nname = "سایت نمونه"\nhosts = ["www.site.ir"]\n'
TIME = "<span class=date>۵ تیر ۱۴۰۲ - ۱۰:۱۱</span>"
SELECTORS = '[site.selectors]\nheadline = ["h1"]\nlead = [".lead"]\nbody = [".text"]\npublished = [".date"]\n'
FORMS = "[site.forms.article]\nurl = \"/news/{id}\"\npaths = ['/news/(\\d+)(?:/[^/]*)?/?']\n"


def site(more: str = "", family: str = "custom", selectors: str = SELECTORS) -> Publisher:
    forms = FORMS if family == "custom" else ""
    (publisher,) = read_text(f"{STANZA}{forms}{selectors}{more}", f"{family}.toml")
    return publisher


def closed(inner: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>x</title>{head}</head><body>{inner}</body></html>"


def page(text: str, above: str = "", below: str = "", head: str = "") -> str:
    return closed(f"<h1>تیتر</h1>{TIME}{above}<div class=text>{text}</div>{below}", head)


def read(body: str, more: str = "") -> FetchedArticle:
    return article_of(body, "7", publisher=site(more), form="article")
