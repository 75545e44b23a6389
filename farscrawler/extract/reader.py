"""Read a page by the family its publisher is said to be of, or by the one whose marks it bears instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from farscrawler.extract import engine, incsys, notices, unknown
from farscrawler.extract.document import Decoded, Document, decode, is_wide, parse
from farscrawler.extract.family import bears, detect_in, detections, family_data
from farscrawler.extract.fields import letters
from farscrawler.extract.lines import block_lines, inline_text
from farscrawler.extract.page import CUT_OFF, EMPTY_BODY, IS_ARTICLE, Anatomy, Evidence, NoArticle, Page
from farscrawler.publishers.loader import families

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.publishers import Publisher


Dissect = Callable[[Document], Anatomy | NoArticle]
#: Families that data alone cannot read; the engine reads all others.
_READERS: Mapping[str, Dissect] = {"incsys": incsys.dissect, "unknown": unknown.dissect}


def family(name: str) -> Dissect:
    """Return what reads the pages of a family; LookupError where there is no such family."""
    if name not in families():
        raise LookupError(f"there is no family {name}")
    return _READERS.get(name, engine.dissect)


# Letters; shorter headings are a word or two, which any title may hold.
_LEAST_HEADLINE = 8
_HEADINGS = 5  # more of them are no titles
_HOME = re.compile(r"(?:(?:https?:)?//[^/]+)?/?(?:fa/?)?", re.IGNORECASE)


def read(page: Document) -> Anatomy | NoArticle:
    """Return the raw parts of an article page, or what it is instead. Never raises.

    The markup decides: a page that bears no mark of its publisher's family, and those of another one, is read as that
    one's, with a warning. A family with a module of its own reads first, and only a page in which it finds nothing is
    looked at again. What the stanza of a site on a system of its own does not say, the family of its markup may. A page
    from anywhere is read by the family of its markup, or as one of no known system.
    """
    if page.publisher.anywhere:
        return _from_anywhere(page)
    own = family_data(page.publisher.family)
    is_custom, has_module = own.fingerprint.is_empty, not own.selectors
    if not is_custom and not has_module and not bears(own.name, page.index, page.text):
        found = _otherwise(page)
        if found is not None:
            return found
    result = family(own.name)(page)
    if isinstance(result, NoArticle):
        if has_module and result.outcome == "not-article":
            return _otherwise(page) or result
        return (_completed(page) or result) if is_custom and result.outcome != "failed" else result
    return result if not is_custom or result.paragraphs or result.lead else _completed(page) or result


def _completed(page: Document) -> Anatomy | None:
    """Return an article whose stanza says not where its text is, read by the family whose marks the page bears."""
    detected = detect_in(page.index, page.text)
    if detected is None:
        return None
    found, evidence = _read_apart(page, replace(page.publisher, family=detected.family))
    if isinstance(found, NoArticle) or not found.paragraphs:
        return None
    _believe(page, evidence)
    return found


def _otherwise(page: Document) -> Anatomy | None:
    """Return the article of a page by the family whose marks it bears, None where it bears none or shows none."""
    detected = detect_in(page.index, page.text)
    if detected is None or detected.family == page.publisher.family:
        return None
    found, evidence = _read_apart(page, _of_family(page.publisher, detected.family))
    if isinstance(found, NoArticle):
        return None
    _believe(page, evidence)
    warning = f"family-changed: {detected.family} instead of {page.publisher.family}"
    return replace(found, warnings=(warning, *found.warnings))


def _from_anywhere(page: Document) -> Anatomy | NoArticle:
    """Read a page by the family whose marks it bears most of, if what it finds is what the page calls itself.

    A widget of another site brings marks and headlines of its own. What no family finds so, or without a text, is read
    as a page of no known system; what is none either, as the first family has it, unless the page calls itself
    otherwise.
    """
    first: tuple[Anatomy, Evidence | None] | None = None
    titles = _titles(page)
    for detected in detections(page.index, page.text):
        found, evidence = _read_apart(page, _of_family(page.publisher, detected.family))
        if isinstance(found, NoArticle):
            continue
        found = replace(found, article_id=None)  # nobody said what it would be
        first = first or (found, evidence)
        is_titled = not titles or any(letters(found.headline) in title for title in titles)
        if is_titled and (any(found.paragraphs) or found.lead):
            _believe(page, evidence)
            return found
    found, evidence = _read_apart(page, page.publisher)
    if isinstance(found, NoArticle) and first is not None and not titles:
        found, evidence = first
    _believe(page, evidence)
    return found


def _titles(page: Document) -> list[str]:
    """Return what a page calls itself, letters and digits alone, where a heading of it says the same.

    Many titles are no more than the site's name, and the heading that says so leads to its first page.
    """
    said = [one.text for one in page.index.tagged("title")[:1]]
    said += [one.get("content") for one in page.index.tagged("meta") if one.get("property") == "og:title"]
    headings = [letters(inline_text(one) or "") for one in page.index.tagged("h1")[:_HEADINGS] if not _leads_home(one)]
    titles = {letters(one) for one in said if one}
    return [one for one in titles if any(len(h1) >= _LEAST_HEADLINE and h1 in one for h1 in headings)]


def _leads_home(heading: Element) -> bool:
    links = (*heading.iter("a"), *heading.iterancestors("a"))
    return any(_HOME.fullmatch((link.get("href") or "").strip()) for link in links)


def _of_family(publisher: Publisher, name: str) -> Publisher:
    """Return a publisher as one of another family.

    Selectors of the stanza are those of the old system; what else it says holds of the site still.
    """
    return replace(publisher, family=name, selectors=MappingProxyType({}), rules=family_data(name).rules)


def _read_apart(page: Document, publisher: Publisher) -> tuple[Anatomy | NoArticle, Evidence | None]:
    """Read a page as one of a publisher of another family, with notes of its own."""
    evidence = None if page.evidence is None else Evidence()
    return family(publisher.family)(replace(page, publisher=publisher, evidence=evidence)), evidence


def _believe(page: Document, evidence: Evidence | None) -> None:
    """Make the notes of one reading those of the page, in place of those of others that came to nothing."""
    if page.evidence is not None and evidence is not None:
        page.evidence.findings[:] = evidence.findings


# Tell an article from everything else that an address can answer.
# Fifteen times the largest article page seen (262 KB); beyond it memory and time are spent on what is no news page.
MAX_BODY_BYTES = 4 * 1024 * 1024
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


def recognise(
    body: bytes,
    *,
    publisher: Publisher,
    form: str,
    url: str,
    article_id: str | None,
    content_type: str | None,
    evidence: Evidence | None = None,
) -> Page | NoArticle:
    """Return the article on a page, or what the page is instead. Never raises, on any bytes.

    ``body`` is the decompressed body; ``form`` the form that was asked for; ``url`` the address it came from;
    ``article_id`` the id that was asked for (None: whatever article the page holds); ``content_type`` the header's
    value; ``evidence`` takes notes of where the fields come from. An article is a page with a headline and a
    timestamp line, whatever its status said; its own id, where it prints one, must be the one asked for.
    """
    refused = _refused(body, content_type)
    if refused is not None:
        return refused
    decoded = decode(body, content_type)
    # Parsed as it came where that is UTF-8 already: encoding a page once more costs as much as reading its fields.
    root, whole = parse(body if decoded.verbatim else decoded.text.encode("utf-8", "replace"))
    if not whole:
        return NoArticle("not-article", "too many attributes" if root is None else "nested too deeply")
    if root is None:
        return NoArticle("failed", EMPTY_BODY)
    document = Document(
        publisher=publisher,
        form=form,
        url=url,
        article_id=article_id if article_id is not None else publisher.article_id(url),
        text=decoded.text,
        root=root,
        evidence=evidence,
    )
    found = read(document)
    if isinstance(found, NoArticle):
        return _mislabelled(content_type) or _explained(found, decoded.text, root)
    if not found.paragraphs and found.lead is None:
        # Some templates print their notice where the headline would stand, with the date of today.
        said = notices.notice("", (found.headline,))
        if said is not None:
            return said
    return _identified(document, found, decoded)


def walled(body: bytes, content_type: str | None) -> NoArticle | None:
    """Return that a body of any kind is a challenge page, None where it is none. Never raises."""
    text = decode(body[:MAX_BODY_BYTES], content_type).text
    root, _ = parse(text.encode("utf-8", "replace"))
    return notices.wall(text, block_lines(root).texts) if root is not None else None


def _identified(document: Document, anatomy: Anatomy, decoded: Decoded) -> Page | NoArticle:
    """Return the page, if it is the article that was asked for."""
    wanted, own = document.article_id, anatomy.article_id
    if wanted is None and own is None:
        return NoArticle("not-article", "no article id")
    if wanted is not None and own is not None and wanted != own:
        return NoArticle("not-article", f"{IS_ARTICLE} {own}")
    return Page(
        publisher=document.publisher,
        form=document.form,
        url=document.url,
        article_id=wanted or own or "",
        encoding=decoded.encoding,
        anatomy=anatomy,
        warnings=(*decoded.warnings, *anatomy.warnings),
    )


def _mislabelled(content_type: str | None) -> NoArticle | None:
    """Return that a body without an article is not even meant to be a page."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind.startswith(_FOREIGN_PREFIXES) or kind in _FOREIGN:
        return NoArticle("not-article", f"content type {kind}")
    return None


def _refused(body: bytes, content_type: str | None) -> NoArticle | None:
    """Return why a body is not worth parsing."""
    if len(body) > MAX_BODY_BYTES:
        return NoArticle("not-article", f"larger than {MAX_BODY_BYTES} bytes")
    if not body.strip():
        return NoArticle("failed", EMPTY_BODY)
    nuls = body.count(b"\0")
    if body.startswith(_MAGIC) or (nuls * _NUL_SHARE > len(body) and not is_wide(body, content_type)):
        return NoArticle("not-article", "binary")
    return None


def _explained(found: NoArticle, text: str, root: Element) -> NoArticle:
    """Look whether a page without an article says why: a wall, an error page, a soft 404."""
    lines = block_lines(root).texts
    walled = notices.wall(text, lines)
    if walled is not None:
        return walled
    if found.reason.startswith(CUT_OFF):
        return found
    title = next(root.iter("title"), None)
    return notices.notice("" if title is None else title.text or "", lines) or found
