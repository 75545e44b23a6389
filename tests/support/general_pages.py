"""Small pages of sites of nobody, and what is read of them."""

from __future__ import annotations

from farscrawler.extract import NoArticle, fill, read_page
from farscrawler.items import Article
from farscrawler.publishers.model import ANY_SITE, in_zone_of

FETCHED = "2026-11-23T08:00:00+00:00"
SENTENCES = (
    "کتابخانه کوچک محله با قفسه‌هایی از چوب گردو بازسازی شد و از فردا درِ آن به روی همه باز است.",
    "دانش‌آموزان دبستان نزدیک، نقشه ستاره‌های زمستانی را روی دیوار آن کشیده‌اند؛ کاری که سه هفته زمان برد.",
    "کتابدار تازه می‌گوید: «هر کس سه کتاب بیاورد، یک کارت یک‌ساله می‌گیرد.»",
    "این کتابخانه پیش از این انبار یک نانوایی بود و هنوز بوی نان می‌دهد.",
)
TEXT = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
BODY = "\n".join(SENTENCES)
TITLE = "کتابخانه باز شد"  # as short as headlines are
TIME = "<div class='x7'>سه‌شنبه ۱۲ مهر ۱۴۰۱ - ۱۹:۲۴</div>"
MOMENT = "2022-10-04T19:24:00+03:30"


def page(
    middle: str = TIME,
    *,
    head: str = "",
    title: str = "کتابخانه باز شد",
    text: str = TEXT,
    above: str = "",
    below: str = "",
) -> bytes:
    """Return a page whose headline is its title; ``above`` and ``below`` stand around its ``main``."""
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title} - سایت</title>{head}</head><body>{above}"
        "<nav><a href='/'>خانه</a> <a href='/a'>سیاست</a> <a href='/b'>ورزش</a></nav>"
        f"<main><h1>{title}</h1>{middle}<div class='q9'>{text}</div></main>{below}"
        "<footer>همه حقوق محفوظ است.</footer></body></html>"
    ).encode()


def read(
    body: bytes | str, url: str = "https://www.example.org/a", *, fetched_at: str = FETCHED
) -> Article | NoArticle:
    """Return what a page is read as at an address of nobody's."""
    found = read_page(
        body.encode() if isinstance(body, str) else body,
        publisher=in_zone_of(url),
        form="article",
        url=url,
        article_id=ANY_SITE.article_id(url),
        content_type="text/html",
    )
    if isinstance(found, NoArticle):
        return found
    article = Article(publisher="news", article_id=found.article_id, url=url, fetched_at=fetched_at)
    fill(article, found)
    return article


def article_of(body: bytes | str, url: str = "https://www.example.org/a", *, fetched_at: str = FETCHED) -> Article:
    """Return the article that a page is read as; an AssertionError for one that is none."""
    article = read(body, url, fetched_at=fetched_at)
    assert isinstance(article, Article), article
    return article
