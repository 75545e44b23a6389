"""A whole stanza for the site of a page: drafted from that page and others of the same form, and tried on all of them.

Pages are asked for by a function that is given, with the manners of whoever gives it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from farscrawler.cpu_limit import TookTooLongError, cpu_limit
from farscrawler.drafts.addresses import FormDraft, form_of
from farscrawler.drafts.body import draft_body, draft_drops
from farscrawler.drafts.doors import DoorDrafts
from farscrawler.drafts.fields import FieldDraft, draft_code, draft_fields
from farscrawler.drafts.labels import draft_labels
from farscrawler.drafts.named import draft_named
from farscrawler.drafts.sample import Sample, links_of, on_hosts, sample_by, sample_of
from farscrawler.drafts.search import find_doors
from farscrawler.drafts.toml import Head, stanza_text
from farscrawler.drafts.trial import PageTrial, tried, tried_alone
from farscrawler.extract import NoArticle
from farscrawler.extract.document import indexed
from farscrawler.extract.draft import hosts_of, key_of, site_name
from farscrawler.extract.family import Detection, detect_in
from farscrawler.extract.owner import own_address
from farscrawler.persian import fold_label
from farscrawler.publishers.loader import named_urls, read_text
from farscrawler.publishers.model import Publisher, in_zone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from farscrawler.drafts.fetched import Fetch, Fetched

#: Links that are looked at for pages to try, newest and oldest alike.
_MOST_LINKS = 400
CUSTOM = "custom"
#: Fifty times what five common pages take.
_MAX_CPU_SECONDS = 30.0


@dataclass
class SiteDraft:
    """What is known of a site: its stanza as ``text``, the publisher that this is, and how it did on each page.

    ``refused`` are the addresses of the same form that are no articles, each with the reason.
    """

    family: str
    detected: Detection | None
    site: Publisher
    text: str
    form: FormDraft | None
    fields: dict[str, FieldDraft]
    doors: DoorDrafts
    trials: list[PageTrial] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    asked: int = 0

    @property
    def holds(self) -> bool:
        """Whether the stanza reads every page that was tried.

        Of a known family its rules have the word, of a site on a system of its own the general rules.
        """
        if self.family != CUSTOM:
            return bool(self.trials) and all(one.reads for one in self.trials)
        more = sum(1 for one in self.trials if one.fields.get("body") == "more")
        return bool(self.trials) and all(one.holds for one in self.trials) and 2 * more <= len(self.trials)


async def draft_site(
    page: Fetched,
    *,
    fetch: Fetch | None,
    most: int,
    family: str | None = None,
    key_taken: Callable[[str], bool] = lambda _: False,
) -> SiteDraft | NoArticle:
    """Return the draft for the site of a page, or why the page is no article.

    ``fetch`` asks for further pages, ``most`` articles among them; without it the page alone speaks. ``family`` is that
    of the site, where the page's marks shall not decide. ``key_taken`` says whether another site has a name already.
    Raise MalformedPublisher where the address makes no stanza, such as one of a host without a dot.
    """
    text, index = indexed(page.body, page.content_type)
    detected = detect_in(index, text) if index is not None else None
    family = family or (detected.family if detected is not None else CUSTOM)
    own = own_address(index) if index is not None else None
    head = _head(page.url, own, family, site_name(index) if index is not None else None, key_taken)
    site = _loaded(stanza_text(head))
    first = sample_of(page.url, page.body, page.content_type, site)
    if isinstance(first, NoArticle):
        return first
    counted = _Counted(fetch) if fetch is not None else None
    links = links_of(first.index, page.url)
    home = await counted(f"{site.base_url}/") if counted is not None else None
    if home is not None and home.is_fine and (home_index := indexed(home.body, home.content_type)[1]) is not None:
        links += links_of(home_index, home.url)
    links = on_hosts(list(dict.fromkeys(links)), site.hosts)[:_MOST_LINKS]
    form = _form(site, page.url, [url for url, _ in links])
    site = _loaded(stanza_text(head, form))
    seen = _Seen([first])
    if counted is not None:
        await seen.more(counted, site, _others(site, page.url, [url for url, _ in links], most - 1), most)
        if form is not None and form.shortened and form.url is not None:
            form = await _proved(form, site, seen.samples, counted)
    elif form is not None and form.shortened:
        form = replace(form, url=None)
    fields = _fields(site, seen.samples) if family == CUSTOM else {}
    head = replace(head, ids=_grow(site, seen.samples))
    site = _loaded(stanza_text(head, form, fields))
    if "kicker" in (found := seen.named_by(site, fields)):
        fields["kicker"] = found["kicker"]
    doors = DoorDrafts()
    if counted is not None:
        doors = await find_doors(counted, site, seen.samples, links, home)
    trials = seen.tried(site)
    text = stanza_text(head, form, fields, doors, trials)
    return SiteDraft(
        family, detected, _loaded(text), text, form, fields, doors, trials, seen.refused,
        asked=counted.count if counted is not None else 0,
    )  # fmt: skip


@dataclass
class _Seen:
    """The pages of a site that were looked at: articles to the general rules, pages that are none, and the rest."""

    samples: list[Sample]
    unread: list[Fetched] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    async def more(self, fetch: _Counted, site: Publisher, urls: Sequence[str], most: int) -> None:
        """Ask for addresses until so many pages have come."""
        for url in urls:
            if len(self.samples) + len(self.unread) >= most:
                return
            found = await fetch(url)
            read = sample_of(url, found.body, found.content_type, site) if found.is_fine else None
            if isinstance(read, Sample):
                self.samples.append(read)
                continue
            if found.is_fine:
                self.unread.append(found)
            self.refused.append((found.url, _why(found, read)))

    def named_by(self, site: Publisher, fields: Mapping[str, FieldDraft]) -> dict[str, FieldDraft]:
        """Return drafts of fields without a selector by the pages that a drafted stanza alone reads, too.

        Only the kicker is told by them: whether a line is the lead, the general rules have to say.
        """
        kicker = fields.get("kicker")
        if "body" not in fields or (kicker is not None and kicker.selectors):
            return {}
        alone = [sample_by(site, one.url, one.body, one.content_type) for one in self.unread]
        more = [one for one in alone if isinstance(one, Sample)]
        return draft_named([*self.samples, *more], fields) if more else {}

    def tried(self, site: Publisher) -> list[PageTrial]:
        """Return what a stanza reads of each page, and forget the refusals of those that it alone reads."""
        alone = [one for page in self.unread if (one := tried_alone(site, page)) is not None]
        self.refused = [one for one in self.refused if one[0] not in {trial.url for trial in alone}]
        return [*tried(site, self.samples), *alone]


def _fields(site: Publisher, samples: Sequence[Sample]) -> dict[str, FieldDraft]:
    """Return the drafts of all fields of a site on a system of its own; none where pages are made to be slow."""
    try:
        with cpu_limit(_MAX_CPU_SECONDS):
            return _all_fields(site, samples)
    except TookTooLongError:
        return {}


def _all_fields(site: Publisher, samples: Sequence[Sample]) -> dict[str, FieldDraft]:
    fields = draft_fields(samples)
    if (body := draft_body(samples)) is not None:
        fields["body"] = body
        fields |= draft_named(samples, fields)
        fields |= draft_labels(samples, fields, site)
        if body.selectors and (drop := draft_drops(samples, body)) is not None:
            fields["drop"] = drop
    if (code := draft_code(samples, [site.article_id(one.url) for one in samples])) is not None:
        fields["code"] = code
    return fields


class _Counted:
    """A fetch that counts what it asks for, and asks for each address once."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._known: dict[str, Fetched] = {}

    @property
    def count(self) -> int:
        return len(self._known)

    async def __call__(self, url: str) -> Fetched:
        if url not in self._known:
            self._known[url] = await self._fetch(url)
        return self._known[url]


def _head(url: str, own: str | None, family: str, name: str | None, key_taken: Callable[[str], bool]) -> Head:
    """Return what a stanza begins with; the host that the page says is its own goes first."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    said = (urlsplit(own).hostname or "").lower() if own else host
    first = said if said.removeprefix("www.") == host.removeprefix("www.") else host
    first = _ascii(first)
    name = name if name and name.replace("\u200c", "").isprintable() else None
    return Head(
        key=free_key(first, key_taken),
        family=family,
        name=name or first,
        named=name is not None,
        hosts=hosts_of(first),
        scheme=parts.scheme,
        tz=in_zone_of(url).tz,
        url=url,
    )


def free_key(host: str, key_taken: Callable[[str], bool]) -> str:
    """Return the name of the site of a host; with the end of the host where another site has that name."""
    key = key_of(_ascii(host.lower()))
    return f"{key}_{host.rpartition('.')[2]}" if key_taken(key) else key


def _ascii(host: str) -> str:
    """Return a host name as requests have it; one that cannot be written so stays, and is told as an error."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _loaded(text: str) -> Publisher:
    (site,) = read_text(text, "the drafted stanza")
    return site


def _form(site: Publisher, url: str, links: Sequence[str]) -> FormDraft | None:
    """Return the form of the page's address; None where it is one that the family of its site has."""
    if site.family != CUSTOM and site.article_id(url) is not None and site.makes(site.article_id(url) or "", "article"):
        path = site.forms["article"].paths
        if not any(one.pattern.startswith("/((?!") for one in path):  # any path at all, which says nothing
            return None
    form = form_of(url, links)
    if form is None or site.family == CUSTOM:
        return form
    # What the catalogue says of a form holds for the families that have it: WordPress finds a page by its number.
    name = next(
        (one for one, said in named_urls().items() if tuple(said["forms"]["article"]["paths"]) == form.paths), None
    )
    return form if name is None else replace(form, named=name, shortened=False)


def _others(site: Publisher, url: str, links: Sequence[str], most: int) -> list[str]:
    """Return addresses of other articles: so many, evenly spread over those that are linked to, and as many more."""
    own = site.article_id(url)
    found: dict[str, str] = {}
    for one in links:
        key = site.article_id(one)
        if key is not None and key != own:
            found.setdefault(key, one)
    every = list(found.values())
    if most <= 0 or not every:
        return []
    step = max(1, len(every) // most)
    spread = every[::step][:most]
    # As many again stand in for those that do not come.
    return [*spread, *[one for one in every if one not in spread][:most]]


def _why(found: Fetched, read: Sample | NoArticle | None) -> str:
    if isinstance(read, NoArticle):
        return f"{read.outcome}, {read.text}"
    return found.problem or f"HTTP {found.status}"


async def _proved(form: FormDraft, site: Publisher, samples: Sequence[Sample], fetch: _Counted) -> FormDraft:
    """Return the form with its short address where the site shows the same article there; without one elsewhere."""
    sample = samples[0]
    article_id = form.id_of(sample.url)
    url = f"{site.base_url}{(form.url or '').format(id=article_id)}"
    found = await fetch(url)
    read = sample_of(url, found.body, found.content_type, site) if found.is_fine else None
    if isinstance(read, Sample) and fold_label(read.article.headline) == fold_label(sample.article.headline):
        return replace(form, proof=f"{url} shows the same article")
    return replace(form, url=None, proof=f"{url} does not show the article ({_why(found, read)})")


def _grow(site: Publisher, samples: Sequence[Sample]) -> bool | None:
    """Whether ids that are numbers grow with the times of publication; None where too few pages tell."""
    pairs = []
    for one in samples:
        key, at = site.article_id(one.url), one.article.published_at
        if key is not None and key.isdecimal() and at is not None:
            pairs.append((int(key), at))
    if len(pairs) < 3:  # noqa: PLR2004  # two are in order by chance
        return None
    moments = [at for _, at in sorted(pairs)]
    return moments == sorted(moments)
