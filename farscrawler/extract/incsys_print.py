"""The print page of incsys: its tags are unknown, so it is read from the sequence of its block-level lines.

Two lines cannot be mistaken, the timestamp and the permalink; everything else is placed by them. Every line but the
headline and these two may be absent. Source: the site's own print page and the stored text of two others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.extract.boilerplate import article_text, is_button, is_tool, trim_blanks
from farscrawler.extract.document import is_closed
from farscrawler.extract.fields import letters, place_headings, split_dateline
from farscrawler.extract.incsys_lines import (
    Above,
    Permalink,
    above_text,
    choose,
    is_dated,
    is_frame,
    is_of_today,
    is_own_address,
    permalinks,
    wrapped,
)
from farscrawler.extract.lines import Lines, block_lines
from farscrawler.extract.links import MANY_LINKS, linked_articles
from farscrawler.extract.page import NoArticle, RawFields, Reason
from farscrawler.persian import fold_label
from farscrawler.timestamps import looks_like

if TYPE_CHECKING:
    from collections.abc import Sequence

    from farscrawler.extract.document import Document
    from farscrawler.publishers import Publisher

NO_PERMALINK = "no-permalink"
# An agency's line stands alone under the timestamp, above the lead: «خبرگزاری مهر». Words that only agencies begin
# with are enough; any other short line counts only when a dateline opens the next one.
_AGENCY = re.compile(r"(?:خبرگزاری|پایگاه خبری|باشگاه خبرنگاران|سایت خبری|شبکه خبری) (?!ها\b|های\b)\S+(?: \S+){0,2}")
_AGENCIES = frozenset(map(fold_label, ("ایسنا", "ایرنا", "ایلنا", "ایکنا", "ایمنا", "تسنیم", "مهر", "فارس", "برنا")))
_MAX_AGENCY_WORDS = 5
_SENTENCE_ENDS = (".", ":", "؟", "!", "،", "؛")


def read_print(page: Document) -> RawFields | NoArticle:
    """Return the parts of a print page; ``failed`` when it is cut off before its permalink has been printed whole."""
    publisher = page.publisher
    lines = block_lines(page.root, fields=True)
    texts = lines.texts
    names = frozenset(map(fold_label, publisher.site_names))
    addresses = permalinks(texts, publisher)
    above, addresses = _above(texts, names, addresses, page.article_id)
    if above is None:
        return _without_article(page, texts, names)
    permalink = choose([one for one in addresses if one.index >= above.below], page.article_id, above.named)
    if permalink is None:
        return _without_permalink(page, lines, above)
    if _several_articles(texts, addresses, above, permalink):
        return NoArticle("not-article", Reason.SEVERAL_ARTICLES)
    if _cut_in_permalink(page, texts, above, permalink):
        return NoArticle("failed", Reason.CUT_OFF, "in the permalink")
    return _raw_fields(page, lines, above, permalink)


def _above(
    texts: Sequence[str],
    names: frozenset[str],
    addresses: list[Permalink],
    wanted: str | None,
) -> tuple[Above | None, list[Permalink]]:
    """Return what stands above the text, and the permalinks, where need be one that is wrapped over several lines."""
    taken = {one.index for one in addresses}
    own = [one for one in addresses if wanted is None or one.article_id == wanted]
    above = above_text(texts, names, {one.headline for one in own}, taken)
    if own and not (above and above.named):
        longer = wrapped(own[-1], texts)
        again = above_text(texts, names, {one.headline for one in longer}, taken) if longer else None
        if again is not None and again.named:
            return again, addresses + longer
    return above, addresses


def _raw_fields(page: Document, lines: Lines, above: Above, permalink: Permalink | None) -> RawFields:
    """Return the parts of an article; ``permalink`` None: the text goes on to the end of the page."""
    publisher = page.publisher
    shift, end = above.below, permalink.index if permalink else len(lines.texts)
    placed = place_headings(above.headings, permalink.slug if permalink else None, above.passed_over)
    between = Lines(lines.texts[shift:end], {i - shift: href for i, href in lines.links.items() if shift <= i < end})
    text = article_text(between, publisher, permalink.article_id if permalink else page.article_id)
    agency, paragraphs = _agency(text.texts, publisher)
    return RawFields(
        headline=placed.headline,
        kicker=placed.kicker,
        subtitle=placed.subtitle,
        published_text=above.published,
        paragraphs=paragraphs,
        agency=agency,
        permalink=permalink.text if permalink else None,
        article_id=permalink.article_id if permalink else None,
        warnings=(*placed.warnings, *text.warnings, *(() if permalink else (NO_PERMALINK,))),
    )


def _several_articles(
    texts: Sequence[str],
    addresses: Sequence[Permalink],
    above: Above,
    permalink: Permalink,
) -> bool:
    """Whether another article stands on the page, so that nobody can tell whose the text is.

    It has a permalink of its own, and a timestamp line that is not this article's. Below this article one does no
    harm, where this permalink names the headline: then the article is whole.
    """
    for one in addresses:
        if one.article_id == permalink.article_id:
            continue
        if one.index < above.clock:
            span = texts[: one.index]
        elif one.index < permalink.index:
            span = texts[one.index + 1 : permalink.index]
        else:
            span = [] if above.named else texts[permalink.last + 1 : one.index]
        if any(is_dated(text) and not is_of_today(text) for text in span):
            return True
    return False


def _cut_in_permalink(page: Document, texts: Sequence[str], above: Above, permalink: Permalink) -> bool:
    """Whether the page ends within its permalink, or with a part of it that is no more than the headline's start."""
    if permalink.last == len(texts) - 1 and not page.text.rstrip().endswith(">"):
        return True
    slug = permalink.headline
    if above.named or not slug or is_closed(page.text):
        return False
    starts = range(len(above.headings))
    return any(letters(" ".join(above.headings[i:])).startswith(slug) for i in starts)


def _agency(paragraphs: tuple[str, ...], publisher: Publisher) -> tuple[str | None, tuple[str, ...]]:
    """Split the agency's line from the paragraphs below it."""
    if not paragraphs:
        return None, paragraphs
    first, rest = paragraphs[0], trim_blanks(paragraphs[1:])
    name = first.removesuffix(":").rstrip(" \u00a0")
    if len(name.split()) > _MAX_AGENCY_WORDS or name.endswith(_SENTENCE_ENDS):
        return None, paragraphs
    if split_dateline(first, publisher.datelines):
        return None, paragraphs
    plain = fold_label(name)
    above_dateline = bool(rest) and split_dateline(rest[0], publisher.datelines) is not None
    if above_dateline or plain in _AGENCIES or _AGENCY.fullmatch(plain):
        return first, rest
    return None, paragraphs


def _without_permalink(page: Document, lines: Lines, above: Above) -> RawFields | NoArticle:
    """Return the article of a page that is whole to its last line, the buttons, yet prints no permalink."""
    if is_closed(page.text):
        if len(linked_articles(page.root, page.publisher, page.url)) >= MANY_LINKS:
            return NoArticle("not-article", Reason.LIST)
        below = [text for text in lines.texts[above.below :] if text]
        if below and is_button(below[-1]) and not any(map(is_dated, below)):
            return _raw_fields(page, lines, above, None)
    return NoArticle("failed", Reason.CUT_OFF, "no permalink")


def _without_article(page: Document, texts: Sequence[str], names: frozenset[str]) -> NoArticle:
    """Return what a page without a headline is: an empty template, cut off before its timestamp, or another page."""
    said = [text for text in texts if text]
    if not is_closed(page.text) and not (said and is_tool(said[-1])):
        return NoArticle("failed", Reason.UNFINISHED)
    if all(is_frame(text, names) or is_own_address(text, page.publisher) or looks_like(text) for text in said):
        return NoArticle("missing", Reason.EMPTY_TEMPLATE)
    return NoArticle("not-article", Reason.NO_HEADLINE_AND_TIMESTAMP)
