"""Which content system a page comes from, told by its markup: sites change their system and keep their address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.families.data import family_data
from farscrawler.parsing.css import Index, queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from farscrawler.families.data import Fingerprint

#: The order in which families are asked, of those that a page bears as many marks of. WordPress comes late: pages of
#: others show pictures and scripts of its sites, and WebSamaneh's classes are those of some of its themes.
ORDER = (
    *("incsys", "nastooh", "iransamaneh", "asam", "studiokhabar", "joomla", "drupal", "aspnet", "es", "sputnik"),
    *("articleview", "wordpress", "websamaneh"),
)
#: So many likely marks make a family; one may be anybody's.
_LIKELY_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Detection:
    """A family and the marks that the page bears of it."""

    family: str
    matched: tuple[str, ...]


def detect(root: Element, text: str) -> Detection | None:
    """Return the family of a page with all marks that it bears of it, None for a page of none."""
    return detect_in(Index(root), text)


def detect_in(index: Index, text: str) -> Detection | None:
    """Return the family of an indexed page, as ``detect`` does."""
    return next(detections(index, text), None)


def detections(index: Index, text: str) -> Iterator[Detection]:
    """Give the families whose marks a page bears, the one that it bears most of first.

    What stands in the markup goes before words of the source, and many marks before one: a picture or widget of
    another site brings some of its family's into a page.
    """
    given: set[str] = set()
    for kind, needed in ((_of_markup, 1), (_of_source, 1), (_of_likely, _LIKELY_NEEDED)):
        borne = [(name, kind(family_data(name).fingerprint, index, text)) for name in ORDER if name not in given]
        for name, found in sorted(borne, key=lambda one: -len(one[1])):
            if len(found) >= needed:
                given.add(name)
                yield Detection(name, _all_of(family_data(name).fingerprint, index, text))


def bears(name: str, index: Index, text: str) -> bool:
    """Whether a page bears any mark of a family that it is said to come from; one that is only likely is enough."""
    marks: Fingerprint = family_data(name).fingerprint
    if any(query.find(index) for mark in (*marks.sure, *marks.likely) for query in queries(mark)):
        return True
    return any(word in text for word in marks.source)


def _of_markup(marks: Fingerprint, index: Index, _text: str) -> tuple[str, ...]:
    return _borne(marks.sure, index)


def _of_source(marks: Fingerprint, _index: Index, text: str) -> tuple[str, ...]:
    return tuple(f"source: {word}" for word in marks.source if word in text)


def _of_likely(marks: Fingerprint, index: Index, _text: str) -> tuple[str, ...]:
    return _borne(marks.likely, index)


def _all_of(marks: Fingerprint, index: Index, text: str) -> tuple[str, ...]:
    return tuple(mark for kind in (_of_markup, _of_source, _of_likely) for mark in kind(marks, index, text))


def _borne(marks: tuple[str, ...], index: Index) -> tuple[str, ...]:
    return tuple(mark for mark in marks if any(query.find(index) for query in queries(mark)))
