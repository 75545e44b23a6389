"""Publishers: the stanzas, what is refused of them, and the questions about addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler import publishers
from farscrawler.extract.reader import reader_of
from farscrawler.publishers.loader import read_text

FARSONLINE, ARYANEWS, YJC = (publishers.load(key) for key in ("farsonline", "aryanews", "yjc"))
STANZA = """\
[site]
name = "سایت"
hosts = ["www.site.ir"]
scheme = "https"
tz = "Asia/Tehran"
default_form = "article"
lists = ["/"]
site_names = []
datelines = []
lead_by_dateline = false
[site.forms.article]
url = "/news/{id}"
paths = ['/news/(\\d+)']
"""
OWNERS = ("yjc", "khabaronline", "tarafdari", "alef", "ensafnews")


def test_the_publishers_known() -> None:
    assert len(publishers.names()) >= 250
    assert {"aryanews", "farsonline", "yjc"} < set(publishers.names())
    assert [publisher.key for publisher in publishers.all_publishers()] == list(publishers.names())
    assert FARSONLINE.name == "پیام فارس"
    assert (FARSONLINE.family, YJC.family) == ("incsys", "iransamaneh")
    assert (FARSONLINE.default_form, ARYANEWS.default_form) == ("print", "article")
    assert set(FARSONLINE.forms) == {"article", "print"}


def test_every_family_has_its_reader() -> None:
    for name in {publisher.family for publisher in publishers.all_publishers()}:
        assert callable(reader_of(name))


def test_an_unknown_publisher_is_answered_with_close_names() -> None:
    with pytest.raises(
        publishers.UnknownPublisher, match=r"farsonlin'.*Did you mean farsonline.*farscrawler publishers"
    ):
        publishers.load("farsonlin")
    with pytest.raises(LookupError, match="no publisher named 'zzz'"):
        publishers.load("zzz")


@pytest.mark.parametrize(
    "url",
    [
        "http://www.Fars-Online.ir/Fa/News/267403/گل-و-گلاب",
        "http://fars-online.ir/fa/News/267403/x/",
        "https://www.payamefars.ir/FA/NEWS/267403",
        "https://payamefars.ir:443/fa/news/267403/",
        "http://www.fars-online.ir:80/news/267403/",
        "http://www.fars-online.ir/News/0267403/x",
        "http://www.fars-online.ir/Fa/News/۲۶۷۴۰۳/x",
        "http://www.fars-online.ir/Fa/News/267403/%22%DA%AF%D9%84%22",
        'http://www.fars-online.ir/Fa/News/267403/"گل”-و',
        "http://www.fars-online.ir/Fa/News/267403/x?utm=1#end",
        "http://www.fars-online.ir/Incsys/PrtNews.aspx?l=Fa&code=267403&k=0",
        "https://www.payamefars.ir/incsys/PRTNEWS.ASPX?k=0&CODE=267403&l=Fa",
        "http://www.fars-online.ir./Fa/News/267403/",
        " http://www.fars-online.ir/Fa/News/267403/ ",
    ],
)
def test_one_article_by_any_of_its_addresses(url: str) -> None:
    assert FARSONLINE.article_id(url) == "267403"
    assert FARSONLINE.owns(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://www.aryanews.com/News/5/",
        "http://fars-online.ir.example.com/Fa/News/5/",
        "http://xfars-online.ir/Fa/News/5/",
        "ftp://www.fars-online.ir/Fa/News/5/",
        "/Fa/News/5/",
        "http://www.fars-online.ir:8080/Fa/News/5/",
        "http://www.fars-online.ir:x/Fa/News/5/",
        "http://[::1/Fa/News/5/",
        "",
        "\0",
    ],
)
def test_addresses_of_others(url: str) -> None:
    assert not FARSONLINE.owns(url)
    assert FARSONLINE.article_id(url) is None
    assert FARSONLINE.form_of(url) is None


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/Fa/News/",
        "/Fa/News/x/",
        "/Fa/News/5x/",
        "/Fa/News/0/",
        "/Fa/News/-5/",
        "/Fa/News/²/",
        "/Fa/News/" + "9" * 21 + "/",
        "/fa/News/18017/https/t.me/x",
        "/fa/News/18017/https/t.me",
        "/Service/4/x",
        "/NewsAll/39/x",
        "/Incsys/Photo.aspx?image=/x&code=5",
        "/Incsys/PrtNews.aspx",
        "/Incsys/PrtNews.aspx?code=",
        "/Incsys/PrtNews.aspx?code=5&code=6",
        "/Incsys/PrtNews.aspx?code=5x",
    ],
)
def test_addresses_of_the_site_that_are_no_article(path: str) -> None:
    url = "http://www.fars-online.ir" + path
    assert FARSONLINE.owns(url)
    assert FARSONLINE.article_id(url) is None


@pytest.mark.parametrize(
    ("publisher", "url", "expected"),
    [
        (ARYANEWS, "http://www.aryanews.com/News/120200622120908039/x", "120200622120908039"),
        (ARYANEWS, "http://aryanews.com/Print/120200622120908039", "120200622120908039"),
        (ARYANEWS, "http://www.aryanews.com/news/20200622113317596/", "20200622113317596"),
        (YJC, "https://www.yjc.ir/fa/news/7349926/x", "7349926"),
        (YJC, "http://yjc.news/fa/print/7349926", "7349926"),
        (YJC, "http://www.yjc.ir/fa/amp/news/7349926", "7349926"),
        (YJC, "http://www.yjc.ir/fa/rss/allnews", None),
        (YJC, "http://www.yjc.ir/00Uq3C", None),
    ],
)
def test_the_ids_of_other_sites(publisher: publishers.Publisher, url: str, expected: str | None) -> None:
    assert publisher.article_id(url) == expected


def test_the_form_of_an_address() -> None:
    assert FARSONLINE.form_of("http://fars-online.ir/Fa/News/5/") == "article"
    assert FARSONLINE.form_of("http://fars-online.ir/incsys/prtnews.aspx?code=5") == "print"
    assert YJC.form_of("https://www.yjc.ir/fa/print/5") == "print"


def test_the_addresses_made() -> None:
    assert FARSONLINE.url_for("5", "print") == "http://www.fars-online.ir/Incsys/PrtNews.aspx?l=Fa&code=5&k=0"
    assert FARSONLINE.canonical_url("5") == "http://www.fars-online.ir/Fa/News/5/"
    assert ARYANEWS.url_for("5", "print") == "http://www.aryanews.com/Print/5"
    assert YJC.canonical_url("5") == "https://www.yjc.ir/fa/news/5"
    assert FARSONLINE.list_urls() == ("http://www.fars-online.ir/",)
    with pytest.raises(KeyError):
        FARSONLINE.url_for("5", "amp")


@given(st.integers(1, 10**20 - 1), st.sampled_from([FARSONLINE, ARYANEWS, YJC]))
def test_every_address_made_is_read_back(number: int, publisher: publishers.Publisher) -> None:
    for form in publisher.forms:
        url = publisher.url_for(str(number), form)
        assert url.isascii()
        assert (publisher.article_id(url), publisher.form_of(url)) == (str(number), form)


@given(st.text())
def test_any_text_may_be_asked(text: str) -> None:
    for url in (text, f"http://www.fars-online.ir/{text}", f"http://{text}", f"http://www.fars-online.ir:{text}/"):
        assert FARSONLINE.article_id(url) is None or FARSONLINE.owns(url)


def test_a_stanza_is_read() -> None:
    (site,) = read_text(STANZA, "custom.toml")
    assert (site.key, site.family, site.hosts, site.lead_by_dateline) == ("site", "custom", ("www.site.ir",), False)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "سایت"\n', "", r"custom\.toml, line 1: \[site\]: name is missing"),
        ('name = "سایت"', "name = 5", r"custom\.toml, line 2: \[site\]: name: should be a text"),
        ('name = "سایت"', 'name = " "', r"\[site\]: name: should be a text"),
        ("lead_by_dateline = false", "lead_by_dateline = 0", r"lead_by_dateline: should be true or false"),
        ('hosts = ["www.site.ir"]', "hosts = []", r"\[site\]: hosts: should be at least one host"),
        ('hosts = ["www.site.ir"]', 'hosts = ["http://site.ir"]', r"\[site\]: hosts: should be"),
        ('hosts = ["www.site.ir"]', 'hosts = ["Site.ir"]', r"\[site\]: hosts: should be"),
        ('hosts = ["www.site.ir"]', "hosts = [5]", r"\[site\]: hosts: should be a list of texts"),
        ('scheme = "https"', 'scheme = "gopher"', r"\[site\]: scheme: should be http or https"),
        ('tz = "Asia/Tehran"', 'tz = "Asia/Nowhere"', r"\[site\]: tz: should be the name of a time zone"),
        ('tz = "Asia/Tehran"', 'tz = "../etc"', r"\[site\]: tz: should be the name of a time zone"),
        ('default_form = "article"', 'default_form = "print"', r"\[site\]: default_form: should be one of article"),
        ('lists = ["/"]', 'lists = ["x"]', r"\[site\]: lists: should be paths"),
        ("lists =", "list =", r"\[site\]: unknown key list"),
        ("lists =", "extra = 1\nlists =", r"\[site\]: unknown key extra"),
        ('url = "/news/{id}"', 'url = "/news/"', r"\[site\.forms\.article\]: url: should be a path with \{id\} once"),
        ('url = "/news/{id}"', 'url = "/خبر/{id}"', r"\[site\.forms\.article\]: url: should be"),
        (r"'/news/(\d+)'", r"'/news/\d+'", r"\[site\.forms\.article\]: paths: should be .* exactly one group"),
        (r"'/news/(\d+)'", r"'/news/('", r"\[site\.forms\.article\]: paths: should be regular expressions \("),
        (r"['/news/(\d+)']", "[]", r"\[site\.forms\.article\]: paths: should be"),
        (r"paths =", "query = 'id'\npaths =", r"\[site\.forms\.article\]: paths: should be .* no group"),
        ("[site]", "[Site]", r"\[Site\]: a name is made of"),
        ("[site]", "[site", r"custom\.toml, line 1: \[site\]: Expected"),
    ],
)
def test_a_malformed_stanza_names_file_stanza_and_key(old: str, new: str, message: str) -> None:
    assert old in STANZA
    text = STANZA.replace(old, new).replace("[site.forms", "[Site.forms" if new == "[Site]" else "[site.forms")
    with pytest.raises(publishers.MalformedPublisher, match=message):
        read_text(text, "custom.toml")


def test_what_a_family_says_holds_for_its_sites_unless_they_say_otherwise() -> None:
    text = """\
[defaults]
lists = ["/", "/news"]
[defaults.forms.article]
url = "/news/{id}"
paths = ['/news/(\\d+)']
[defaults.selectors]
body = [".item-text"]
headline = ["h1.title"]
[defaults.doors]
sitemaps = ["/sitemap.xml"]
[defaults.doors.archive]
url = "/archive?pi={page}&dy={jd}&mn={jm:02}&yr={jy}"
[one]
name = "یک"
hosts = ["one.ir"]
[two]
name = "دو"
hosts = ["two.ir"]
scheme = "http"
lists = ["/"]
[two.selectors]
body = [".rich-content"]
[two.doors]
ids = false
[two.doors.archive]
span = "month"
"""
    one, two = read_text(text, "custom.toml")
    assert (one.scheme, one.tz, one.lists, one.url_for("5", "article")) == (
        "https",
        "Asia/Tehran",
        ("/", "/news"),
        "https://one.ir/news/5",
    )
    assert (two.scheme, two.lists) == ("http", ("/",))
    assert dict(two.selectors) == {"body": (".rich-content",), "headline": ("h1.title",)}
    assert one.sources.archive is not None
    assert two.sources.archive is not None
    assert (one.sources.archive.span, two.sources.archive.span) == ("day", "month")
    assert (one.sources.ids, two.sources.ids, two.sources.sitemaps) == (True, False, ("/sitemap.xml",))


def test_an_id_may_be_a_text() -> None:
    text = STANZA.replace(r"paths = ['/news/(\d+)']", r"paths = ['/news/([^/]+)/?']" + '\nid = "text"')
    (site,) = read_text(text.replace(r"'/news/(\d+)'", "'/news/([^/]+)/?'"), "custom.toml")
    address = site.url_for("سلام-دنیا", "article")
    assert address.isascii()
    assert site.article_id(address) == "سلام-دنیا"
    assert site.article_id("https://www.site.ir/news/%00/") is None


@pytest.mark.parametrize(
    ("doors", "message"),
    [
        ('sitemaps = ["sitemap.xml"]', r"\[site\.doors\]: sitemaps: should be paths"),
        ('pages = "/list"', r"\[site\.doors\]: pages: should be a path made of"),
        ('archive = {url = "/a?d={day}"}', r"\[site\.doors\.archive\]: url: should be a path made of"),
        ('archive = {url = "/a?d={jd}", span = "week"}', r"span: should be day or month"),
        ('archive = {url = "/a?d={jd}", first_page = "1"}', r"first_page: should be a number"),
        ('archive = {url = "/a?d={jd}", x = 1}', r"\[site\.doors\.archive\]: unknown key x"),
        ('feed_tz = "Mars"', r"\[site\.doors\]: feed_tz: should be the name of a time zone"),
    ],
)
def test_a_malformed_door_is_named(doors: str, message: str) -> None:
    with pytest.raises(publishers.MalformedPublisher, match=message):
        read_text(f"{STANZA}[site.doors]\n{doors}\n", "custom.toml")


def test_a_value_outside_a_stanza_is_refused() -> None:
    with pytest.raises(publishers.MalformedPublisher, match=r"custom\.toml, line 1: site: a publisher is a table"):
        read_text("site = 5", "custom.toml")


@pytest.mark.parametrize(
    "url",
    [
        *(f"https://www.yjc.ir/fa/{what}/7349926" for what in ("send", "save", "report", "ajax", "rss", "ads")),
        *(f"https://www.khabaronline.ir/{what}/1355001" for what in ("printmail", "redirect", "d", "api", "service")),
        *("https://www.tarafdari.com/discuss/2201003/actions/nojs", "https://www.alef.ir/category/social.html"),
        *("https://www.ensafnews.com/category/society/", "https://www.ensafnews.com/wp-admin/1/"),
    ],
)
def test_an_address_of_a_tool_or_list_is_no_articles(url: str) -> None:
    (publisher,) = [one for one in map(publishers.load, OWNERS) if one.owns(url)]
    assert publisher.article_id(url) is None


def test_the_publishers_of_an_address_are_found_without_reading_all_stanzas() -> None:
    every = publishers.all_publishers()
    known = publishers.Catalogue()
    for publisher in every:
        for host in publisher.hosts:
            for url in (f"https://{host}/x", f"http://{host.upper()}./"):
                wanted = [one for one in every if one.owns(url)]
                assert publisher in wanted
                assert known.of_url(url) == wanted
    fresh = publishers.Catalogue()
    assert [one.key for one in fresh.of_url("https://www.yjc.ir/fa/news/1")] == ["yjc"]
    assert len(fresh._read) < 5
    for url in ("https://nosuch.example/", "https://[x", "", "about:blank", "https:///"):
        assert fresh.of_url(url) == []
