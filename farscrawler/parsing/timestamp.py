"""The moments of an article: what farscrawler.timestamps makes of the page's timestamp lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from farscrawler import timestamps


@dataclass(frozen=True, slots=True)
class Moments:
    """When an article was published and modified, ISO 8601 with the zone's offset of that date."""

    published_at: str | None
    published_jalali: str | None
    published_precision: str | None
    modified_at: str | None = None
    warnings: tuple[str, ...] = ()


def read(published: str, modified: str | None, *, fetched_at: str, tz: str) -> Moments:
    """Read a page's timestamps; ``fetched_at`` is the article's own field, UTC (``""`` when nobody knows).

    A refusal leaves the field None and says why. A modification is kept only when it is an instant and not before
    the publication: sites print earlier ones, and render times under that name.
    """
    fetched = _moment(fetched_at)
    found = timestamps.read(published, fetched_at=fetched, tz=tz)
    warnings: list[str] = []
    instant: datetime | None = None
    if isinstance(found, timestamps.Refusal):
        warnings.append(f"timestamp-refused: {found.reason}")
    else:
        instant = found.published_at
    changed: datetime | None = None
    if modified:
        changed, problem = _modified(modified, instant, fetched, tz)
        warnings.extend(problem)
    return Moments(
        published_at=_iso(instant),
        published_jalali=found.jalali,
        published_precision=found.precision,
        modified_at=_iso(changed),
        warnings=tuple(warnings),
    )


def _modified(
    text: str,
    published: datetime | None,
    fetched: datetime | None,
    tz: str,
) -> tuple[datetime | None, list[str]]:
    found = timestamps.read(text, fetched_at=fetched, tz=tz)
    if isinstance(found, timestamps.Refusal):
        return None, [f"modified-refused: {found.reason}"]
    if found.published_at is None or published is None:
        return None, []
    if found.published_at < published:
        return None, ["modified-refused: before publication"]
    return found.published_at, []


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
