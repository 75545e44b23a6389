"""`farscrawler detect` as a command: where it reads, what it asks for, what it writes, and how it ends."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from farscrawler.cli.drafted import table
from farscrawler.drafts.trial import PageTrial
from farscrawler.publishers.loader import family_defaults, read_text
from farscrawler.testing.newsroom import Newsroom, Server
from farscrawler.testing.newsroom.replicas.nastooh import Nastooh
from tests.support import FAST, run, start
from tests.support.invented import DivSite, PlainSite, TableSite, fast, site_of
from tests.support.pageserver import Answer, PageServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farscrawler.testing.newsroom.replicas.edition import Edition
    from farscrawler.testing.newsroom.replicas.familysite import FamilySite

_FAST = [word for name, value in FAST.items() for word in ("-s", f"{name}={value}")]


@pytest.fixture(scope="module")
def site() -> FamilySite:
    return site_of(PlainSite)


@pytest.fixture(scope="module")
def server(site: FamilySite) -> Iterator[Server]:
    with Server(site.newsroom, site=site) as opened:
        yield opened


@pytest.fixture
def saved(site: FamilySite, tmp_path: Path) -> str:
    """Return the name of a saved page of the site."""
    (tmp_path / "page.html").write_text(site.article_page(story(site)), encoding="utf-8")
    return "page.html"


def story(site: FamilySite) -> Edition:
    """Return the newest article of some length."""
    return next(one for one in site.chronicle.backwards() if len(one.paragraphs) > 3)


def address(site: FamilySite) -> str:
    return site.url_for(story(site))


def test_a_file_is_read_without_the_network_and_standard_input_alike(
    site: FamilySite, server: Server, saved: str, tmp_path: Path
) -> None:
    before = len(server.requests)
    of_file = run("detect", saved, "--url", address(site), cwd=tmp_path, env=fast(server.url))
    assert (of_file.returncode, of_file.stderr) == (0, ""), of_file.stdout
    with start(
        "detect", "-", "--url", address(site), cwd=tmp_path, env=fast(server.url), stdin=-1, stdout=-1
    ) as process:
        out, _ = process.communicate((tmp_path / saved).read_text(encoding="utf-8"))
    assert process.returncode == 0
    # A file can be named again, standard input cannot.
    assert out == of_file.stdout.partition("\n  farscrawler detect page.html")[0] + "\n"
    assert len(server.requests) == before
    assert "# seen on one page alone" in out


def test_a_file_is_tried_on_more_pages_where_that_is_asked_for(
    site: FamilySite, server: Server, saved: str, tmp_path: Path
) -> None:
    words = ("detect", saved, "--url", address(site), "--try", "3", "--json")
    done = run(*words, cwd=tmp_path, env=fast(server.url))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["pages"]) == 3
    assert found["requests"] > 3
    assert [one["name"] for one in found["sources"]] == ["sitemaps"]


def test_the_json_has_everything(site: FamilySite, server: Server, tmp_path: Path) -> None:
    done = run("detect", address(site), "--json", cwd=tmp_path, env=fast(server.url))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["publisher"], found["family"], found["holds"], found["file"]) == ("dashtestan", "custom", True, None)
    assert found["selectors"]["body"]["selectors"] == [".prose"]
    assert found["selectors"]["published"]["sure"] is True
    assert set(found["pages"][0]["fields"]) == {
        "kicker", "headline", "lead", "body", "published", "section", "tags", "authors",
    }  # fmt: skip
    assert found["pages"][0]["fields"]["headline"]["stanza"] == story(site).headline
    assert set(found["not_found"]) == {"feeds", "archive", "pages"}
    assert re.findall(r"^\[(.+)\]$", found["stanza"], re.MULTILINE) == [
        "dashtestan", "dashtestan.forms.article", "dashtestan.selectors", "dashtestan.doors",
    ]  # fmt: skip
    assert "farscrawler detect" in found["next"][0]


def test_a_file_that_is_there_is_never_written_over(site: FamilySite, saved: str, tmp_path: Path) -> None:
    words = ("detect", saved, "--url", address(site))
    assert run(*words, "--output", "mine.toml", cwd=tmp_path).returncode == 0
    first = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(first + "# mended\n", encoding="utf-8")
    again = run(*words, "--output", "mine.toml", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert "mine.toml is there already and stays as it is" in again.stderr
    assert (tmp_path / "mine.toml").read_text(encoding="utf-8") == first + "# mended\n"
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "dashtestan.toml").write_text("", encoding="utf-8")
    into = run(*words, "--publishers", "sites", cwd=tmp_path)
    assert into.returncode == 2
    assert "[dashtestan]" in into.stdout, "it is printed instead, and nothing is lost"
    assert (tmp_path / "sites" / "dashtestan.toml").read_text(encoding="utf-8") == ""


def test_the_folder_of_the_project_is_the_one_that_is_written_to(site: FamilySite, saved: str, tmp_path: Path) -> None:
    words = ("detect", saved, "--url", address(site), "--publishers")
    refused = run(*words, cwd=tmp_path)
    assert refused.returncode == 2
    assert "--publishers needs a folder" in refused.stderr
    (tmp_path / "sites").mkdir()
    (tmp_path / "farscrawler.toml").write_text('publishers = "sites"\n', encoding="utf-8")
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "sites" / "dashtestan.toml").exists()
    assert "\n  farscrawler crawl dashtestan --latest 5\n" in done.stdout, "the project file names the folder"
    assert run("publishers", "dashtestan", cwd=tmp_path).stdout.startswith("dashtestan\tcustom\t")


def test_what_the_family_says_of_a_site_is_not_said_again(tmp_path: Path) -> None:
    site = Nastooh(Newsroom(seed=5, count=120, per_day=4, start="1401-01-20", until="1401-03-01"), weight=2_000)
    with Server(site.newsroom, site=site) as server:
        words = ("detect", address(site), "--publishers", "sites", "--json")
        done = run(*words, cwd=tmp_path, env=fast(server.url))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["family"], found["selectors"]) == ("nastooh", {})
    (publisher,) = read_text((tmp_path / "sites" / f"{found['publisher']}.toml").read_text(encoding="utf-8"), "x.toml")
    of_family = family_defaults("nastooh")["doors"]
    assert list(publisher.sources.sitemaps) == of_family["sitemaps"], "of each day, where the site names another too"
    assert list(publisher.sources.feeds) == of_family["feeds"]
    assert publisher.sources.archive is not None
    assert all(page["fields"]["headline"]["status"] == "same" for page in found["pages"])


def test_a_name_that_another_site_has_is_left_to_it(tmp_path: Path) -> None:
    page = site_of(TableSite).article_page(site_of(TableSite).chronicle.newest(1)[0])
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    done = run("detect", "page.html", "--url", "https://www.mehrnews.example/shownews.php?nid=12", cwd=tmp_path)
    assert "\n[mehrnews_example]\n" in done.stdout, done.stderr


def test_robots_txt_and_the_one_host_are_kept(tmp_path: Path) -> None:
    site = site_of(DivSite)
    elsewhere = '<a href="https://elsewhere.example/1404/01/02/x/">یک نشانی در میزبانی دیگر</a></body>'
    pages = {
        path: site.article_page(one).replace('"><a href=', '"><a data-href=').replace("</body>", elsewhere)
        for path, one in zip(("/1401/01/02/a/", "/1401/01/02/b/"), site.chronicle.newest(2), strict=True)
    }
    links = "".join(f'<a href="{path}">پیوند</a>' for path in (*pages, "/rss"))
    home = f"<html><body>{links}</body></html>"
    answers = {path: Answer(body) for path, body in {**pages, "/": home}.items()}
    answers["/robots.txt"] = Answer(
        "User-agent: *\nDisallow: /rss\nDisallow: /1401/01/02/b\n", headers={"Content-Type": "text/plain"}
    )
    with PageServer(answers) as shown:
        done = run("detect", f"{shown.url}/1401/01/02/a/", *_FAST, cwd=tmp_path)
        assert not {"/rss", "/1401/01/02/b/"} & set(shown.asked)
        assert {"/", "/1401/01/02/a/", "/sitemap.xml"} <= set(shown.asked)
        assert len(shown.asked) == len(set(shown.asked)) + 1, "robots.txt is read for its rules, and for its sitemaps"
    assert f"no article: {shown.url}/1401/01/02/b/ (forbidden by robots.txt" in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["page.html", "--try", "0"], "--try 0: a stanza is tried on 1 to 20 pages"),
        (["page.html", "--try", "two"], "argument --try: invalid int value"),
        (["page.html", "--output", "a.toml", "--publishers", "b"], "give one of them"),
        (["page.html", "--family", "nastuh"], "there is no such family"),
        (["page.html", "--url", "www.x.ir"], "www.x.ir is no address of a page"),
        (["page.html", "--try", "3"], "does not say its address, so no other page can be tried; give --url"),
        (["https://localhost/x", "--url", "x"], "localhost"),
    ],
)
def test_wrong_words_are_answered_with_a_sentence(saved: str, tmp_path: Path, words: list[str], sentence: str) -> None:
    del saved
    done = run("detect", *words, cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert sentence in done.stderr
    assert done.stderr.count(sentence) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("pages", [1, 5, 7, 8, 20])
def test_the_table_of_any_number_of_pages_fits_80_columns(pages: int) -> None:
    names = ("kicker", "headline", "lead", "body", "published", "section", "tags", "authors")
    trials = [PageTrial(f"https://x.example/{n}", dict.fromkeys(names, "missing"), {}) for n in range(pages)]
    lines = list(table(trials))
    assert len(lines) == 1 + len(names)
    assert max(map(len, lines)) <= 80
    assert lines[0].split()[-1] == str(pages)
    assert lines[1].count("missing" if pages < 8 else "?") == pages
