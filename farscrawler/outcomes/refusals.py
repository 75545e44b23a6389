"""When a run gives up because most pages hold no article: a site that changed, or a stanza that does not fit it.

An address that a list, a feed, a sitemap or the user names is an article's, so a refusal says something about the
stanza. Of ids that are walked one by one many are no articles; there only a run without a single one is odd.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from farscrawler.extract import Reason
from farscrawler.extract.family import family_data
from farscrawler.outcomes.stop_rules import EndReason, RunEnd
from farscrawler.publishers.selectors import FAMILYS_OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from farscrawler.outcomes.judge import Verdict
    from farscrawler.publishers import Publisher

#: The fields whose selectors found nothing on a page that is refused for a reason.
MISSED_FIELDS: dict[Reason, tuple[str, ...]] = {
    Reason.NO_TIMESTAMP: ("published",),
    Reason.NO_HEADLINE: ("headline",),
    Reason.NO_TEXT: ("body",),
    Reason.NO_HEADLINE_AND_TIMESTAMP: ("headline", "body"),
    Reason.EMPTY_TEMPLATE: ("headline", "published"),  # one of them, and nobody has noted which
}
#: Beginnings of the warnings of an article that other rules than its publisher's have read.
OTHER_RULES: tuple[str, ...] = ("family-changed", "stanza-passed-over", "general-rules")
#: What stands before the stanza's own refusal in such a warning: `stanza-passed-over: asam; no timestamp`.
_REFUSAL = re.compile(r"[a-z-]+: (?:[^;]*; )?")
#: So many limits of refusals in a row end a run that has stored many articles before: a site may change meanwhile, and
#: a list of some dozen galleries in a row is no change.
_IN_A_ROW = 5
#: A run too short for the limit says so from this part of it on, if it has met no article at all.
_SHORT_RUN = 4
#: Articles of which most were read by other rules, from which a run says so; of fewer it does where all were.
_FEW, _FEWEST = 5, 2
_EXAMPLES = 3
_MOST_SELECTORS = 3


class Refusals:
    """The count of a run's pages that are articles, and of those refused; ``add`` and ``at_end`` say when to stop.

    ``named`` and ``walked`` are the limits for addresses that a list or the user names, and for ids that are walked.
    """

    def __init__(self, publisher: Publisher, *, named: int, walked: int) -> None:
        self.publisher = publisher
        self.named = named
        self.walked = walked
        self._articles = self._named_articles = self._in_a_row = 0
        self._refused = {True: _Tally(), False: _Tally()}  # by whether the addresses were named
        self._other_rules: Counter[str] = Counter()

    def add(self, verdict: Verdict, url: str, *, named: bool) -> RunEnd | None:
        """Count the verdict on the page of an address; return the end of the run when a limit is reached.

        What is missing says nothing, except for the empty template of an address that was named.
        """
        if verdict.outcome == "article":
            self._articles += 1
            self._named_articles += named
            self._in_a_row = 0
            return None
        if verdict.outcome != "not-article" and not (named and verdict.reason == Reason.EMPTY_TEMPLATE):
            return None
        tally = self._refused[named]
        tally.add(verdict.reason, url)
        if not named:
            return self._end(named=False) if tally.count >= self.walked and not self._articles else None
        self._in_a_row += 1
        most = tally.count >= self.named and tally.count > self._named_articles
        return self._end(named=True) if most or self._in_a_row >= _IN_A_ROW * self.named else None

    def at_end(self) -> RunEnd | None:
        """Return the end of a run that was too short for the limit, and has met no article at all."""
        if self._articles:
            return None
        for named, limit in ((True, self.named), (False, self.walked)):
            if self._refused[named].count >= max(1, limit // _SHORT_RUN):
                return self._end(named=named)
        return None

    def count_other_rules(self, warnings: Iterable[str]) -> None:
        """Count an article by its warnings."""
        said = next((warning for warning in warnings if warning.startswith(OTHER_RULES)), None)
        if said is not None:
            self._other_rules[said] += 1

    def warning(self) -> str | None:
        """Return a sentence where other rules than the publisher's have read most of the articles."""
        count = self._other_rules.total()
        if count < (_FEWEST if count == self._articles else _FEW) or 2 * count <= self._articles:
            return None
        said, _ = self._other_rules.most_common(1)[0]
        selectors = missed_selectors(self.publisher, _REFUSAL.sub("", said))
        return (
            f"{count:,} of {self._articles:,} articles were read by other rules than those of {self.publisher.key} "
            f"({said}){f'; {selectors}' if selectors else ''}. If the site has changed, mend its stanza."
        )

    def _end(self, *, named: bool) -> RunEnd:
        tally, articles = self._refused[named], self._named_articles if named else self._articles
        said = ", ".join(f"{reason} ({count:,})" for reason, count in tally.reasons.most_common(2))
        selectors = missed_selectors(self.publisher, tally.reasons.most_common(1)[0][0])
        where = "listed addresses" if named else "pages"
        detail = f"{tally.count:,} of {tally.count + articles:,} {where} hold no article: {said}"
        detail += f"; {selectors}" if selectors else ""
        setting = "STOP_AFTER_NOT_ARTICLE" if named else "STOP_AFTER_NOT_ARTICLE_IDS"
        advice = (
            "If the site has changed, mend its stanza, and the next run asks these pages again; if they are no "
            f"articles, raise {setting}"
        )
        return RunEnd(EndReason.NOT_ARTICLES, f"{detail}; such as {', '.join(tally.examples)}. {advice}")


class _Tally:
    """A count of refused pages, by reason, with the first two addresses and the last one."""

    def __init__(self) -> None:
        self.count = 0
        self.reasons: Counter[str] = Counter()
        self.examples: list[str] = []

    def add(self, reason: str, url: str) -> None:
        self.count += 1
        self.reasons[reason] += 1
        self.examples[_EXAMPLES - 1 :] = []
        self.examples.append(url)


def missed_selectors(publisher: Publisher, reason: str) -> str | None:
    """Return which selectors found nothing on pages that were refused for a reason; None where none is to blame."""
    fields = next((fields for kind, fields in MISSED_FIELDS.items() if reason == kind), ())
    said = [part for field in fields if (part := _selectors_of(publisher, field)) is not None]
    if not said:
        return None
    if reason == Reason.EMPTY_TEMPLATE:
        return f"{' or '.join(said)} finds nothing there"
    return f"{' and '.join(said)} {'find' if len(said) > 1 else 'finds'} nothing there"


def _selectors_of(publisher: Publisher, field: str) -> str | None:
    own = [one for one in publisher.selectors.get(field, ()) if one != FAMILYS_OWN]
    if own:
        return f"the stanza's {field} = {_quoted(own)}"
    of_family = family_data(publisher.family).selectors.get(field, ())
    return f"{field} = {_quoted(of_family)} of the family {publisher.family}" if of_family else None


def _quoted(selectors: Sequence[str]) -> str:
    shown = [f'"{one}"' for one in selectors[:_MOST_SELECTORS]]
    return f"[{', '.join([*shown, '…'] if len(selectors) > _MOST_SELECTORS else shown)}]"
