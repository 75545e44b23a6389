"""The small inputs of the references that 0.2.0 got wrong, each against what its list says; skipped without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import farscrawler
from farscrawler import Article, publishers
from farscrawler.listings.feeds import read_feed
from farscrawler.listings.sitemaps import read_sitemap
from tests.support import run
from tests.support.extract_pages import shared

if TYPE_CHECKING:
    from pathlib import Path

FETCHED = "2026-11-27T08:00:00+00:00"
AT = "2022-05-18T14:55:00+04:30"
KHABARONLINE = publishers.load("khabaronline")
#: By file: what an article of a site of nobody holds; None for a page that holds none.
OF_NOBODY: dict[str, dict[str, Any] | None] = {
    "F10_home_page": None,
    "F11_clock": {"published_at": None, "published_jalali": None},
    "F12_liveblog_update": {"published_at": "2022-05-18T08:00:00+04:30"},
    "F13_time_datetime_relative": {"published_at": AT},
    "F14_uppercase_ld_type": {"published_at": "2022-05-18T14:55:59+04:30"},
    "F16_jsonld_entities": {"headline": 'نان & آب "تازه" \u200c می\u200cرود'},
    "F17_short_list": {},
    "F18_hidden_text": {},
    "F19_jsonld_controls": {"headline": "خبر تازه"},
    "P_u1_two_spans": {"published_at": "2023-03-15T10:00:00+03:30"},
    "P_u2_hidden_h1": {"headline": "گنجشک\u200cهای محله لانه ساختند", "published_at": "2017-05-18T22:57:00+04:30"},
    "P_u3_og_article": {"published_at": "2019-05-16T23:49:01+04:30", "section": "محله"},
    "P_u4_microdata_h2": {"headline": "گنجشک\u200cهای محله لانه ساختند", "published_jalali": "SH 1386/03/01"},
    "P_u5_home": None,
    "P_u6_tags": {"tags": ["گنجشک", "نانوا"]},
}
BODIES = {"F17_short_list": ("شیراز", "تهران"), "F18_hidden_text": ()}


def case(name: str) -> Path:
    found = list((shared() / "cases").glob(f"{name}.*"))
    assert len(found) == 1, name
    return found[0]


def read(name: str, **how: str) -> object:
    return farscrawler.parse(case(name).read_bytes(), fetched_at=FETCHED, **how)


@pytest.mark.parametrize("name", OF_NOBODY)
def test_a_page_of_nobody(name: str) -> None:
    found = read(
        name, publisher="news", url="https://www.example.ir/" if "home" in name else "https://www.example.ir/n/1"
    )
    wanted = OF_NOBODY[name]
    if wanted is None:
        assert not isinstance(found, Article)
        return
    assert isinstance(found, Article), found
    assert {field: getattr(found, field) for field in wanted} == wanted
    assert all(word in found.body for word in BODIES.get(name, ()))
    assert "پنهان" not in found.body


def test_pages_of_known_families() -> None:
    found = read("F01_lone_surrogate_jsonld", publisher="khabaronline", url="https://www.khabaronline.ir/news/5010/x")
    assert isinstance(found, Article)
    assert found.tags == ["نان", "شادی \ufffd"]
    found = read("P_f7_nastooh_breadcrumb", publisher="khabaronline", url="https://www.khabaronline.ir/news/1353889/x")
    assert isinstance(found, Article)
    assert (found.section, found.published_at) == ("نجوم", "2020-02-18T06:55:00+03:30")
    found = read("P_f8_iransamaneh_path", publisher="tabnak", url="https://www.tabnak.ir/fa/news/1815/x")
    assert isinstance(found, Article)
    assert (found.section, found.published_at) == ("دانش", "2011-02-12T09:05:00+03:30")


def test_feeds_and_sitemaps() -> None:
    url = "https://www.khabaronline.ir/x"
    feed = read_feed(case("F02_surrogate_charref_feed").read_bytes(), publisher=KHABARONLINE, url=url)
    assert [entry.key for entry in feed.articles] == ["1001", "1002"]
    for name, keys in {"F03_lt_in_title_sitemap": 3, "F04_trailing_junk_sitemap": 1}.items():
        body = case(name).read_bytes()
        found = read_sitemap(body, publisher=KHABARONLINE, url=url)
        assert body.count(b"<loc>") == len(found.articles) >= keys
        assert found.whole


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("F08_wrong_length_mid.warc", 11, 12),
        ("F09_three_records", 3, 3),
        ("F15_wacz", 1, 1),
        ("F15_zst.warc", 1, 1),
    ],
)
def test_files_of_web_archives(name: str, least: int, most: int, tmp_path: Path) -> None:
    path = case(name)
    done = run("crawl", "khabaronline", "-a", f"pages={path}", "-O", "news.jsonl", cwd=tmp_path)
    assert "Traceback" not in done.stderr
    exported = (
        (tmp_path / "news.jsonl").read_text(encoding="utf-8").splitlines() if (tmp_path / "news.jsonl").exists() else []
    )
    assert least <= len(exported) <= most, done.stderr
