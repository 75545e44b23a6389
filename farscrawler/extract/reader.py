"""The one entry: a page's bytes to an Article, or to NoArticle with the reason.

``read_article`` is ``read_page``, which reads the raw fields, and then ``fill``, which makes the fields of an Article
from them. A crawl does the same in two places: the spider calls ``read_page``, and each pipeline one step of ``fill``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from lxml import etree

from farscrawler.cpu_limit import TookTooLongError, cpu_limit
from farscrawler.extract import engine, eras, fallback, general, incsys, notices
from farscrawler.extract.article import fill, flaw
from farscrawler.extract.document import MAX_ELEMENTS, Decoded, Document, decode, has_too_many_elements, is_wide, parse
from farscrawler.extract.explain import Evidence
from farscrawler.extract.family import bears, detect_in, family_data
from farscrawler.extract.lines import block_lines
from farscrawler.extract.metadata import captured_in
from farscrawler.extract.page import NoArticle, Page, RawFields, Reason
from farscrawler.items import Article
from farscrawler.publishers.loader import families

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.publishers import Publisher

# Fifteen times the largest article page seen (262 KB); beyond it memory and time are spent on what is no news page.
MAX_BODY_BYTES = 4 * 1024 * 1024
# Three hundred times a common page. The rules have bounds of their own: what is beyond this is a pattern of a user's
# stanza that goes back over the page again and again, and it costs that page.
MAX_CPU_SECONDS = 3.0
# What is no HTML by its label. An article under such a label is one all the same, as with a wrong status: servers
# mislabel now and then, and a page refused for good by its label would be lost.
_FOREIGN_PREFIXES = ("image/", "audio/", "video/", "font/", "model/")
_FOREIGN_NAMES = """
    application/atom+xml application/gzip application/javascript application/json application/ld+json
    application/msword application/pdf application/rss+xml application/vnd.ms-excel application/x-gzip
    application/x-rar-compressed application/x-shockwave-flash application/zip text/css text/csv text/javascript
"""
_FOREIGN = frozenset(_FOREIGN_NAMES.split())
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"%PDF", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"Rar!", b"OggS")
# A page with a stray NUL is a page; a file of another kind has more of them than one byte in so many.
_NUL_SHARE = 1024

ReadFields = Callable[[Document], RawFields | NoArticle]
#: Families that data alone cannot read; the engine reads all others.
_READERS: Mapping[str, ReadFields] = MappingProxyType({"incsys": incsys.read_fields, "unknown": general.read_fields})


def read_article(
    body: bytes,
    *,
    publisher: Publisher,
    url: str,
    form: str | None = None,
    article_id: str | None = None,
    content_type: str | None = None,
    fetched_at: str = "",
    stored_url: str | None = None,
    evidence: Evidence | None = None,
) -> Article | NoArticle:
    """Return the article on a page, or what the page is instead. Never raises, on any bytes.

    ``form`` is the form that was asked for (None: the one that ``url`` is in); ``fetched_at`` when the page was
    fetched, as in Article (``""``: nobody knows; relative times are then refused); ``stored_url`` the address that
    stands for the article, where it is not ``url``. For the rest see ``read_page``.
    """
    page = read_page(
        body,
        publisher=publisher,
        form=form or publisher.form_of(url) or "article",
        url=url,
        article_id=article_id,
        content_type=content_type,
        evidence=evidence,
    )
    if isinstance(page, NoArticle):
        return page
    at = fetched_at or captured_in(decode(body, content_type).text) or ""
    article = Article(publisher=publisher.key, article_id=page.article_id, url=stored_url or url, fetched_at=at)
    fill(article, page)
    problem = flaw(article)
    return article if problem is None else NoArticle("not-article", problem)


def read_page(
    body: bytes,
    *,
    publisher: Publisher,
    form: str,
    url: str,
    article_id: str | None,
    content_type: str | None,
    evidence: Evidence | None = None,
) -> Page | NoArticle:
    """Return the raw fields of the article on a page, or what the page is instead. Never raises, on any bytes.

    ``body`` is the decompressed body; ``form`` the form that was asked for; ``url`` the address it came from;
    ``article_id`` the id that was asked for (None: whatever article the page holds); ``content_type`` the header's
    value; ``evidence`` takes notes of where the fields come from. An article is a page with a headline and a
    timestamp line, whatever its status said; its own id, where it prints one, must be the one asked for.
    """
    refused = _refused(body, content_type)
    if refused is not None:
        return refused
    try:
        with cpu_limit(MAX_CPU_SECONDS):
            return _read(
                body,
                publisher=publisher,
                form=form,
                url=url,
                article_id=article_id,
                content_type=content_type,
                evidence=evidence,
            )
    except TookTooLongError:
        return NoArticle("not-article", Reason.TOOK_TOO_LONG)
    except etree.XPathError:  # of a stanza's selector on this page, or a limit of libxml2's
        return NoArticle("not-article", Reason.SELECTOR_FAILED)


def _read(
    body: bytes,
    *,
    publisher: Publisher,
    form: str,
    url: str,
    article_id: str | None,
    content_type: str | None,
    evidence: Evidence | None,
) -> Page | NoArticle:
    decoded = decode(body, content_type)
    # Parsed as it came where that is UTF-8 already: encoding a page once more costs as much as reading its fields.
    root, whole = parse(body if decoded.verbatim else decoded.text.encode("utf-8", "replace"))
    if not whole:
        return NoArticle("not-article", Reason.TOO_MANY_ATTRIBUTES if root is None else Reason.NESTED_TOO_DEEPLY)
    if root is None:
        return NoArticle("failed", Reason.EMPTY_BODY)
    document = Document(
        publisher=publisher,
        form=form,
        url=url,
        article_id=article_id if article_id is not None else publisher.article_id(url),
        text=decoded.text,
        root=root,
        evidence=evidence,
    )
    found, document = eras.read(document, _read_fields)
    if isinstance(found, NoArticle):
        refused = _mislabelled(content_type) or _explained(found, decoded.text, root)
        other = fallback.read(document, found, _read_as) if refused is found else None
        if other is None:
            return refused
        found = other
    if not found.paragraphs and found.lead is None:
        # Some templates print their notice where the headline would stand, with the date of today.
        notice = notices.notice("", (found.headline,))
        if notice is not None:
            return notice
    return _identified(document, found, decoded)


def walled(body: bytes, content_type: str | None) -> NoArticle | None:
    """Return that a body of any kind is a challenge page, None where it is none. Never raises."""
    text = decode(body[:MAX_BODY_BYTES], content_type).text
    root, _ = parse(text.encode("utf-8", "replace"))
    return notices.wall(text, block_lines(root).texts) if root is not None else None


def reader_of(family: str) -> ReadFields:
    """Return what reads the pages of a family. Raises LookupError where there is no such family."""
    if family not in families():
        raise LookupError(f"there is no family {family}")
    return _READERS.get(family, engine.read_fields)


def _read_fields(page: Document) -> RawFields | NoArticle:
    """Return the raw fields of an article page, or what it is instead. Never raises.

    The markup decides: a page that bears no mark of its publisher's family, and those of another one, is read as that
    one's, with a warning. A family with a module of its own reads first, and only a page in which it finds nothing is
    looked at again. What the stanza of a site on a system of its own does not say, the family of its markup may. A page
    from anywhere is read by the family of its markup, or as one of no known system.
    """
    if page.publisher.anywhere:
        return general.read_from_anywhere(page, _read_as)
    own = family_data(page.publisher.family)
    is_custom, has_module = own.fingerprint.is_empty, not own.selectors
    if not is_custom and not has_module and not bears(own.name, page.index, page.text):
        found = _otherwise(page)
        if found is not None:
            return found
    result = reader_of(own.name)(page)
    if isinstance(result, NoArticle):
        if has_module and result.outcome == "not-article":
            return _otherwise(page) or result
        return (_completed(page) or result) if is_custom and result.outcome != "failed" else result
    return result if not is_custom or result.paragraphs or result.lead else _completed(page) or result


def _completed(page: Document) -> RawFields | None:
    """Return an article whose stanza does not say where its text is, read by the family whose marks the page bears."""
    detected = detect_in(page.index, page.text)
    if detected is None:
        return None
    found, evidence = _read_as(page, replace(page.publisher, family=detected.family))
    if isinstance(found, NoArticle) or not found.paragraphs:
        return None
    page.believe(evidence)
    return found


def _otherwise(page: Document) -> RawFields | None:
    """Return the article of a page by the family whose marks it bears, None where it bears none or shows none."""
    detected = detect_in(page.index, page.text)
    if detected is None or detected.family == page.publisher.family:
        return None
    found, evidence = _read_as(page, general.of_family(page.publisher, detected.family))
    if isinstance(found, NoArticle):
        return None
    page.believe(evidence)
    warning = f"family-changed: {detected.family} instead of {page.publisher.family}"
    return replace(found, warnings=(warning, *found.warnings))


def _read_as(page: Document, publisher: Publisher) -> tuple[RawFields | NoArticle, Evidence | None]:
    """Read a page as one of a publisher of another family, with evidence of its own."""
    evidence = None if page.evidence is None else Evidence()
    return reader_of(publisher.family)(replace(page, publisher=publisher, evidence=evidence)), evidence


def _identified(document: Document, raw: RawFields, decoded: Decoded) -> Page | NoArticle:
    """Return the page, if it is the article that was asked for."""
    wanted, own = document.article_id, raw.article_id
    if wanted is None and own is None:
        return NoArticle("not-article", Reason.NO_ID)
    if wanted is not None and own is not None and wanted != own:
        return NoArticle("not-article", Reason.ANOTHER_ARTICLE, own)
    return Page(
        publisher=document.publisher,
        form=document.form,
        url=document.url,
        article_id=wanted or own or "",
        encoding=decoded.encoding,
        raw=raw,
        warnings=(*decoded.warnings, *raw.warnings),
        evidence=document.evidence,
    )


def _mislabelled(content_type: str | None) -> NoArticle | None:
    """Return that a body without an article is not even meant to be a page."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind.startswith(_FOREIGN_PREFIXES) or kind in _FOREIGN:
        return NoArticle("not-article", Reason.CONTENT_TYPE, kind)
    return None


def _refused(body: bytes, content_type: str | None) -> NoArticle | None:
    """Return why a body is not worth parsing."""
    if len(body) > MAX_BODY_BYTES:
        return NoArticle("not-article", Reason.TOO_LARGE, f"{MAX_BODY_BYTES} bytes")
    if not body.strip():
        return NoArticle("failed", Reason.EMPTY_BODY)
    if has_too_many_elements(body):
        return NoArticle("not-article", Reason.TOO_MANY_ELEMENTS, f"{MAX_ELEMENTS}")
    nuls = body.count(b"\0") if b"\0" in body else 0  # to look for one is ten times as fast
    if body.startswith(_MAGIC) or (nuls * _NUL_SHARE > len(body) and not is_wide(body, content_type)):
        return NoArticle("not-article", Reason.BINARY)
    return None


def _explained(found: NoArticle, text: str, root: Element) -> NoArticle:
    """Look whether a page without an article says why: a wall, an error page, a soft 404."""
    shown = block_lines(root)
    # A teaser of news may be called like a notice, and a notice is no link.
    lines = [line for i, line in enumerate(shown.texts) if i not in shown.links]
    walled = notices.wall(text, shown.texts)
    if walled is not None:
        return walled
    if found.reason is Reason.CUT_OFF:
        return found
    title = next(root.iter("title"), None)
    return notices.notice("" if title is None else title.text or "", lines) or found
