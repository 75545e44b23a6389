"""Pages about the site itself, which have addresses like articles: who makes it, how to reach it, what an ad costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from farscrawler.publishers import Publisher

# Characters of a label; «درباره» with the longest name of a site has 80.
_LONGEST = 90
# What pages about the site are called, as `fold_label` has it; with its name in place of «ما» too.
_ABOUT = ("درباره", "تماس با", "ارتباط با", "تبلیغات در", "تبلیغ در", "همکاری با")
_US = "ما"
_SERVICE = frozenset(
    map(
        fold_label,
        (*(f"{about} {_US}" for about in _ABOUT[:3]), "تبلیغات", "فرصت های شغلی", "فرصت‌های شغلی", "تعرفه تبلیغات"),
    )
)
# Labels of a section that no news stands under; «تبلیغات» and «فرصت‌های شغلی» may be sections of news.
_SERVICE_SECTIONS = frozenset(map(fold_label, (f"{about} {_US}" for about in _ABOUT[:3])))
_NAME_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
# «درباره‌ی ما»
_SOUND = fold_label("ی")
_ENDS = " .:!»«\u200c"


def is_service_page(headline: str, section: str | None, publisher: Publisher, named: Iterable[str] = ()) -> bool:
    """Whether a page is about the site: «درباره ما», «تماس با ما», «تبلیغات» and their like.

    Its whole headline says so, or the last label of its path; an article whose headline only holds such words is an
    article. ``named`` are names that the page gives its site.
    """
    if section is not None and _plain(section) in _SERVICE_SECTIONS:
        return True
    said = _plain(headline)
    if said in _SERVICE:
        return True
    about = next((one for one in map(fold_label, _ABOUT) if said.startswith(f"{one} ")), None)
    return about is not None and said.removeprefix(about).strip() in _names(publisher, named)


def is_service_label(label: str, publisher: Publisher) -> bool:
    """Whether the text of a link to a page says that the page is about the site."""
    return len(label) <= _LONGEST and is_service_page(label, None, publisher)


def _plain(text: str) -> str:
    """Return a label to compare: without marks at its ends and the sound between words, a half-space like a space."""
    words = fold_label(text).replace("\u0654", "").replace("\u200c", " ").strip(_ENDS).split()
    return " ".join(word for word in words if word != _SOUND)


def _names(publisher: Publisher, named: Iterable[str]) -> set[str]:
    names = [*publisher.site_names, *named, *(() if publisher.anywhere else (publisher.name,))]
    names += [part for name in names for part in (*_NAME_IN_BRACKETS.findall(name), name.partition("(")[0])]
    return {_plain(name) for name in names} - {""}
