"""Which agency a page names as its source, and which publisher that is.

A page names one in its `agency` field, in its dateline, and after «به گزارش» or «به نقل از» at the beginning of its
text. The printed names are stored; whose they are is asked when they are shown, of the stanzas of that day.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from farscrawler.persian import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from farscrawler.publishers import Publisher

#: The letters of a text in which a source is named as its own; later on a page quotes others.
OPENING = 600
#: The words after a cue in which a name stands: «به گزارش خبرنگار گروه سیاسی خبرگزاری دانشجویان ایران (ایسنا)».
_WORDS = 12
_PHRASES = 4
_CUES = re.compile(r"به (?:گزارش|نقل از)\b")
# A phrase ends where another begins, or with a mark; brackets hold the short form of a name, and quotes a name.
_END = re.compile(r"[،,؛;:.؟?!\n]|\bبه (?:گزارش|نقل از)\b")
_NO_WORD = re.compile(r"[^\w]+")
#: What kind of house it is: «خبرگزاری مهر» is «مهر» too, where no other house has that name.
_KINDS = ("خبرگزاری", "روزنامه", "پایگاه خبری تحلیلی", "پایگاه خبری", "سایت خبری", "وب سایت", "سایت")
#: An abbreviation in brackets (ایسنا, ایرنا) is no other word, unless it is as short as «آوا».
_ABBREVIATION = 3
#: What may follow a name that is a word too.
_ENDS = re.compile(r"$| (?:از|در|به|و|که|امروز|روز)(?!\w)")
_BRACKETS = re.compile(r"\(([^()]+)\)")
#: What stands between a cue and the name: the reporter, the desk, the kind of house.
_BETWEEN = re.compile(
    r"(?:(?:خبرنگار(?:ان)?|سرویس|گروه|حوزه|بخش|به|از|نقل|خبر|خبری|سیاسی|اقتصادی|اجتماعی|فرهنگی|ورزشی|بین الملل|استانها|"
    r"دفتر|اعزامی|ما|پایگاه|اطلاع|رسانی|تحلیلی|سایت|وب|روزنامه|خبرگزاری) )*"
)


def named_in(*, agency: str | None, dateline: str | None, lead: str | None, body: str) -> list[str]:
    """Return the names that a page gives as its source, folded; each as printed with what stands around it."""
    found = [words for one in (agency, dateline) if one and (words := _words(fold(one)))]
    for text in (lead, body):
        opening = fold((text or "")[:OPENING])
        for cue in _CUES.finditer(opening):
            end = _END.search(opening, cue.end())
            words = _words(opening[cue.end() : end.start() if end else None])
            if words:
                found.append(words)
    return list(dict.fromkeys(found))[:_PHRASES]


def _words(text: str) -> str:
    return " ".join(_NO_WORD.sub(" ", text).split()[:_WORDS])


class Names:
    """The names of publishers, as pages print them."""

    def __init__(self, publishers: Iterable[Publisher]) -> None:
        owners: dict[str, set[str]] = defaultdict(set)
        within: set[str] = set()
        for one in publishers:
            for name in (one.name, *one.site_names, *one.datelines):
                plain = fold(name)
                abbreviations = list(map(_words, _BRACKETS.findall(plain)))
                within.update(word for word in abbreviations if len(word) > _ABBREVIATION)
                for words in (_words(plain), _words(_BRACKETS.sub(" ", plain)), *abbreviations):
                    if words:
                        owners[words].add(one.key)
                        owners[_without_kind(words)].add(one.key)
        self._owners = {name: next(iter(keys)) for name, keys in owners.items() if len(keys) == 1}
        # «مهر», «ایران» and «خرداد» are words too: a name of one word stands for its house only straight after the cue,
        # and where the phrase does not go on as a longer name would («ایران اینترنشنال»).
        self._within = _pattern(name for name in self._owners if " " in name or name in within)
        self._alone = _pattern(self._owners)

    def owner(self, phrase: str) -> str | None:
        """Return the publisher that a phrase of ``named_in`` names; None where it is none that we know for certain."""
        if found := self._within.search(phrase):
            return self._owners[found[0]]
        start = _BETWEEN.match(phrase)
        for at in {0, start.end() if start else 0}:
            found = self._alone.match(phrase, at)
            if found and _ENDS.match(phrase, found.end()):
                return self._owners[found[0]]
        return None

    def owners(self, phrases: Sequence[str]) -> set[str]:
        """Return the publishers that an article names as its source."""
        return {key for phrase in phrases if (key := self.owner(phrase)) is not None}


def _without_kind(name: str) -> str:
    """Return a name without the word for the kind of house, where one word is left of it.

    Of two words it may be another house: there is a newspaper «جمهوری اسلامی» beside the agency of that name.
    """
    short = next((name[len(kind) + 1 :] for kind in _KINDS if name.startswith(f"{kind} ")), name)
    return name if " " in short else short


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?!\w)")
