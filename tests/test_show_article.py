"""`farscrawler show PUBLISHER ID`: one article to read, explained, its page, and what is said where there is none."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from farscrawler.archive import Archive
from farscrawler.archive.kept.pages import KeptPages, path_of
from farscrawler.archive.runs import runs_of
from farscrawler.cli.addressed import absence, addressed
from farscrawler.cli.article_lines import plain_lines, screen_lines
from farscrawler.cli.base import CommandSettings
from farscrawler.errors import Exit
from farscrawler.extract.warnings import WARNINGS, in_words
from farscrawler.items import FIELD_NAMES, Article
from farscrawler.publishers import installed
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import crawl, run
from tests.support.kept import kept_in
from tests.support.records import article, visit
from tests.support.terminals import on_terminal, plain, too_wide

if TYPE_CHECKING:
    from pathlib import Path

_FULL = Article(
    publisher="farsonline", article_id="1", url="http://www.fars-online.ir/Fa/News/1/", permalink="http://x.ir/1/یک",
    kicker="روتیتر", headline="تیتر‌ها", subtitle="زیرتیتر", dateline="پیام فارس", lead="لید",
    body="بند یک با واژه های بسیار\nSecond paragraph in Latin letters", section="سیاسی", agency="ایرنا",
    authors=["الف", "ب"], tags=["یک", "دو"], images=[{"url": "http://x.ir/i.jpg", "caption": "شرح"}],
    published_text="شنبه", published_at="2022-05-18T14:55:59+04:30", published_date="2022-05-18",
    published_jalali="SH 1401/02/28 14:55:59", published_jalali_date="SH 1401/02/28", published_precision="second",
    modified_at="2022-05-19T10:00:00+04:30", fetched_at="2026-11-23T08:00:00+00:00", revision=2,
    warnings=["no-lead", "timestamp-refused: weekday disagrees", "of-tomorrow: x"],
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with articles of the replica and their pages, two of them stored otherwise than they are read."""
    made = tmp_path_factory.mktemp("archive")
    newsroom = Newsroom(count=30)
    with Server(newsroom) as server:
        crawl(server.url, "-a", f"ids={newsroom.first_id}-{newsroom.first_id + 22}", cwd=made)
    with Archive(made / "archive.db", readonly=False) as archive:
        for publisher, key, url in (("irna", "1000", "u"), ("closed_site", "7", "https://closed.ir/a/7")):
            one, seen = article(key), visit(key)
            one.publisher = seen.publisher = publisher
            one.url = seen.url = url
            archive.save(seen, one)
        archive.save(visit("88", "missing", "HTTP 410"))
        archive.save(visit("89", "failed", "no answer"))
        archive.flush()
        with archive.transaction() as db:
            db.execute("UPDATE articles SET kicker = 'دیگر' WHERE publisher = 'farsonline' AND article_id = '1001'")
    return made


def test_all_of_an_article_is_there_in_the_order_of_reading() -> None:
    shown = "\n".join(plain_lines(_FULL))
    inorder = ["روتیتر", "تیتر‌ها", "زیرتیتر", "لید", "بند یک", "Second paragraph", "1401/02/28 14:55:59 = 2022-05-18"]
    assert [shown.index(one) for one in inorder] == sorted(shown.index(one) for one in inorder)
    beside = ("content_hash", "published_jalali_date", "published_date", "schema_version")  # said in other words
    values = [getattr(_FULL, name) for name in FIELD_NAMES if name not in beside]
    for value in values:
        for text in value if isinstance(value, list) else [str(value)]:
            parts = text.values() if isinstance(text, dict) else text.removeprefix("SH ").replace("T", " ").split("\n")
            assert all(part in shown for part in parts), text
    assert "1401/02/29 = 2022-05-19 10:00:00+04:30" in shown
    assert "1405/09/02 = 2026-11-23 08:00:00+00:00" in shown
    assert "the time of publication is not certain; the reason follows (timestamp-refused: weekday disagrees)" in shown
    assert "warning: of-tomorrow: x" in shown


def test_persian_lines_run_from_the_right_and_others_do_not() -> None:
    lines = [text for text, _ in screen_lines(_FULL, 20, letters=True)]
    assert "\u200f\u2067بند یک با واژه های\u2069" in lines
    assert "\u200f\u2067بسیار\u2069" in lines
    assert "Second paragraph in" in lines
    assert "\u200esection    \u2068سیاسی\u2069" in lines
    assert "\u200ehttp://www.fars-online.ir/Fa/News/1/" in lines, "what is too wide stands whole"
    ascii_lines = [text for text, _ in screen_lines(_FULL, 40, letters=False)]
    assert all(text.isascii() for text in ascii_lines)
    assert not too_wide("\n".join(ascii_lines), 40)


def test_every_warning_has_its_words() -> None:
    assert in_words("no-body") == f"{WARNINGS['no-body']} (no-body)"


def test_an_id_in_persian_digits_and_an_address_name_the_same_article(folder: Path) -> None:
    with Archive(folder / "archive.db") as archive:
        wanted = archive.article("farsonline", "1000")
        assert wanted is not None
    for words in (
        ("farsonline", "۱۰۰۰"), ("farsonline", "٠١٠٠٠"), ("farsonline", wanted.url), (wanted.url,),
    ):  # fmt: skip
        done = run("show", *words, "--json", cwd=folder)
        assert (done.returncode, json.loads(done.stdout)) == (0, asdict(wanted)), words
    assert run("show", "closed_site", "https://closed.ir/a/7", cwd=folder).stdout.count("article: closed_site 7") == 1
    revisions = run("revisions", "farsonline", "۱۰۰۰", cwd=folder)
    assert revisions.stdout == run("revisions", wanted.url, cwd=folder).stdout != ""
    foreign = run("show", "irna", wanted.url, cwd=folder)
    assert (foreign.returncode, foreign.stdout) == (Exit.BAD_ARGUMENTS, "")
    assert "is one of farsonline" in foreign.stderr


def test_an_address_on_the_mirror_names_the_article_of_the_site(folder: Path, tmp_path: Path) -> None:
    """On that of a run of the archive, and on that of the settings; no other server's is taken for the site's."""
    with Archive(folder / "archive.db") as archive:
        mirror = next(iter(runs_of(archive, "farsonline"))).arguments["base_url"]
    own = run("show", "farsonline", "1000", cwd=folder)
    assert own.stdout != ""
    for words in ((f"{mirror}/Fa/News/1000/",), ("farsonline", f"{mirror}/Fa/News/1000/x")):
        assert run("show", *words, cwd=folder).stdout == own.stdout
    (tmp_path / "farscrawler.toml").write_text('base_url = "http://127.0.0.1:9"\n', encoding="utf-8")
    other = ("show", "http://127.0.0.1:9/Fa/News/1000/", "--archive", str(folder / "archive.db"))
    assert run(*other, cwd=tmp_path).stdout == own.stdout
    assert run(*other, cwd=folder).returncode == Exit.BROKE
    absent = run("show", f"{mirror}/Fa/News/7/", cwd=folder)
    assert "no article 7 of farsonline is stored" in absent.stderr


#: What is asked for, and what is said of it.
ABSENT: dict[tuple[str, str], tuple[str, ...]] = {
    ("farsonline", "88"): ("missing (HTTP 410) since the visit of 2026-11-23 08:00:00 UTC", "--ids 88 --again missing"),
    ("farsonline", "89"): ("failed (no answer)", "`farscrawler crawl farsonline --ids 89 --archive"),
    ("farsonline", "7"): ("never visited", "closed_site has an article of this id: `farscrawler show closed_site 7"),
    ("irna", "1"): ("never visited", "`farscrawler crawl irna --ids 1 --archive a.db` asks the site for it"),
    ("mehrnews", "1000"): ("holds nothing of mehrnews yet", "show farsonline 1000", "show irna 1000"),
    ("closed_site", "9"): ("no article 9 of closed_site is stored. It was never visited.",),
}


def test_what_is_not_there_is_told_with_what_is_known_of_it(folder: Path) -> None:
    known = installed()
    with Archive(folder / "archive.db") as archive:
        for words, said in ABSENT.items():
            sentence = absence(addressed(words, known, archive, CommandSettings()), known, archive, " --archive a.db")
            assert all(one in sentence for one in said), sentence
            assert sentence.count("`farscrawler ") == sentence.count(" --archive a.db`")
    for command in ("show", "revisions"):
        done = run(command, "farsonline", "88", cwd=folder)
        assert (done.returncode, done.stdout) == (Exit.BROKE, "")
        assert "`farscrawler crawl farsonline --ids 88 --again missing` asks the site for it" in done.stderr


def test_its_kept_page_is_written_as_it_came(folder: Path, tmp_path: Path) -> None:
    done = run("show", "farsonline", "1000", "--page", str(tmp_path / "page.html"), cwd=folder)
    assert done.returncode == 0, done.stderr
    kept = kept_in(folder / "archive.db")["1000", "print"]
    assert (tmp_path / "page.html").read_bytes() == kept.body
    assert f"the print page of farsonline 1000, {len(kept.body):,} bytes" in done.stdout
    none = run("show", "irna", "1000", "--page", str(tmp_path / "other.html"), cwd=folder)
    assert (none.returncode, none.stdout) == (Exit.BROKE, "")
    assert "no page of irna 1000 is kept" in none.stderr
    assert not (tmp_path / "other.html").exists()
    over = run("show", "farsonline", "1000", "--page", "archive.db", cwd=folder)
    assert (over.returncode, "is the archive" in over.stderr) == (Exit.BAD_ARGUMENTS, True)


def test_the_page_of_what_is_no_article_can_be_had_too(folder: Path, tmp_path: Path) -> None:
    with Archive(folder / "archive.db") as archive, KeptPages(path_of(folder / "archive.db")) as pages:
        key = archive.db.execute("SELECT key FROM visits WHERE outcome != 'article' AND page_kept").fetchone()[0]
        bodies = [page.body for page in pages.of_address("farsonline", key) if hasattr(page, "body")]
    said = run("show", "farsonline", key, cwd=folder)
    assert (said.returncode, "Its page is kept: --page FILE writes it" in said.stderr) == (Exit.BROKE, True)
    done = run("show", "farsonline", key, "--page", str(tmp_path / "page.html"), cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "page.html").read_bytes() in bodies


def test_each_field_is_explained_by_its_kept_page(folder: Path) -> None:
    done = run("show", "farsonline", "1000", "--explain", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "<- the lines of the print page" in done.stdout
    assert "stored otherwise" not in done.stdout
    changed = run("show", "farsonline", "1001", "--explain", cwd=folder).stdout
    assert "stored otherwise: kicker: دیگر" in changed
    assert "`farscrawler reparse farsonline` stores what is read today" in changed
    without = run("show", "irna", "1000", "--explain", cwd=folder)
    assert without.returncode == Exit.OWED
    assert "article: irna 1000" in without.stdout
    assert "no page of irna 1000 is kept" in without.stderr


def test_it_fits_a_terminal(folder: Path) -> None:
    with Archive(folder / "archive.db", readonly=False) as archive:
        archive.save(visit("1"), _FULL)
    for columns in (30, 120):
        code, screen = on_terminal("show", "farsonline", "1", cwd=folder, columns=columns)
        assert code == 0
        assert not too_wide(screen, columns)
        words = " ".join(plain(screen).split())
        assert "بند یک با واژه های بسیار" in words
        assert "1401/02/28 14:55:59 = 2022-05-18 14:55:59+04:30 (precision: second)" in words
