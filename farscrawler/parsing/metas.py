"""What a page says to machines: metas, JSON-LD, microdata; as times of publication, and as values of other fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.parsing import jsonld
from farscrawler.parsing.css import ancestors
from farscrawler.parsing.lines import fold
from farscrawler.parsing.stamps import Stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element as Element

    from farscrawler.parsing.css import Index

# In order of trust. Not ``date``, which Nastooh fills with the moment the page was rendered.
_PUBLISHED = (
    *("article:published_time", "article:published", "og:published_time", "datepublished"),
    *("dcterms.created", "dcterms.issued", "dc.date.issued", "pubdate", "publish-date", "parsely-pub-date"),
)
_MODIFIED = ("article:modified_time", "article:modified", "og:updated_time", "datemodified", "dcterms.modified")
RENDER_TIME = "date"
# Values of microdata stand in these, where they do not stand in the text.
_VALUES = ("content", "datetime")


class Machine:
    """The machine-readable side of one page."""

    __slots__ = ("_around_headline", "_index", "_jsonld", "_teasers", "metas")

    def __init__(self, index: Index, headline: Element | None = None) -> None:
        self._index = index
        self._around_headline = set() if headline is None else {headline, *ancestors(headline)}
        self._teasers: dict[Element, bool] = {}
        self._jsonld: jsonld.JsonLd | None = None
        self.metas: dict[str, list[str]] = {}
        for meta in index.tagged("meta"):
            content = meta.get("content")
            name = meta.get("property") or meta.get("name") or meta.get("itemprop")
            if content and name and not content.isspace() and not self._is_of_another(meta):
                self.metas.setdefault(name.lower(), []).append(fold(content))

    def meta(self, name: str) -> str | None:
        """Return the first value of a meta."""
        return next(iter(self.metas.get(name, ())), None)

    def read_jsonld(
        self, headline: str | None, article_id: str | None, id_of: Callable[[str], str | None]
    ) -> jsonld.JsonLd:
        """Read the scripts of JSON-LD, once; an empty one where they say nothing of this article."""
        if self._jsonld is None:
            scripts = (one.text or "" for one in self._index.tagged("script") if "ld+json" in one.get("type", ""))
            self._jsonld = jsonld.read(scripts, headline, article_id, id_of) or jsonld.JsonLd()
        return self._jsonld

    def published(self, said: jsonld.JsonLd) -> Iterator[Stamp]:
        """Give the times of publication, in order of trust."""
        if said.published:
            yield Stamp("json-ld datePublished", said.published, machine=True)
        yield from self._metas(_PUBLISHED)
        yield from self._microdata("datePublished")

    def modified(self, said: jsonld.JsonLd) -> Iterator[Stamp]:
        """Give the times of the last change, in order of trust."""
        if said.modified:
            yield Stamp("json-ld dateModified", said.modified, machine=True)
        yield from self._metas(_MODIFIED)
        yield from self._microdata("dateModified")

    def _metas(self, names: tuple[str, ...]) -> Iterator[Stamp]:
        for name in names:
            value = self.meta(name)
            if value:
                yield Stamp(f"meta {name}", value, machine=True)

    def _microdata(self, name: str) -> Iterator[Stamp]:
        for element in self._index.attributed("itemprop"):
            if element.tag == "meta" or name not in (element.get("itemprop") or "").split():
                continue
            if not in_comment(element) and not self._is_of_another(element):
                value = next(filter(None, map(element.get, _VALUES)), None)
                if value:
                    yield Stamp(f"itemprop {name}", fold(value), machine=True)
                return

    def _is_of_another(self, element: Element) -> bool:
        """Whether microdata stand in a thing that is none of the headline's, and leads elsewhere: a teaser."""
        if not self._around_headline or not element.get("itemprop"):
            return False
        thing = next((one for one in ancestors(element) if one.get("itemscope") is not None), None)
        if thing is None or thing in self._around_headline:
            return False
        if thing not in self._teasers:
            self._teasers[thing] = next(thing.iter("a"), None) is not None
        return self._teasers[thing]


def in_comment(element: Element) -> bool:
    """Whether an element stands among the comments of readers, which have times of their own."""
    return any(
        "comment" in f"{parent.get('class')} {parent.get('id')}".lower()
        for parent in element.iterancestors()
        if parent.tag not in ("body", "html", "article", "main")  # WordPress says there whether comments are open
    )
