"""The day of an article that a test makes: its three fields, of one Jalali text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from farscrawler.days import date_fields, stored_jalali

if TYPE_CHECKING:
    from farscrawler.items import Article


def dated(plain: str | None) -> dict[str, Any]:
    """Return the fields of `1401-02-28T14:55:59` or `1401-02-28`."""
    stored = stored_jalali(plain) if plain is not None else None
    date, day = date_fields(stored)
    return {"published_date": date, "published_jalali": stored, "published_jalali_date": day}


def date_of(article: Article, plain: str | None) -> None:
    """Give an article the day of such a text, or none."""
    for name, value in dated(plain).items():
        setattr(article, name, value)
