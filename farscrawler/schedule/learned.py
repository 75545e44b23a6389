"""What the articles of an archive say of a publisher's rate: hours of publication become a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.schedule.profile import DAY, Profile, hour_begins, hour_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from farscrawler.archive.schedule import ScheduleRecord

#: What is older has lost three quarters of its weight in the shape of a week, and all in the level.
LOOKED_AT = 56 * DAY


def learn(articles: Mapping[int, float], record: ScheduleRecord) -> Profile:
    """Return the profile of a publisher from its articles by the hour of publication, up to when it was read last.

    Before the first run there was no watching: what the archive holds of that time came with that run, from lists
    that keep old articles at their head. Of these only the newer half counts, and the time since it began.
    """
    profile = Profile()
    until = record.read_at
    if until is None:
        return profile
    earliest = until - LOOKED_AT
    counted = {
        hour: count
        for hour, count in articles.items()
        if earliest < hour_begins(hour + 1) and hour_begins(hour) < until
    }
    since = max(record.since, earliest)
    before = sorted(hour for hour in counted if hour_begins(hour + 1) <= since)
    half, total = 0.0, sum(counted[hour] for hour in before)
    for hour in reversed(before):
        half += counted[hour]
        since = hour_begins(hour)
        if half * 2 >= total:
            break
    counted = {hour: count for hour, count in counted.items() if hour >= hour_number(since)}
    if not counted and record.articles:  # a site whose pages have no readable times: how many came is known
        counted = dict.fromkeys(range(hour_number(since), hour_number(until)), record.articles / 24)
    profile.observe(since, until, counted)
    return profile
