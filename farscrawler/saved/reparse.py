"""Reparse: read kept pages with today's parsers, and store a new revision where they read more or better.

The pages are parsed in several processes, and compared with the archive in this one, in the order of time. So the
result does not depend on which process was faster, and no more is held than a few segments for each process.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from farscrawler.archive import Visit
from farscrawler.archive.ledger import Ledger
from farscrawler.archive.records import FINAL
from farscrawler.extract.article import HASHED_FIELDS
from farscrawler.extract.rules_digest import rules_digest
from farscrawler.saved.reading import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from farscrawler.archive import Archive
    from farscrawler.archive.ledger import Known
    from farscrawler.archive.writing.batch import RefusedRowError
    from farscrawler.items import Article
    from farscrawler.publishers import Publisher
    from farscrawler.saved.reading import Batch, ParsedPage
    from farscrawler.saved.url_filter import UrlFilter

_EXAMPLES = 5

#: Why a page is left, as the summary names it.
OLDER = "older than the stored page"
OTHER_FORM = "another form than the stored one"
UNKNOWN = "not in the archive; -a pages= stores them"
UNKNOWN_KEPT = "not in the archive; the next crawl asks for them"  # a crawl was killed before it stored their visits
NO_ARTICLE = "no article now as before"
NO_ARTICLE_LATER = "no article, and not the stored page"
REFUSED = "read better, but it cannot be stored"


@dataclass(slots=True)
class Report:
    """The numbers of a reparse. Each of ``pages`` is counted in one of the next four fields, or in ``left`` by reason.

    ``lost`` are stored articles whose very page is no article any more; they stay as they are. ``examples`` holds, for
    the first changes of each field, the id and the value before and after.
    """

    publisher: str
    pages: int = 0
    unchanged: int = 0
    changed: int = 0
    readable: int = 0
    lost: int = 0
    left: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, Any, Any]]] = field(default_factory=dict)
    lost_examples: list[tuple[str, str]] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)


def changed_fields(old: Article, new: Article) -> Iterator[tuple[str, Any, Any]]:
    """Yield each parsed field that differs, with both values."""
    for name in HASHED_FIELDS:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield name, before, after


class Reparser:
    """Compare parsed pages with the archive of one publisher, and store what is better; nothing with ``dry``.

    ``rules`` is the digest of the rules by which the pages were parsed; visits whose own page was among them get it.
    ``unknown`` is said of pages whose address the archive does not know.
    """

    def __init__(self, archive: Archive, ledger: Ledger, rules: str, *, unknown: str, dry: bool) -> None:
        self.archive = archive
        self.ledger = ledger
        self.rules = rules
        self.unknown = unknown
        self.dry = dry
        self.report = Report(ledger.publisher)
        self._uncommitted: set[str] = set()
        #: Of a dry run: by id the fetched_at and content hash that would be stored by now.
        self._would_be: dict[str, tuple[str, str]] = {}
        archive.refusals.append(self._row_refused)

    def add(self, batch: Batch) -> None:
        """Compare the pages of a segment with the archive, in their order."""
        self.report.passed_over.update(batch.skipped)
        self.report.complaints += batch.complaints
        known = self.ledger.known(page.key for page in batch.pages)
        reread: list[str] = []
        for page in batch.pages:
            self.report.pages += 1
            if page.key in self._uncommitted:
                self.archive.flush()
                self._uncommitted.clear()
                known = self.ledger.known(page.key for page in batch.pages)
            self._compare(page, known.get(page.key))
            if _is_own(page, known.get(page.key)):
                reread.append(page.key)
        if not self.dry:
            self.archive.flush()
            self._uncommitted.clear()
            self.ledger.read_by(self.rules, reread)  # a kill before it costs one more look

    def _compare(self, page: ParsedPage, known: Known | None) -> None:
        stored = self.archive.article(self.ledger.publisher, page.key)
        if would_be := self._would_be.get(page.key):
            stored = stored or page.article
            if stored is not None:
                stored = replace(stored, fetched_at=would_be[0], content_hash=would_be[1])
        if stored is None:
            self._add_new(page, known)
        elif known is not None and known.form not in (None, page.form):
            self.report.left[OTHER_FORM] += 1
        elif page.at < stored.fetched_at:
            self.report.left[OLDER] += 1
        elif page.article is None:
            self._count_lost(page, stored, known.page_hash if known is not None else None)
        elif page.article.content_hash == stored.content_hash:
            self.report.unchanged += 1
        else:
            page.article.url = stored.url
            self._count_change(stored, page.article)
            self._keep(page.article, None)

    def _add_new(self, page: ParsedPage, known: Known | None) -> None:
        if known is None:
            self.report.left[self.unknown] += 1
        elif page.article is None:
            self.report.left[NO_ARTICLE] += 1
        else:  # an older page than the last visit is an article all the same, which that visit did not find any more
            self.report.readable += 1
            visit = Visit(
                publisher=self.ledger.publisher,
                key=page.key,
                url=known.url,
                outcome="article",
                at=page.at,
                status=page.status,
                tries=0,
                form=page.form,
                etag=page.etag,
                last_modified=page.last_modified,
                page_hash=page.page_hash,
                source=page.source,
                source_at=page.at if page.source is not None else None,
                rules=self.rules,
            )
            page.article.url = known.url
            self._keep(page.article, visit)

    def _row_refused(self, refused: RefusedRowError) -> None:
        article = refused.article
        if article is None or article.publisher != self.ledger.publisher:  # of another publisher in the same command
            return
        self.report.left[REFUSED] += 1
        self.report.complaints.append(f"{self.ledger.publisher} {refused.key} {refused.reason}")
        if refused.visit is None:
            self.report.changed -= 1
        else:
            self.report.readable -= 1

    def _count_lost(self, page: ParsedPage, stored: Article, page_hash: str | None) -> None:
        if page.status != HTTPStatus.OK or (page.at != stored.fetched_at and page.page_hash != page_hash):
            self.report.left[NO_ARTICLE_LATER] += (
                1  # an error of an earlier try, or a page that was gone or cut by then
            )
            return
        self.report.lost += 1
        if len(self.report.lost_examples) < _EXAMPLES:
            self.report.lost_examples.append((page.key, page.reason))

    def _count_change(self, old: Article, new: Article) -> None:
        self.report.changed += 1
        for name, before, after in changed_fields(old, new):
            self.report.fields[name] += 1
            examples = self.report.examples.setdefault(name, [])
            if len(examples) < _EXAMPLES:
                examples.append((new.article_id, before, after))

    def _keep(self, article: Article, visit: Visit | None) -> None:
        if self.dry:
            self._would_be[article.article_id] = (article.fetched_at, article.content_hash)
            return
        if visit is None:
            self.archive.revise(article)
        else:
            self.archive.save(visit, article)
        self._uncommitted.add(article.article_id)


def _is_own(page: ParsedPage, known: Known | None) -> bool:
    """Whether a page is the one that its visit read."""
    return known is not None and known.outcome in FINAL and page.page_hash == known.page_hash


_Segment = TypeVar("_Segment")


def reparse(
    archive: Archive,
    publisher: Publisher,
    work: Iterable[_Segment],
    parse: Callable[[_Segment, UrlFilter], Batch],
    *,
    jobs: int,
    tell: Callable[[Report, int], None],
    unknown: str = UNKNOWN,
    dry: bool = False,
    stanzas: str = "",
) -> Report:
    """Reparse segments into an archive; ``parse`` reads one, in whichever process.

    ``tell`` is called after each with the report so far and its bytes.
    """
    reparser = Reparser(archive, Ledger(archive, publisher.key), rules_digest(publisher), unknown=unknown, dry=dry)
    for batch in batches(work, parse, publisher, jobs=jobs, stanzas=stanzas):
        reparser.add(batch)
        tell(reparser.report, batch.size)
    return reparser.report
