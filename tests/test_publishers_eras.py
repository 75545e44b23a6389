"""Eras of a site: what a stanza says of its earlier systems, and the addresses and ids that it had then."""

from __future__ import annotations

import pytest

from farscrawler import publishers
from farscrawler.extract.family import family_data
from farscrawler.extract.rules_digest import rules_digest
from farscrawler.publishers.loader import read_text

SITE = """\
[garden]
name = "باغ"
hosts = ["www.garden.ir", "garden.ir"]
[garden.forms.article]
url = "/news/{id}"
paths = ['/news/(\\d+)(?:/[^/]*)?/?']
"""
OLD = """\
[garden.eras.old]
since = 2012
until = 2018
hosts = ["www.garden.com", "garden.com"]
scheme = "http"
family = "custom"
[garden.eras.old.forms.article]
url = "/detail/{id}"
paths = ['/detail/(\\d+)(?:/[^/]*)?/?']
"""


def garden(more: str = OLD) -> publishers.Publisher:
    (found,) = read_text(SITE + more, "custom.toml")
    return found


#: Address, id and the one address that stands for the article.
ADDRESSES = [
    ("khabaronline", "http://www.khabaronline.ir/detail/763123", "dorhost:763123", "/detail/763123"),
    ("khabaronline", "http://khabaronline.ir/detail/763123/Economy/market", "dorhost:763123", "/detail/763123"),
    ("khabaronline", "https://www.khabaronline.ir/news/763123/نان", "763123", "/news/763123"),
    ("hamshahrionline", "http://hamshahrionline.ir/details/401234/City/Traffic", "details:401234", "/details/401234"),
    ("shana", "http://www.shana.ir/fa/newsagency/282123/نفت", "sampa:282123", "/fa/newsagency/282123"),
    ("ibna", "http://www.ibna.ir/fa/doc/naghli/259123/کتاب", "studiokhabar:naghli/259123", "/fa/doc/naghli/259123"),
    ("hawzahnews", "http://www.hawzahnews.com/detail/Photo/444123", "hypermedia:Photo/444123", "/detail/Photo/444123"),
    ("khabarvarzeshi", "http://www.khabarvarzeshi.com/p/157123", "aspnet:157123", "/p/157123"),
    ("bartarinha", "http://www.bartarinha.ir/fa/news/599123/سفر", "iransamaneh:599123", "/fa/news/599123"),
    ("bartarinha", "https://www.bartarinha.ir/fa/news/599123-سفر", "599123", "/fa/tiny/news-599123"),
    ("khabarfoori", "http://khabarfoori.com/detail/318123/باران", "symfony:318123", "/detail/318123"),
    ("55online", "http://55online.ir/news/53123", "php:53123", "http://www.55online.ir/news/53123"),
    ("55online", "http://55online.ir/news/نان+تازه", "php:نان+تازه", "+%D8%AA%D8%A7%D8%B2%D9%87"),
    ("varzesh3", "https://www.varzesh3.com/news/d1Gjx/x", "d1Gjx", "/news/d1Gjx"),
    ("varzesh3", "https://www.varzesh3.com/news/GkQzP", "GkQzP", "/news/GkQzP"),
    ("parstoday", "http://parstoday.com/fa/iran-i12345", "12345", "https://www.parstoday.ir/fa/x-i12345"),
    ("bbc", "http://www.bbc.co.uk/persian/iran-12345678", "iran-12345678", "https://www.bbc.com/persian/iran-12345678"),
    ("dw", "http://www.dw.de/fa-ir/باران/a-123", "123", "https://www.dw.com/fa-ir/a-123"),
    ("irna", "http://www3.irna.ir/fa/News/82345678/نان", "fa_news:82345678", "http://www3.irna.ir/fa/News/82345678/"),
    ("irna", "http://www3.irna.ir/news/82345678", "82345678", "https://www.irna.ir/news/82345678"),
    ("isna", "http://isna.ir/fa/news/95010100001/باغ", "cervees:95010100001", "/fa/news/95010100001/"),
    ("alef", "http://alef.ir/vdcb8^b50rhb9.html", "studiokhabar:vdcb8^b50rhb9", "/vdcb8^b50rhb9.html"),
    ("mehrnews", "http://mehrnews.com/fa/NewsPrint.aspx?NewsID=1271463", "aspx:1271463", "Detail.aspx?NewsID=1271463"),
    ("borna", "https://borna.news/بخش-شهر-3/123-x", "asam:123", "/fa/tiny/news-123"),
    ("ettelaat", "http://www.ettelaat.com/fa/news/9123/x", "own:9123", "/fa/news/9123/"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "url", "article_id", "canonical"), ADDRESSES)
def test_addresses_of_every_era(key: str, url: str, article_id: str, canonical: str) -> None:
    publisher = publishers.load(key)
    assert publisher.owns(url)
    assert publisher.article_id(url) == article_id
    assert publisher.form_of(url) in publisher.forms
    assert publisher.makes(article_id, "article")
    assert publisher.canonical_url(article_id).endswith(canonical)
    assert publisher.article_id(publisher.canonical_url(article_id)) == article_id
    assert publisher in publishers.installed().of_url(url)


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("varzesh3", "https://www.varzesh3.com/news/live"),
        ("varzesh3", "https://www.varzesh3.com/news/archive/2"),
        ("khabaronline", "http://www.khabaronline.ir/detail/"),
        ("khabaronline", "http://www.khabaronline.ir/detail/x/Economy"),
        ("55online", "http://55online.ir/news/archive"),
        ("55online", "http://55online.ir/tag/نان+تازه"),
        ("bbc", "http://www.bbc.co.uk/news/world-12345678"),
        ("bbc", "http://www.bbc.co.uk/persian/index.shtml"),
        ("dw", "http://www.dw.de/en/x/a-123"),
        ("farsnews", "http://www.farsnews.com/imgrep.php?nn=13930418000036"),
        ("mehrnews", "http://www.mehrnews.com/fa/txtNewsView_fa.aspx?t=News&page=1"),
        ("alef", "http://alef.ir/vsda^ln1lkt47.html"),
    ],
)
def test_addresses_of_an_era_that_are_no_article(key: str, url: str) -> None:
    assert publishers.load(key).owns(url)
    assert publishers.load(key).article_id(url) is None


def test_both_addresses_of_an_article_of_farsnews_are_one() -> None:
    fars = publishers.load("farsnews")
    urls = ("http://www.farsnews.com/newstext.php?nn=13930418000036", "https://www.farsnews.ir/news/13930418000036/x")
    assert {fars.article_id(url) for url in urls} == {"13930418000036"}
    era = fars.era_of(urls[0])
    assert era is not None
    assert (era.name, era.years) == ("newstext", "2014–2018")
    assert fars.era_of(urls[1]) is None


def test_every_era_of_ours_holds() -> None:
    """An era's own address leads back to its id, which is none of today; its family has data."""
    seen = 0
    for publisher in publishers.all_publishers():
        assert publisher.base_url.endswith(publisher.hosts[0])
        for era in publisher.eras:
            seen += 1
            assert era.family is None or family_data(era.family).name == era.family
            assert set(era.hosts) <= set(publisher.hosts)
            assert publisher.hosts[0] not in era.hosts
            if era.prefix and era.forms["article"].id == "number":
                own_id = f"{era.prefix}123456"
                url = publisher.canonical_url(own_id)
                assert publisher.article_id(url) == own_id, url
                assert publisher.era_of(url) is era
    assert seen > 25


def test_ids_of_an_era_are_never_those_of_today() -> None:
    site = garden()
    then, now = site.article_id("http://garden.com/detail/12"), site.article_id("https://garden.ir/news/12")
    assert (then, now) == ("old:12", "12")
    assert site.canonical_url("old:12") == "http://www.garden.com/detail/12"
    assert site.canonical_url("12") == "https://www.garden.ir/news/12"
    # Addresses of then under the hosts of today; those of today were none of the hosts of then.
    assert site.article_id("https://www.garden.ir/detail/12/x") == "old:12"
    assert site.article_id("http://garden.com/news/12") is None
    assert site.base_url == "https://www.garden.ir"
    assert not site.makes("old:12", "print")
    assert site.id_of_code("12", "old:7") == "old:12"
    assert site.id_of_code("12", "7") == site.id_of_code("12", None) == "12"


def test_a_host_of_old_with_the_addresses_of_today() -> None:
    site = garden('[garden.eras.com]\nhosts = ["garden.com"]\n')
    assert site.article_id("http://garden.com/news/12") == "12"
    assert site.canonical_url("12") == "https://www.garden.ir/news/12"
    era = site.era_of("http://garden.com/about")
    assert era is not None
    assert (era.name, era.years, era.prefix) == ("com", "", "")


def test_an_era_of_another_family_has_its_addresses_and_rules() -> None:
    (era,) = garden('[garden.eras.before]\nfamily = "iransamaneh"\nuntil = 2016\n').eras
    assert set(era.forms) == {"article", "print"}
    assert era.rules.code_is_id
    assert era.years == "until 2016"
    site = garden('[garden.eras.before]\nfamily = "iransamaneh"\n')
    # A print page is a form of that time alone: it is read as an article, and asked for as one.
    assert site.article_id("https://garden.ir/fa/print/12") == "before:12"
    assert site.form_of("https://garden.ir/fa/print/12") == "article"


def test_the_digest_of_rules_hangs_on_eras() -> None:
    digests = {
        rules_digest(garden(more)) for more in ("", OLD, OLD.replace("custom", "nastooh"), OLD.replace("detail", "d"))
    }
    assert len(digests) == 4
    assert rules_digest(garden()) == rules_digest(garden())


@pytest.mark.parametrize(
    ("more", "line", "problem"),
    [
        ("hosst = ['a.ir']", 17, r"\[garden.eras.old\]: unknown key hosst; did you mean hosts\?"),
        ("[garden.eras.old.forms.article]\npaths = ['/(x)']\nurls = '/x'", 19, r"unknown key urls; did you mean url\?"),
        ("[garden.eras.old.rules]\nsection_skips = 1", 18, r"unknown key section_skips; did you mean section_skip\?"),
        ("since = '1390'", 17, "since: should be a number"),
        ("since = 1390", 17, "since: should be a Gregorian year"),
        ("since = 2020\nuntil = 2018", 18, "until: 2018 is before since, 2020"),
        ("hosts = ['garden.ir']", 17, "hosts: garden.ir is a host of the site today"),
        ("hosts = ['Garden.com']", 17, "hosts: should be at least one host name"),
        ("family = 'dorhost'", 17, "family: should be "),
        ("scheme = 'ftp'", 17, "scheme: should be http or https"),
        ("same_ids = 'yes'", 17, "same_ids: should be true or false"),
        ("mark = ['h1.a']", 16, "family is missing"),
        ("family = 'custom'\nmark = ['h1[']", 18, r"mark: 'h1\[' is no CSS selector"),
        ("family = 'custom'\nmark = ['h1::text']", 18, "mark: .* should name elements"),
        ("[garden.eras.old.forms.print]\npaths = ['/p/(\\d+)']", 16, r"forms: should be an \[….forms.article\] table"),
        ("[garden.eras.old.forms.article]\npaths = ['/p/(\\d+)']", 16, "url is missing: ids of the era's own"),
        ("[garden.eras.old.selectors]\nheadlines = ['h1']", 18, "there is no field of this name"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_era_is_said_with_its_line(more: str, line: int, problem: str) -> None:
    text = SITE + "#\n" * 9 + "[garden.eras.old]\n" + more + "\n"
    with pytest.raises(publishers.MalformedPublisher, match=problem) as raised:
        read_text(text, "custom.toml")
    assert str(raised.value).startswith(f"custom.toml, line {line}: [garden.eras.old")


def test_eras_are_tables() -> None:
    for more in ("eras = 5\n", "[garden.eras]\nold = 5\n", "[garden.eras.Old]\nsince = 2018\n", "[[garden.eras]]\n"):
        text = SITE.replace("[garden.forms", more + "[garden.forms") if more.startswith("eras") else SITE + more
        with pytest.raises(publishers.MalformedPublisher, match=r"should be a table|a name is made of"):
            read_text(text, "custom.toml")
