"""How late articles come in: the time from their publication to their first storing, and who is overdue."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farscrawler.archive.schedule import scheduled, stored_after
from farscrawler.schedule.plan import is_overdue, tehran_day, used_on
from farscrawler.schedule.profile import DAY

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from farscrawler.archive import Archive
    from farscrawler.archive.schedule import ScheduleRecord

#: Lags are those of the articles published in this time: a week has all hours and weekdays in it.
LAG_WINDOW = 7 * DAY


@dataclass(frozen=True, slots=True)
class Lag:
    """Median and 95th percentile (seconds) of the lags of so many articles; None where there is none."""

    articles: int
    median: float | None
    p95: float | None

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Lag:
        """Sum up the lags of articles."""
        found = sorted(seconds)
        return cls(len(found), _quantile(found, 0.5), _quantile(found, 0.95))


def _quantile(found: Sequence[float], part: float) -> float | None:
    """Return the least value that this part of the sorted values does not exceed."""
    return found[max(math.ceil(part * len(found)) - 1, 0)] if found else None


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a watch at a moment: lags in all and by publisher, and the records, those longest due first.

    ``seconds`` are the single lags by publisher.
    """

    at: float
    lag: Lag
    lags: dict[str, Lag]
    seconds: dict[str, list[float]]
    records: list[ScheduleRecord]
    overdue: frozenset[str]

    @property
    def requests(self) -> int:
        """The requests of this day that were counted so far."""
        return used_on(self.records, tehran_day(self.at))

    def of(self, publishers: Collection[str]) -> Status:
        """Return the part of it that is about some publishers."""
        lags = {name: lag for name, lag in self.lags.items() if name in publishers}
        return Status(
            at=self.at,
            lag=Lag.of([one for name in lags for one in self.seconds[name]]),
            lags=lags,
            seconds=self.seconds,
            records=[one for one in self.records if one.publisher in publishers],
            overdue=self.overdue & set(publishers),
        )


def status_of(archive: Archive, now: float, *, overdue_after: float) -> Status:
    """Return the state of the watch of an archive.

    An article counts for its publisher's lag if it was published after the publisher's first run began, and in the
    last LAG_WINDOW; one that is dated later than it was stored has a lag of 0.
    """
    records = scheduled(archive)
    lags: dict[str, list[float]] = {name: [] for name in records}
    first = dt.datetime.fromtimestamp(now - LAG_WINDOW, dt.UTC)
    # Times sort as text, by an hour's difference of their offsets at most.
    for publisher, published, stored in stored_after(archive, first - dt.timedelta(days=1)):
        record = records.get(publisher)
        at = _seconds(published)
        fetched = _seconds(stored)
        if record is None or at is None or fetched is None:  # nobody watches it, or a damaged row
            continue
        if at >= max(record.since, now - LAG_WINDOW):
            lags[publisher].append(max(fetched - at, 0.0))
    return Status(
        at=now,
        lag=Lag.of([one for found in lags.values() for one in found]),
        lags={name: Lag.of(found) for name, found in lags.items()},
        seconds=lags,
        records=sorted(records.values(), key=lambda one: (one.due_at, one.publisher)),
        overdue=frozenset(name for name, one in records.items() if is_overdue(one, now, overdue_after)),
    )


def _seconds(text: str) -> float | None:
    try:
        return dt.datetime.fromisoformat(text).timestamp()
    except (ValueError, TypeError):
        return None


def as_dict(status: Status, *, requests_per_day: float) -> dict[str, Any]:
    """Return all of it for JSON: times in UTC, lengths of time in seconds, publishers last."""
    return {
        "at": _text(status.at),
        "lag": _lag(status.lag),
        "overdue": sorted(status.overdue),
        "requests_today": status.requests,
        "requests_per_day": requests_per_day,
        "publishers": [
            {
                "publisher": one.publisher,
                "due_at": _text(one.due_at),
                "overdue": one.publisher in status.overdue,
                "begun": one.has_begun,
                "asked_at": _text(one.asked_at),
                "read_at": _text(one.read_at),
                "last": one.kind,
                "failures": one.failures,
                "reason": one.reason,
                "lag": _lag(status.lags[one.publisher]),
            }
            for one in status.records
        ],
    }


def _lag(lag: Lag) -> dict[str, float | int | None]:
    return {"articles": lag.articles, "median": lag.median, "p95": lag.p95}


def _text(at: float | None) -> str | None:
    return None if at is None else dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="seconds")


#: Name, kind and meaning of the metrics of a watch.
WATCH_METRICS: dict[str, tuple[str, str]] = {
    "farscrawler_watch_written_timestamp_seconds": ("gauge", "the time when these figures were written"),
    "farscrawler_watch_publishers": ("gauge", "publishers that are watched"),
    "farscrawler_watch_overdue": ("gauge", "publishers due for longer than WATCH_OVERDUE_AFTER"),
    "farscrawler_watch_failing": ("gauge", "publishers whose last crawl failed, by kind"),
    "farscrawler_watch_requests_today": ("gauge", "requests of this day in Tehran"),
    "farscrawler_watch_lag_seconds": ("gauge", "time from publication to archive, in all and of a week, by quantile"),
}


def render_watch_metrics(status: Status) -> str:
    """Return the metrics of a watch as Prometheus text."""
    failing = {kind: sum(one.kind == kind for one in status.records) for kind in ("soft", "temporary", "hard", "held")}
    values: dict[str, dict[str, float]] = {
        "farscrawler_watch_written_timestamp_seconds": {"": status.at},
        "farscrawler_watch_publishers": {"": len(status.records)},
        "farscrawler_watch_overdue": {"": len(status.overdue)},
        "farscrawler_watch_failing": {f'{{kind="{kind}"}}': count for kind, count in failing.items()},
        "farscrawler_watch_requests_today": {"": status.requests},
        "farscrawler_watch_lag_seconds": {
            f'{{quantile="{name}"}}': value
            for name, value in (("0.5", status.lag.median), ("0.95", status.lag.p95))
            if value is not None
        },
    }
    lines = []
    for name, (kind, meaning) in WATCH_METRICS.items():
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
        lines += [f"{name}{labels} {value}" for labels, value in values[name].items()]
    return "\n".join(lines) + "\n"
