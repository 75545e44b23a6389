"""How much of the text of pages of any site is found: `python -m benchmarks.extractors FOLDER`.

FOLDER holds `html/NAME.html` and `txt/NAME.txt`, as tests/data in the source distribution of newspaper4k does: saved
pages in eight languages with their texts. They belong to their publishers, and are no part of this project.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import trafilatura
from lxml import html
from readability import Document

from farscrawler.extract import NoArticle, read_article
from farscrawler.extract.lines import block_lines
from farscrawler.publishers.model import ANY_SITE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FETCHED = "2026-11-27T00:00:00+00:00"
#: Scripts that put no blanks between words begin here; their letters are compared.
_NO_BLANKS_FROM = 0x2E80


def ours(page: bytes) -> str:
    """Return lead and body as `farscrawler parse-page` reads them; nothing for a page that is refused."""
    address = "https://www.example.org/article"
    found = read_article(page, publisher=ANY_SITE, url=address, fetched_at=_FETCHED)
    return "" if isinstance(found, NoArticle) else f"{found.lead or ''}\n{found.body}"


def readability(page: bytes) -> str:
    """Return the main part as readability-lxml finds it."""
    return "\n".join(block_lines(html.fromstring(Document(_text(page)).summary())).texts)


def by_trafilatura(page: bytes) -> str:
    """Return the text as trafilatura extracts it."""
    return trafilatura.extract(_text(page), include_comments=False) or ""


READERS: dict[str, Callable[[bytes], str]] = {
    "farscrawler": ours,
    "readability-lxml": readability,
    "trafilatura": by_trafilatura,
}


def f1(found: str, wanted: str) -> float:
    """Return the harmonic mean of precision and recall of words."""
    right, said = _words(wanted), _words(found)
    return 2 * (right & said).total() / max(1, right.total() + said.total())


def _words(text: str) -> Counter[str]:
    no_blanks = sum(ord(letter) >= _NO_BLANKS_FROM for letter in text) > len(text) / 3
    return Counter(re.findall(r"\w" if no_blanks else r"\w+", text))


def _text(page: bytes) -> str:
    return page.decode("utf-8", "replace")


def pages(folder: Path) -> Iterator[tuple[str, bytes, str]]:
    """Yield name, page and text of every page whose text is known."""
    for text in sorted(folder.glob("txt/*.txt")):
        page = folder / "html" / f"{text.stem}.html"
        if page.is_file():
            yield text.stem, page.read_bytes(), text.read_text(encoding="utf-8")


def main(folder: Path) -> None:
    """Print a line a page, and the means."""
    known = list(pages(folder))
    if not known:
        sys.exit(f"{folder} holds no html/NAME.html with a txt/NAME.txt beside it.")
    scores: dict[str, list[float]] = {name: [] for name in READERS}
    refused = 0
    for name, page, wanted in known:
        found = {reader: read(page) for reader, read in READERS.items()}
        refused += not found["farscrawler"]
        for reader, text in found.items():
            scores[reader].append(f1(text, wanted))
        print(f"{name:24}", *(f"{reader} {scores[reader][-1]:.2f}" for reader in READERS))
    read_pages = [score for score in scores["farscrawler"] if score]
    print(
        f"{len(known)} pages, {refused} refused by farscrawler; its mean F1 over those it reads: {mean(read_pages):.3f}"
    )
    print("mean F1 over all:", *(f"{reader} {mean(found):.3f}" for reader, found in scores.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
