"""Make an archive of invented news of five years, for the examples: `python examples/newsroom_archive.py news.db`.

The newsroom writes headlines, leads and times, and its words are shuffled into bodies, since its sentences resemble
each other as no news does. Fewer articles appear on Fridays and holidays, three publishers print some of each other's,
and one subject becomes more frequent from year to year: what the other examples are to find.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farscrawler import Article, publishers
from farscrawler.archive import Archive, Visit
from farscrawler.days import date_fields, jalali_parts, stored_jalali
from farscrawler.extract.article import content_hash
from farscrawler.testing.newsroom import Newsroom, answers
from farscrawler.testing.newsroom.clock import TEHRAN

if TYPE_CHECKING:
    from collections.abc import Iterator

NEWSROOM = Newsroom(seed=1398, first_id=1_000, count=5_000, start="1398-01-01", until="1403-01-01")
SITES = {"irna": "ایرنا", "isna": "ایسنا", "mehrnews": "مهر"}
#: The share of the usual articles on days off, of articles that another site prints too, and of copies that name it.
FRIDAY, HOLIDAY, COPIED, NAMED = 0.4, 0.3, 0.2, 0.6
HOLIDAYS = {(1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 14), (3, 15), (11, 22), (12, 29)}
#: The share of the articles of a year that speak of the subject, in one of its spellings.
SUBJECT = ("کاربرد هوش مصنوعی در این کار آغاز شده است.", "كاربرد هوش مصنوعي در اين كار آغاز شده است.")
SHARES = {1398: 0.01, 1399: 0.02, 1400: 0.03, 1401: 0.06, 1402: 0.15}
FETCHED_AT = "2026-11-23T08:00:00+00:00"


def articles(newsroom: Newsroom = NEWSROOM) -> Iterator[Article]:
    """Yield the articles, and behind each its copies."""
    dice = random.Random(newsroom.seed)
    first = filter(None, map(newsroom.story, range(newsroom.first_id, newsroom.first_id + 200)))
    words = sorted({word for story in first for word in " ".join(story.paragraphs).split()})
    for number in range(newsroom.first_id, newsroom.newest_id + 1):
        story = newsroom.story(number)
        if story is None:
            continue
        at = story.published.astimezone(TEHRAN)
        year, month, day = jalali_parts(at.date())
        kept = HOLIDAY if (month, day) in HOLIDAYS else FRIDAY if at.weekday() == 4 else 1  # noqa: PLR2004  # Friday
        if dice.random() > kept or year not in SHARES:
            continue
        found = answers(story)
        found["body"] = " ".join(dice.choices(words, k=dice.randint(40, 160)))
        if dice.random() < SHARES[year]:
            found["body"] += f"\n{dice.choice(SUBJECT)}"
        source, *others = dice.sample(sorted(SITES), 3)
        yield _article(found, source, number, at)
        if dice.random() < COPIED:
            for site in others[: dice.randint(1, 2)]:
                told = f"به گزارش {SITES[source]}، " if dice.random() < NAMED else ""
                copy = {**found, "headline": f"گزارش: {found['headline']}", "body": f"{told}{found['body']}"}
                yield _article(copy, site, number, at + dt.timedelta(minutes=dice.randint(5, 180)))


def _article(found: dict[str, Any], site: str, number: int, at: dt.datetime) -> Article:
    url = publishers.load(site).canonical_url(f"{80_000_000 + number}")
    year, month, day = jalali_parts(at.date())
    jalali = stored_jalali(f"{year:04}-{month:02}-{day:02}T{at:%H:%M:%S}")
    date, jalali_date = date_fields(jalali)
    own = {
        "publisher": site,
        "article_id": f"{80_000_000 + number}",
        "url": url,
        "permalink": None,
        "published_at": at.isoformat(),
        "published_date": date,
        "published_jalali": jalali,
        "published_jalali_date": jalali_date,
        "fetched_at": FETCHED_AT,
    }
    article = Article(**{**found, **own})
    article.content_hash = content_hash(article)
    return article


def main() -> None:
    """Make the archive."""
    match sys.argv[1:]:
        case [path] if not Path(path).exists():
            pass
        case [path]:
            sys.exit(f"{path} is there already; invented news would mix with what it holds. Name a new file.")
        case _:
            sys.exit("Name the archive to make: newsroom_archive.py news.db")
    made = list(articles())
    with Archive(path, readonly=False) as archive:
        for one in made:
            visit = Visit(publisher=one.publisher, key=one.article_id, url=one.url, outcome="article", at=FETCHED_AT)
            archive.save(visit, one)
    print(f"{path} holds {len(made):,} invented articles.")


if __name__ == "__main__":
    main()
