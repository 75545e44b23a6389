"""What a WARC file says, beside an answer that was read, of what was read in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.items import Article
    from farscrawler.outcomes.judge import Verdict
    from farscrawler.outcomes.visit import ReadAnswer, VisitState

#: The fields of an article that strangers look for; one that could not be read with certainty has no line.
_OF_ARTICLE = (
    *("url", "kicker", "headline", "published_at", "published_date", "published_jalali", "published_precision"),
    "content_hash",
)


def described(
    visit: VisitState, verdict: Verdict, article: Article | None, *, publisher: str, rules: str
) -> Iterator[tuple[ReadAnswer, list[tuple[str, str]]]]:
    """Yield each answer of a settled visit that was read and is in a WARC file, with the lines of its metadata record.

    ``rules`` is the digest of the rules by which it was read. The verdict is that on the last answer. A form that was
    asked before another one was no article.
    """
    for answer in visit.answers:
        if answer.kept is None:
            continue
        lines = [
            ("software", f"farscrawler/{__version__}"),
            ("rules", rules),
            ("publisher", publisher),
            ("article_id", visit.target.key),
            ("form", answer.form),
        ]
        if answer is not visit.answers[-1] or answer.form != visit.form:
            yield answer, [*lines, ("outcome", "not-article")]
            continue
        lines.append(("outcome", verdict.outcome))
        if verdict.reason:
            lines.append(("reason", verdict.reason))
        if article is not None:
            lines += [(name, value) for name in _OF_ARTICLE if (value := getattr(article, name))]
            lines += [("warning", warning) for warning in article.warnings]
        yield answer, lines
