"""Tell an article from everything else that an address can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.families import read
from farscrawler.parsing import notices
from farscrawler.parsing.document import Document, parse
from farscrawler.parsing.encoding import Decoded, decode, is_wide
from farscrawler.parsing.lines import block_lines
from farscrawler.parsing.page import CUT_OFF, EMPTY_BODY, IS_ARTICLE, Anatomy, NoArticle, Page

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from farscrawler.parsing.evidence import Evidence
    from farscrawler.publishers import Publisher

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
