"""A draft as the text of a stanza, with a comment for what proves each key, and for what could not be told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from farscrawler.drafts.addresses import ENOUGH, is_moment
from farscrawler.drafts.doors import DatedTemplate
from farscrawler.drafts.sample import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from farscrawler.drafts.addresses import FormDraft
    from farscrawler.drafts.doors import DoorDrafts
    from farscrawler.drafts.fields import FieldDraft
    from farscrawler.drafts.trial import PageTrial

_HALF_SPACE = "\u200c"
#: What to look for where a field was not found, in the words of a page.
_LOOK_FOR = {
    "kicker": "the line above the headline (روتیتر), if the site has one",
    "headline": "the headline (تیتر)",
    "lead": "the first lines below the headline, set apart from the text (لید)",
    "body": "the box that holds the paragraphs",
    "published": "the line with day and clock",
    "section": "the label of the section, or the path above the headline",
    "tags": "the links below the text (برچسب‌ها)",
    "authors": "the name of who wrote it",
}
_DOORS = {
    "feeds": "a feed (RSS)",
    "sitemaps": "a sitemap",
    "archive": "a list of one day's articles (آرشیو), whose address has the day in it",
    "pages": "a list of all articles in numbered pages",
}


@dataclass(frozen=True)
class Head:
    """What a stanza begins with. ``named``: the page says the site's name; ``ids``: whether they grow with time."""

    key: str
    family: str
    name: str
    named: bool
    hosts: tuple[str, ...]
    scheme: str
    tz: str
    url: str
    ids: bool | None = None


def stanza_text(
    head: Head,
    form: FormDraft | None = None,
    fields: Mapping[str, FieldDraft] | None = None,
    doors: DoorDrafts | None = None,
    trials: Sequence[PageTrial] = (),
) -> str:
    """Return the stanza as a file of its own holds it."""
    lines = [f"# By `farscrawler detect`, from {_one_line(unquote(head.url))}"]
    if trials:
        lines.append(f"# Tried on {_pages(len(trials))}. «sure»: the site's own names tell it, on three pages or more.")
    lines += [f"[{head.key}]", f'family = "{head.family}"']
    if not head.named:
        lines.append("# The page does not say its name: write it here, in Persian.")
    lines += [f"name = {_quoted(head.name)}", f"hosts = {json.dumps(head.hosts)}"]
    if head.scheme == "http":
        lines.append('scheme = "http"')
    if head.tz != "Asia/Tehran":
        lines += ["# The clock of the country in the host's name.", f'tz = "{head.tz}"']
    lines += _form_lines(head, form)
    lines += _field_lines(head, fields or {}, trials)
    lines += _rule_lines(head, fields or {})
    lines += _door_lines(head, form, doors)
    return "\n".join((*lines, ""))


def _form_lines(head: Head, form: FormDraft | None) -> Iterator[str]:
    if form is None:
        return
    links = "1 other address has" if form.seen == 1 else f"{form.seen} other addresses have"
    doubt = "" if form.seen >= ENOUGH else "; compare it with more of the site's addresses"
    if form.named is not None:
        yield f"# {links} this form{doubt}."
        yield f'urls = "{form.named}"'
        return
    yield ""
    yield f"[{head.key}.forms.article]"
    if form.url is not None:
        if form.proof:
            yield f"# {_one_line(form.proof)}."
        yield f"url = {_quoted(form.url)}"
    elif form.proof:
        yield f"# No url: {_one_line(form.proof)}."
    else:
        yield "# No url: nothing shows that the id alone makes an address. Try one in a browser."
    if form.id == "text":
        yield 'id = "text"'
    if form.query is not None:
        yield f"query = {_quoted(form.query)}"
    yield f"# {links} this form{doubt}."
    yield f"paths = [{', '.join(map(_pattern, form.paths))}]"


def _field_lines(head: Head, fields: Mapping[str, FieldDraft], trials: Sequence[PageTrial]) -> Iterator[str]:
    if not fields:
        return
    yield ""
    yield f"[{head.key}.selectors]"
    for name in (*FIELDS, "code", "drop"):
        draft = fields.get(name)
        if draft is not None and draft.selectors:
            for line in _said(draft, trials):
                yield f"# {line}"
            yield f"{name} = [{', '.join(map(_quoted, draft.selectors))}]"
            continue
        if name not in FIELDS:
            continue
        read = sum(1 for one in trials if one.fields.get(name) in ("same", "only"))
        if draft is not None and draft.hint:
            yield f"# {name}: not found; look whether {draft.hint} is {_LOOK_FOR[name]}."
        elif draft is not None and draft.refused:
            yield f"# {name}: {draft.refused}; look for {_LOOK_FOR[name]}."
        elif read:
            yield f"# {name}: read from what the page says to machines, on {_pages(read)}."
        else:
            yield f"# {name}: not found; look for {_LOOK_FOR[name]}."


def _rule_lines(head: Head, fields: Mapping[str, FieldDraft]) -> Iterator[str]:
    if "code" in fields:
        yield from ("", f"[{head.key}.rules]", "# a page whose code is another number is another article")
        yield "code_is_id = true"


def _said(draft: FieldDraft, trials: Sequence[PageTrial]) -> Iterator[str]:
    """Yield how sure a selector is, and where it reads something else than the general rules."""
    if draft.field == "drop":
        yield "stands in the box of the text, and is none of it"
        return
    if draft.field == "code":
        yield f"the number of the address, on {_pages(draft.there)}"
        return
    if draft.is_sure:
        yield f"sure: on {draft.held} of {_pages(draft.there)} with it"
    elif draft.there == 1:
        yield "seen on one page alone" if draft.hint is None else f"seen on one page alone; {draft.hint}"
    else:
        why = "" if draft.named else f"; {draft.hint or 'found by look or position, which change sooner than names'}"
        yield f"likely: on {draft.held} of {_pages(draft.there)} with it{why}"
    doubtful = [at for at, one in enumerate(trials, 1) if one.fields.get(draft.field) in ("differs", "missing")]
    if doubtful:
        yield f"doubtful: read otherwise, or not at all, on page {', '.join(map(str, doubtful))}"
    more = [at for at, one in enumerate(trials, 1) if one.fields.get(draft.field) == "more"]
    if more:
        yield f"reads more than the general rules on page {', '.join(map(str, more))}; look whether it is text"


def _door_lines(head: Head, form: FormDraft | None, doors: DoorDrafts | None) -> Iterator[str]:
    lines = list(_id_lines(head, form)) if form is not None and form.named is None else []
    if doors is not None:
        lines += _source_lines(doors)
    if lines:
        yield from ("", f"[{head.key}.doors]", *lines)
    for one in doors.named("archive") if doors is not None else ():
        if isinstance(one.value, DatedTemplate):
            yield from ("", f"[{head.key}.doors.archive]", f"# {one.why}", f"url = {_quoted(one.value.url)}")
            if one.value.span != "day":
                yield f'span = "{one.value.span}"'


def _source_lines(doors: DoorDrafts) -> Iterator[str]:
    for name in ("sitemaps", "feeds"):
        if found := doors.named(name):
            yield from (f"# {one.why}" for one in found)
            yield f"{name} = [{', '.join(_quoted(str(one.value)) for one in found)}]"
    if doors.feed_tz is not None:
        yield "# its dates name no zone, and are the clock of the articles"
        yield f'feed_tz = "{doors.feed_tz}"'
    for one in doors.named("pages"):
        yield f"# {one.why}"
        yield f"pages = {_quoted(str(one.value))}"
    for name, looked in doors.missing.items():
        yield f"# {name}: {looked}; look for {_DOORS[name]}."


def _id_lines(head: Head, form: FormDraft) -> Iterator[str]:
    """Yield whether ids lead from article to article: numbers that grow with time, of which addresses are made."""
    own = form.id_of(head.url)
    if form.id == "text" or form.url is None or (own is not None and is_moment(own)):
        yield "ids = false"
    elif head.ids is False:
        yield "# The ids of the pages tried do not grow with their times."
        yield "ids = false"
    elif head.ids is None:
        yield "# ids: too few pages show whether they grow with time. Where they do not, write ids = false."
    else:
        yield "# ids: on the pages tried they grow with time, so past days can be searched by them."


def _pages(number: int) -> str:
    return "1 page" if number == 1 else f"{number} pages"


def _one_line(text: str) -> str:
    return "".join(one if one.isprintable() or one == _HALF_SPACE else "\ufffd" for one in text)


def _quoted(text: str) -> str:
    """Return a text as TOML writes it: as JSON does, but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _pattern(text: str) -> str:
    """Return a pattern as TOML writes it: as it is, unless it has the quotation mark in it."""
    return f"'{text}'" if "'" not in text and text.replace(_HALF_SPACE, "").isprintable() else _quoted(text)
