"""The engine of all families that are data: from a page and the selectors that hold for it to the parts of its article.

Shared behaviour stands here and in farscrawler.extract; families/<family>.toml says what is a family's own, and a
stanza what is a site's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from farscrawler.extract import printed_times as times
from farscrawler.extract.body import BodyText, body_paragraphs, machine_paragraphs, read_body
from farscrawler.extract.document import is_closed
from farscrawler.extract.fields import authors_of, images_of, section_of, tags_of
from farscrawler.extract.front_pages import front_page, without_article
from farscrawler.extract.links import MANY_LINKS
from farscrawler.extract.metadata import Machine, own_addresses
from farscrawler.extract.page import NoArticle, RawFields, Reason
from farscrawler.extract.selection import LESS_TRUSTED, Selection
from farscrawler.extract.service_pages import is_service_page
from farscrawler.persian import fold_label
from farscrawler.publishers.form import normal_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element as Element

    from farscrawler.extract.document import Document
    from farscrawler.extract.metadata import JsonLd
    from farscrawler.extract.time_rules import TimeCandidate
    from farscrawler.publishers import Publisher

# Lead classes are used again in lists of teasers: a text that stands more often than twice is none of the article's.
# Twice it may stand: many pages have every block once more for narrow screens.
_MAX_LEADS = 2
_ELLIPSES = ("…", "...")
_TITLE_SEPARATORS = (" - ", " – ", " — ", " | ", " :: ", " « ", " » ", " ؛ ")


def read_fields(
    page: Document,
    *,
    select: Callable[[Document], Selection] = Selection,
    find_text: Callable[[Selection], BodyText] = read_body,
    find_times: Callable[[Selection, Machine, JsonLd], list[TimeCandidate]] = times.published,
) -> RawFields | NoArticle:
    """Return the raw parts of an article page, or what the page is instead.

    ``select`` makes the selection; ``find_text`` and ``find_times`` look for text and times of publication, where
    selectors alone do not find them.
    """
    selection = select(page)
    printed = selection.first("headline")
    machine = Machine(selection.index, selection.headline)
    said = machine.read_jsonld(printed, page.article_id, page.publisher.article_id)
    candidates = find_times(selection, machine, said)
    kicker, lead = selection.first("kicker"), _lead(selection)
    section, tags, authors = (
        section_of(selection, machine, said, printed),
        tags_of(selection, machine, said),
        authors_of(selection),
    )
    permalink = selection.first("permalink")
    text = find_text(selection)
    body = said.body if page.publisher.rules.json_ld_body and not text.texts else None
    headline = printed or (_machine_headline(selection, machine, said) if text.texts or body else None)
    if headline is not None and is_service_page(
        _without_site(headline, page.publisher, machine.meta("og:site_name")) or headline,
        section,
        page.publisher,
        machine.metas.get("og:site_name", ()),
    ):
        return NoArticle("not-article", Reason.SERVICE_PAGE)
    # A list has headlines and times like an article's.
    is_list = _heads_another(selection) or (not text.texts and times.is_of_list(selection, candidates))
    front = Reason.LIST if is_list else front_page(selection, has_text=text.texts)
    if front is not None and (is_list or is_closed(page.text)):
        return NoArticle("not-article", front)
    if (
        headline is not None
        and text.texts
        and not (candidates or page.publisher.rules.undated)
        and is_closed(page.text)
    ):
        return NoArticle("not-article", Reason.NO_TIMESTAMP)  # something is there, and another form of it may say when
    if headline is None or not (candidates or page.publisher.rules.undated):
        return _without_article(page, frame=text.box is not None or printed is not None)
    if not is_closed(page.text):
        return NoArticle("failed", Reason.CUT_OFF, "page not closed")
    own_id = _own_id(selection)
    paragraphs = body_paragraphs(selection, text, own_id or page.article_id)
    if body is not None:
        paragraphs = machine_paragraphs(selection, body, own_id or page.article_id)
    texts = paragraphs.texts
    if lead is not None:
        lead, texts = _apart(selection, lead, texts)
    return RawFields(
        headline=headline,
        kicker=_not_twice(selection, "kicker", kicker, headline),
        subtitle=_not_twice(selection, "subtitle", selection.first("subtitle"), headline, lead),
        published_text=next(
            (one.text for one in candidates if not one.machine), candidates[0].text if candidates else None
        ),
        published_times=tuple(candidates),
        modified_times=tuple(times.modified(selection, machine, said)),
        lead=lead,
        paragraphs=texts,
        agency=selection.first("agency"),
        section=section,
        authors=authors,
        tags=tags,
        images=images_of(selection, text),
        permalink=permalink,
        article_id=own_id,
        warnings=paragraphs.warnings,
    )


def _heads_another(selection: Selection) -> bool:
    """Whether the first of many headlines is a link to another article than the one asked for: an entry of a list."""
    page = selection.page
    _, elements = next(selection.places("headline"), (None, []))
    if len(elements) < MANY_LINKS:
        return False
    href = _link_of(elements[0])
    try:
        linked = page.publisher.article_id(urljoin(page.url, href)) if href else None
    except ValueError:
        return False
    return linked is not None and linked != page.article_id


def _link_of(element: Element) -> str | None:
    """Return where a headline links to: the link in it, or the one around it."""
    for link in (*element.iter("a"), *element.iterancestors("a")):
        return link.get("href")
    return None


def _machine_headline(selection: Selection, machine: Machine, said: JsonLd) -> str | None:
    """Return the headline that the page says to machines alone, without the site's name behind it."""
    title = machine.meta("og:title")
    bare = _without_site(title, selection.page.publisher, machine.meta("og:site_name")) if title else None
    taken: str | None = None
    for where, value in (
        ("meta headline", machine.meta("headline")),
        ("json-ld headline", said.headline),
        ("meta og:title", bare),
    ):
        if not value:
            continue
        if taken is None:
            taken = value
            selection.took("headline", where, value)
        else:
            selection.refused("headline", where, value, LESS_TRUSTED)
    return taken


def _without_site(title: str, publisher: Publisher, site_name: str | None) -> str | None:
    """Return a title without the site's name; None where nothing else is in it."""
    names = {fold_label(name) for name in (*publisher.site_names, publisher.name, site_name or publisher.name)}
    for separator in _TITLE_SEPARATORS:
        head, found, tail = title.rpartition(separator)
        if found and fold_label(tail) in names:
            return head.strip() or None
    return None if fold_label(title) in names else title


def _lead(selection: Selection) -> str | None:
    taken: str | None = None
    for query, found in selection.values("lead"):
        texts = list(dict.fromkeys(value for _, value in found))
        if len(found) > _MAX_LEADS and len(texts) > 1:
            selection.refused("lead", str(query), texts[0], f"stands {len(found)} times, as in a list of teasers")
        elif taken is None:
            taken = _run_on(found)
            selection.took("lead", str(query), taken, *(one for one, value in found if value in taken))
            for value in texts:
                if value not in taken:
                    selection.refused("lead", str(query), value, "it stands apart from the first")
            if not selection.is_explained:
                break
        else:
            selection.refused("lead", str(query), texts[0], LESS_TRUSTED)
    return taken


def _run_on(found: list[tuple[Element, str]]) -> str:
    """Return a lead with the paragraphs of it that follow at once; one that is there already, cut off, is none."""
    (last, lead), *others = found
    for element, value in others:
        if last.getnext() is not element:
            break
        last = element
        if not fold_label(lead).startswith(fold_label(value).rstrip("….").rstrip()):
            lead = f"{lead} {value}"
    return lead


def _apart(selection: Selection, lead: str, texts: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """Return lead and paragraphs so that neither repeats the other."""
    first = next((i for i, text in enumerate(texts) if text), None)
    if first is None:
        return lead, texts
    said, opening = fold_label(lead), fold_label(texts[first])
    if said == opening:
        rest = texts[first + 1 :]
        if any(rest):
            selection.refused("body", "the first paragraph", texts[first], "it repeats the lead")
            return lead, rest
        return None, texts  # a lone paragraph is body
    if said.endswith(_ELLIPSES) and opening.startswith(said.rstrip("….").rstrip()):
        selection.refused("lead", "the markup", lead, "it is the beginning of the first paragraph, cut off")
        return None, texts
    return lead, texts


def _not_twice(selection: Selection, field: str, value: str | None, *others: str | None) -> str | None:
    """Return the value of a field that does not repeat another one."""
    if value is not None and fold_label(value) in {fold_label(other) for other in others if other}:
        selection.refused(field, "the markup", value, "it repeats another field")
        return None
    return value


def _own_id(selection: Selection) -> str | None:
    """Return the id that the page says it is: of its address for machines, or (where that is one) its news code."""
    publisher = selection.page.publisher
    for where, address in own_addresses(selection.index):
        article_id = publisher.article_id(selection.page.absolute(address))
        if article_id is not None:
            selection.took("article_id", where, address)
            return article_id
    if not publisher.rules.code_is_id:
        return None
    for query, found in selection.values("code"):
        for _, value in found:
            code = normal_id(value.rpartition(":")[2].strip())
            own_id = publisher.id_of_code(code, selection.page.article_id) if code is not None else None
            if own_id is not None:
                selection.took("article_id", str(query), value)
                return own_id
    return None


def _without_article(page: Document, *, frame: bool) -> NoArticle:
    if not is_closed(page.text):
        return NoArticle("failed", Reason.UNFINISHED)
    return without_article(page, frame=frame)
