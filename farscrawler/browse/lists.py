"""The first page, and the lists of articles with what else may be chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from farscrawler.archive.browsing import LOOKED_AT, Conditions, list_page
from farscrawler.archive.reading.lookup import archived_publishers
from farscrawler.browse.addresses import address, choice_of, conditions_of, query_of, read_place, written_place
from farscrawler.browse.facets import UNDATED, Choice
from farscrawler.browse.labels import short_time
from farscrawler.markup import count
from farscrawler.persian import digits, fold_label
from farscrawler.timestamps.months import PERSIAN_MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farscrawler.browse.facets import Counted, Dimension, Value
    from farscrawler.browse.site import Asked, Site
    from farscrawler.items import Article

#: Articles of a page of a list.
PAGE = 30
_NEWEST = 12
#: Values of a dimension that are shown at once; the others are under a fold.
_SHOWN = 12
#: Letters of the text of an article in a list.
_OPENING = 200
_TITLES: dict[Dimension, str] = {"publisher": "ناشر", "year": "سال", "month": "ماه", "section": "بخش"}


def front(site: Site, _: Asked) -> dict[str, Any]:
    """Return the first page: the publishers with their numbers, and the newest articles."""
    with site.archive() as archive:
        counted = site.facets.newest(archive)
        keys = archived_publishers(archive.db, archive.path)
        newest = list_page(archive, Conditions(), limit=_NEWEST).articles
    numbers = {one.value: one.articles for one in counted.of(Choice())["publisher"]} if counted else {}
    publishers = [
        {
            "key": key,
            "name": site.name(key),
            "articles": count(numbers.get(key, 0)) if counted else None,
            "href": address("articles", publisher=key),
            "coverage": address("coverage", key),
        }
        for key in sorted(keys, key=lambda key: (-numbers.get(key, 0), key))
    ]
    years = [
        {
            "label": _label(site, "year", one),
            "articles": count(one.articles),
            "href": address("articles", year=one.value),
        }
        for one in (counted.of(Choice())["year"] if counted else [])
    ]
    return {
        "title": "بایگانی خبر",
        "articles": count(counted.articles) if counted else None,
        "publishers": publishers,
        "years": years,
        "items": [item(site, article) for article in newest],
    }


def articles(site: Site, asked: Asked) -> dict[str, Any]:
    """Return a page of the list of articles that have what is chosen, the newest first."""
    choice = choice_of(asked)
    oldest = asked.value("order") == "oldest"
    order = "oldest" if oldest else None
    with site.archive() as archive:
        counted = site.facets.newest(archive)
        page = list_page(
            archive, conditions_of(choice), limit=PAGE, after=read_place(asked.value("after")), oldest=oldest
        )
    after = written_place(page.after)
    query = query_of(choice) | {"order": order}
    return {
        "title": _title(site, choice),
        "choice": choice,
        "articles": count(counted.total(choice)) if counted else None,
        "items": [item(site, article) for article in page.articles],
        "chosen": list(chosen(site, choice, "articles", order=order)),
        "facets": list(facets(site, counted, choice, "articles", order=order)),
        "next": address("articles", **query, after=after) if after else None,
        "begun": asked.value("after") is not None,
        "first": address("articles", **query),
        "looked_at": count(page.looked_at) if page.looked_at == LOOKED_AT else None,
        "other_order": address("articles", **query | {"order": None if oldest else "oldest"}),
        "oldest": oldest,
    }


def item(site: Site, article: Article) -> dict[str, Any]:
    """Return an article as a list shows it."""
    text = article.lead or article.body
    opening = text[:_OPENING].rsplit(" ", 1)[0] + "…" if len(text) > _OPENING else text
    return {
        "href": address("article", article.publisher, article.article_id),
        "kicker": article.kicker,
        "headline": article.headline,
        "opening": opening,
        "time": short_time(article.published_jalali),
        "publisher": site.name(article.publisher),
        "section": article.section,
    }


def chosen(site: Site, choice: Choice, path: str, **query: object) -> Iterator[dict[str, str]]:
    """Yield what is chosen, each with the address of the same page without it."""
    found: list[tuple[Dimension, str, Choice]] = [
        ("publisher", site.name(key), choice.without_publisher(key)) for key in choice.publishers
    ]
    if choice.year is not None:
        label = "بی‌تاریخ" if choice.year == UNDATED else digits(choice.year)
        found.append(("year", label, choice.without("year")))
    if choice.month is not None:
        found.append(("month", PERSIAN_MONTHS[choice.month - 1], choice.without("month")))
    if choice.section is not None:
        found.append(("section", choice.section, choice.without("section")))
    for name, label, rest in found:
        yield {"title": _TITLES[name], "label": label, "href": address(path, **query, **query_of(rest))}


def facets(
    site: Site, counted: Counted | None, choice: Choice, path: str, *, numbers: bool = True, **query: object
) -> Iterator[dict[str, Any]]:
    """Yield the dimensions with their values: what each leads to, and its ``numbers`` of articles where they hold."""
    if counted is None:
        return
    for name, values in counted.of(choice).items():
        entries = [
            {
                "label": _label(site, name, one),
                "articles": count(one.articles) if numbers else None,
                "chosen": _is_chosen(choice, name, one.value),
                "href": address(path, **query, **query_of(_toggled(choice, name, one.value))),
            }
            for one in values
        ]
        shown = [one for at, one in enumerate(entries) if at < _SHOWN or one["chosen"]]
        if len(entries) > 1 or any(one["chosen"] for one in entries):
            yield {"title": _TITLES[name], "shown": shown, "rest": [one for one in entries if one not in shown]}


def _toggled(choice: Choice, name: Dimension, value: str) -> Choice:
    if _is_chosen(choice, name, value):
        if name == "publisher":
            return choice.without_publisher(value)
        return choice.without(name)
    if name == "publisher":
        return replace(choice, publishers=(*choice.publishers, value))
    if name == "year":
        return replace(choice, year=value, month=None)
    return replace(choice, month=int(value)) if name == "month" else replace(choice, section=value)


def _is_chosen(choice: Choice, name: Dimension, value: str) -> bool:
    if name == "publisher":
        return value in choice.publishers
    if name == "section":
        return choice.section is not None and fold_label(choice.section) == fold_label(value)
    return value == str(choice.year if name == "year" else choice.month)


def _label(site: Site, name: Dimension, one: Value) -> str:
    if name == "publisher":
        return site.name(one.value)
    if name == "month":
        return PERSIAN_MONTHS[int(one.value) - 1]
    return ("بی‌تاریخ" if one.value == UNDATED else digits(one.value)) if name == "year" else one.value


def _title(site: Site, choice: Choice) -> str:
    parts = ["خبرها"]
    if choice.section is not None:
        parts.append(f"بخش {choice.section}")
    if choice.publishers:
        parts.append("، ".join(map(site.name, choice.publishers)))
    if choice.year == UNDATED:
        parts.append("بی‌تاریخ")
    elif choice.year is not None:
        month = f"{PERSIAN_MONTHS[choice.month - 1]} " if choice.month else ""
        parts.append(f"{month}{digits(choice.year)}")
    return " · ".join(parts)
