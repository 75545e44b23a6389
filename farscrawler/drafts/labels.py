"""What may be the section or the authors where the general rules read none: hints, and no selectors.

A short link beside a headline may be a section, a tag or a campaign, and the name in a line may be that of a
photographer. What it is, a person sees at once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from farscrawler.drafts.body import by_field
from farscrawler.drafts.fields import FieldDraft
from farscrawler.drafts.places import found_by, places_of
from farscrawler.extract.lines import inline_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lxml.etree import _Element as Element

    from farscrawler.drafts.sample import Sample
    from farscrawler.publishers import Publisher

#: Elements before the headline among which the label of a section may stand.
_REACH = 12
#: Labels have no more words, and their boxes no more links; boxes with more are menus.
_WORDS, _LINKS = 4, 3
_LONGEST_LABEL = 30  # letters
#: A place is a hint where it is that of so many pages.
_LEAST_PAGES = 2
_AUTHOR = re.compile(r"(?:نویسنده|خبرنگار|گزارشگر|به قلم|گزارش از|نوشتهٔ?)\s*[:؛]?\s*\S.{2,60}")
_LONGEST_LINE = 90
#: A line has fewer elements in it: a label, a name, a link.
_PARTS = 6


def draft_labels(samples: Sequence[Sample], drafts: Mapping[str, FieldDraft], site: Publisher) -> dict[str, FieldDraft]:
    """Return hints of the section and the authors, where no page has them to the general rules."""
    found = {}
    if not any(one.article.section for one in samples) and (hint := _section(samples, drafts, site)):
        found["section"] = FieldDraft("section", (), 0, 0, hint=hint)
    if not any(one.article.authors for one in samples) and (hint := _authors(samples)):
        found["authors"] = FieldDraft("authors", (), 0, 0, hint=hint)
    return found


def _section(samples: Sequence[Sample], drafts: Mapping[str, FieldDraft], site: Publisher) -> str | None:
    """Return the place of a link near the headlines whose words differ from page to page."""
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for sample in samples:
        own: dict[str, str] = {}
        for link in _labels(sample, drafts, site):
            for place in _alone(link, sample):
                own.setdefault(place, inline_text(link) or "")
        for place, label in own.items():
            labels[place].append(label)
    told = [one for one, seen in labels.items() if len(seen) >= _LEAST_PAGES and len(set(seen)) > 1]
    if not told:
        return None
    best = max(told, key=lambda one: (len(labels[one]), -told.index(one)))
    return f"{best} («{labels[best][0]}», on {len(labels[best])} pages)"


def _labels(sample: Sample, drafts: Mapping[str, FieldDraft], site: Publisher) -> Iterator[Element]:
    """Yield the short links near the headline, before it or between it and the text, that lead to no article."""
    headline, body = by_field(drafts, "headline", sample), by_field(drafts, "body", sample)
    if headline is None or body is None:
        return
    order = {one: at for at, one in enumerate(sample.index.root.iter("*"))}
    for one, at in order.items():
        if one.tag != "a" or not order[headline] - _REACH <= at < order[body]:
            continue
        text, href = inline_text(one) or "", (one.get("href") or "").strip()
        box = one.getparent()
        if not text or len(text) > _LONGEST_LABEL or len(text.split()) > _WORDS or not href or box is None:
            continue
        if len(list(box.iter("a"))) > _LINKS or _leads_to_article(site, sample.url, href):
            continue
        yield one


def _leads_to_article(site: Publisher, url: str, href: str) -> bool:
    try:
        return site.article_id(urljoin(url, href)) is not None
    except ValueError:  # a bracketed host that is no address
        return True


def _authors(samples: Sequence[Sample]) -> str | None:
    """Return the place of a line that begins with the word for who wrote it."""
    count: Counter[str] = Counter()
    lines: dict[str, str] = {}
    for sample in samples:
        own: dict[str, str] = {}
        for one in sample.index.root.iter("*"):
            if len(list(islice(one.iterdescendants(), _PARTS))) == _PARTS:
                continue
            text = inline_text(one) or ""
            if len(text) <= _LONGEST_LINE and _AUTHOR.fullmatch(text):
                for place in _alone(one, sample):
                    own.setdefault(place, text)
        count.update(own.keys())
        lines = {**own, **lines}
    told = [one for one in count if count[one] >= _LEAST_PAGES]
    if not told:
        return None
    best = max(told, key=lambda one: (count[one], -told.index(one)))
    return f"{best} («{lines[best]}», on {count[best]} pages)"


def _alone(element: Element, sample: Sample) -> Iterator[str]:
    """Yield the selectors by names of the site's own that find an element and nothing else on its page."""
    for place in places_of(element):
        if place.named and found_by(place.selector, sample.index) == [element]:
            yield place.selector
