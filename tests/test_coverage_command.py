"""`farscrawler coverage` on archives that real crawls have made, against answers computed from the newsroom itself."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from docs import coverage_picture
from farscrawler import publishers
from farscrawler.archive import OUTCOMES, Archive, Visit
from farscrawler.coverage import Report, survey
from farscrawler.coverage.asjson import as_dict
from farscrawler.coverage.calendar import DAILY_YEARS
from farscrawler.coverage.gaps import COMPARED, COUNTABLE_DIGITS, LEAST_COMPARED
from farscrawler.coverage.html import OUTCOMES as OUTCOME_NAMES
from farscrawler.coverage.html import page
from farscrawler.days import DateRange, gregorian, parse_date_range
from farscrawler.items import Article
from farscrawler.persian import digits
from farscrawler.testing.newsroom import Faults, Newsroom, Server, answers
from tests.support import ROOT, crawl, run, start

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SITE = publishers.load("farsonline")
#: Sixty days of ten ids each.
NEWSROOM = Newsroom(first_id=5_000, count=600, per_day=10, start="1401-01-20")
HOLE = range(5_200, 5_260)
FAILED, BLOCKED = range(5_400, 5_403), range(5_410, 5_412)
UNASKED = {*HOLE, 5_403}
ASKED = [at for at in range(5_000, 5_600) if at not in UNASKED]
NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def harvest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with an archive of a harvest that has a hole, and pages that failed and were blocked."""
    folder = tmp_path_factory.mktemp("harvest")
    with Server(NEWSROOM, weight=2_000) as server:
        done = crawl(server.url, "-a", "ids=5000-5199,5260-5399,5404-5409,5412-5599", cwd=folder)
    assert done.returncode == 0, done.stderr
    for ids, fault in ((FAILED, {"unavailable": 1.0}), (BLOCKED, {"challenge": 1.0})):
        with Server(NEWSROOM, Faults(patience=1_000, **fault), weight=2_000) as server:  # type: ignore[arg-type]  # rates
            done = crawl(server.url, "-a", f"ids={ids[0]}-{ids[-1]}", cwd=folder, ROBOTSTXT_OBEY=False, RETRY_TIMES=0)
        assert done.returncode == 3, done.stderr
    return folder


def stored() -> dict[int, str]:
    """Give id and Jalali day of what the harvest must have stored."""
    troubled = {*FAILED, *BLOCKED}
    return {
        at: answers(story)["published_jalali"][:10]
        for at in ASKED
        if at not in troubled and (story := NEWSROOM.story(at)) is not None
    }


def as_json(folder: Path, *words: str) -> dict[str, Any]:
    done = run("coverage", "farsonline", "--json", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_report_is_the_known_answer(harvest: Path) -> None:
    found, days = as_json(harvest), stored()
    assert {day["day"]: day["articles"] for day in found["days"] if day["articles"]} == Counter(days.values())
    assert (found["since"], found["until"]) == (min(days.values()), max(days.values()))
    assert found["articles"] == len(days)
    assert found["undated"] == found["uncountable"] == 0
    gone = sum(NEWSROOM.story(at) is None for at in ASKED if at not in {*FAILED, *BLOCKED})
    assert found["outcomes"] == {
        "missing": gone, "not-article": 0, "failed": len(FAILED), "blocked": len(BLOCKED), "skipped": 0,
    }  # fmt: skip
    assert found["owed"] == len(FAILED) + len(BLOCKED)
    ids = found["ids"]
    assert (ids["lowest"], ids["highest"], ids["asked"], ids["never_asked"]) == (5_000, 5_599, len(ASKED), len(UNASKED))
    assert [(gap["first"], gap["last"], gap["count"]) for gap in ids["gaps"]] == [(5_200, 5_259, 60), (5_403, 5_403, 1)]
    hole = ids["gaps"][0]
    assert hole["after"] == days[max(at for at in days if at < 5_200)]
    assert hole["before"] == days[min(at for at in days if at > 5_259)]
    reasons = [(one["outcome"], one["count"], one["first"]) for one in found["reasons"] if one["outcome"] != "missing"]
    assert reasons == [("failed", 3, ["5400", "5401", "5402"]), ("blocked", 2, ["5410", "5411"])]
    assert sum(one["count"] for one in found["reasons"]) == sum(found["outcomes"].values())
    assert found["provisional"] > 0  # the misses near the newest id
    assert found["articles"] + sum(found["outcomes"].values()) == ids["asked"]


def test_the_hole_is_flagged_and_its_open_ids_are_those_never_asked(harvest: Path) -> None:
    found, days = as_json(harvest), stored()
    after, before = found["ids"]["gaps"][0]["after"], found["ids"]["gaps"][0]["before"]
    within = [day for day in found["days"] if after < day["day"] < before]
    assert len(within) >= 5
    assert all(day["flagged"] and day["articles"] == 0 and day["open_ids"] == 60 for day in within)
    settled = {day["day"] for day in found["days"] if day["open_ids"] == 0}
    owed = days[max(at for at in days if at < 5_400)]
    assert owed not in settled
    assert min(days.values()) not in settled  # below the first id known nobody has asked
    assert found["days"][0]["open_ids"] is found["days"][-1]["open_ids"] is None
    assert len(settled) > 40


@pytest.mark.parametrize("until", ["1401-02-10", "2022-04-30"])
def test_of_a_range_only_what_may_belong_to_it_counts(harvest: Path, until: str) -> None:
    found, days = as_json(harvest, "--since", "1401-02-05", "--until", until), stored()
    assert (found["since"], found["until"]) == ("1401-02-05", "1401-02-10")
    assert found["articles"] == sum("1401-02-05" <= day <= "1401-02-10" for day in days.values())
    assert len(found["days"]) == 6

    def may_belong(at: int) -> bool:
        below = max((one for one in days if one < at), default=None)
        above = min((one for one in days if one > at), default=None)
        return (below is None or days[below] <= "1401-02-10") and (above is None or days[above] >= "1401-02-05")

    near = {at for at in range(5_000, 5_600) if may_belong(at) and at not in days}
    near |= {at for at, day in days.items() if "1401-02-05" <= day <= "1401-02-10"}
    assert (found["ids"]["lowest"], found["ids"]["highest"]) == (min(near), max(near))
    assert found["ids"]["asked"] == len(near - UNASKED)
    assert found["ids"]["never_asked"] == len(near & UNASKED)
    assert found["outcomes"]["failed"] == found["outcomes"]["blocked"] == 0
    whole = {day["day"]: day for day in as_json(harvest)["days"]}
    assert all(day == whole[day["day"]] for day in found["days"])  # judged as in the whole


def cells(text: str, heading: str) -> list[list[str]]:
    """Give the rows of a table of the plain output, below the line that begins with its heading."""
    lines = text.split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(heading))
    rows = []
    for line in lines[at + 1 :]:
        if not line:
            break
        rows.append(re.split(r"\s{2,}", line))
    return rows


def test_the_table_says_what_the_json_says(harvest: Path) -> None:
    found = as_json(harvest)
    done = run("coverage", "farsonline", cwd=harvest)
    assert done.returncode == 0, done.stderr
    text = done.stdout
    assert "\x1b" not in text
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    for line, month in zip(cells(text, "month "), found["months"], strict=True):
        assert line[0].split()[0] == month["month"].replace("-", "/")
        numbers = [int(part.replace(",", "")) for part in line[1:] if re.fullmatch(r"[\d,]+", part)]
        shown = (month["days"], month["articles"], month["empty"], month["flagged"])
        assert numbers == [number for number in shown if number]  # a nought is left blank
    assert f"\narticles    {found['articles']}\n" in text
    assert f"\nids         600 from 5000 to 5599: {len(ASKED)} known, {len(UNASKED)} never requested\n" in text
    assert "\npending     5: 3 failed, 2 blocked, 0 skipped\n" in text
    assert [line[:2] for line in cells(text, "Ids never requested")[1:]] == [["5200-5259", "60"], ["5403", "1"]]
    flagged = cells(text, "from ")
    assert sum(int(line[-4]) for line in flagged) == sum(day["flagged"] for day in found["days"])
    assert "farscrawler crawl farsonline -a ids=5000-5599" in text


def test_a_line_a_day(harvest: Path) -> None:
    found = as_json(harvest)
    lines = cells(run("coverage", "farsonline", "--days", cwd=harvest).stdout, "day ")
    assert [(line[0], line[1], int(line[2])) for line in lines] == [
        (day["day"].replace("-", "/"), day["weekday"], day["articles"]) for day in found["days"]
    ]
    assert [line[4] for line in lines] == ["?" if day["open_ids"] is None else str(day["open_ids"])
                                           for day in found["days"]]  # fmt: skip
    assert ["!" in line for line in lines] == [day["flagged"] for day in found["days"]]


def test_the_command_it_names_fetches_what_is_open_and_nothing_else(harvest: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(harvest, tmp_path / "again")
    with Server(NEWSROOM, weight=2_000) as server:
        done = crawl(server.url, "-a", "ids=5000-5599", cwd=folder)
        assert done.returncode == 0, done.stderr
        asked = {int(code[1]) for entry in server.requests if (code := re.search(r"code=(\d+)", entry.path))}
    assert asked == {*UNASKED, *FAILED, *BLOCKED}
    found = as_json(folder)
    assert (found["owed"], found["ids"]["never_asked"], found["ids"]["gaps"]) == (0, 0, [])
    assert {day["open_ids"] for day in found["days"]} == {0, None}
    assert not any(day["flagged"] for day in found["days"][1:-1])


def test_it_reads_while_another_program_writes(harvest: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(harvest, tmp_path / "busy")
    with Archive(folder / "archive.db", readonly=False) as archive, archive.transaction() as db:
        db.execute("DELETE FROM visits")  # not committed, and so not seen
        assert as_json(folder)["outcomes"]["failed"] == len(FAILED)
        db.execute("ROLLBACK")
        db.execute("BEGIN")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 2, "name one publisher"),
        (("farsonlin",), 2, "farsonlin"),
        (("farsonline", "--since", "1401-13"), 2, "there is no such day"),
        (("farsonline", "--since", "soon"), 2, "write a day such as 1401-02-01"),
        (("farsonline", "--since", "1402", "--until", "1401"), 2, "exchange them"),
        (("farsonline", "--json", "--days"), 2, "--days is for the table"),
        (("farsonline", "--html", "archive.db"), 2, "name a file that ends with .html"),
        (("farsonline", "-s", "ARCHIVE=none.db"), 2, "none.db does not exist"),
        (("farsonline", "-s", "ARCHIVE=note.txt"), 2, "is no archive"),
        (("yjc",), 1, "holds nothing of yjc yet"),
        (("farsonline", "--html", "no/such/folder.html"), 1, "cannot be written"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(
    harvest: Path, tmp_path: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    shutil.copy(harvest / "archive.db", tmp_path)
    (tmp_path / "note.txt").write_text("a note", encoding="ascii")
    done = run("coverage", *words, cwd=tmp_path)
    assert done.returncode == code
    assert sentence in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error(harvest: Path) -> None:
    with start(
        "coverage", "farsonline", "--json", cwd=harvest, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


# -- archives of other kinds, made through the archive itself -------------------------------------------------------


def settled(key: str, outcome: str, day: str | None = None, reason: str | None = None) -> tuple[Visit, Article | None]:
    assert outcome in OUTCOMES
    visit = Visit(
        publisher="farsonline", key=key, url=f"http://x/{key}", outcome=outcome, reason=reason, at="2026-11-23T08:00:00"
    )  # fmt: skip
    if outcome != "article":
        return visit, None
    article = Article(
        publisher="farsonline", article_id=key, url=visit.url, headline="تیتر", body="متن", fetched_at=visit.at,
        content_hash=key, published_jalali=day,
    )  # fmt: skip
    return visit, article


def reported(path: Path, rows: Sequence[tuple[Visit, Article | None]], span: DateRange | None = None) -> Report:
    with Archive(path, readonly=False) as archive:
        for row in rows:
            archive.save(*row)
        archive.flush()
        report = survey(archive, SITE, span or DateRange(), now=NOW)
    assert report is not None
    return report


def test_ids_that_are_time_stamps_or_texts_are_not_counted(tmp_path: Path) -> None:
    report = reported(
        tmp_path / "a.db",
        [
            settled("14010203000001", "article", "1401-02-03"),
            settled("14010205000001", "article", "1401-02-05T10:00:00"),
            settled("14010204000001", "failed", reason="HTTP 503"),
            settled("a/slug", "blocked", reason="HTTP 403"),
        ],
    )
    assert report.ids is None
    assert report.uncountable == 4
    assert [day.articles for day in report.days] == [1, 0, 1]
    assert {day.open_ids for day in report.days} == {None}
    assert "؟" in page(report)
    early = reported(tmp_path / "a.db", [], parse_date_range("1401-01", "1401-01"))
    assert early.outcomes["failed"] == 0
    assert early.outcomes["blocked"] == 1  # a text tells of no day


def test_articles_without_a_certain_day_are_counted_apart(tmp_path: Path) -> None:
    rows = [
        settled("10", "article", "1401-02-03"),
        settled("12", "article"),
        settled("13", "article", "1401-13-31"),  # of another program
        settled("14", "article", "1401-02-04"),
        settled("20", "article", "1401-06-01"),
        settled("21", "article"),
    ]
    report = reported(tmp_path / "a.db", rows)
    assert (report.articles, report.undated) == (3, 3)
    assert report.ids is not None
    assert (report.ids.asked, report.ids.never_asked) == (6, 6)
    some = reported(tmp_path / "a.db", [], parse_date_range("1401-02", "1401-02"))
    assert (some.articles, some.undated) == (2, 2)


def test_a_stored_article_counts_once_whatever_the_ledger_says(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.db", readonly=False) as archive:
        archive.save(*settled("10", "article", "1401-02-03"))
        archive.flush()
        archive.db.execute("DELETE FROM visits")
    report = reported(tmp_path / "a.db", [settled("10", "failed", reason="HTTP 503"), settled("12", "missing")])
    assert report.outcomes["failed"] == 0
    assert report.ids is not None
    assert (report.ids.asked, report.ids.never_asked) == (2, 1)


def test_where_all_failed_there_are_no_days_and_it_says_so(tmp_path: Path) -> None:
    report = reported(tmp_path / "archive.db", [settled(str(at), "failed", reason="HTTP 503") for at in (7, 9)])
    assert report.days == ()
    assert "هیچ خبر تاریخ‌داری" in page(report)
    done = run("coverage", "farsonline", cwd=tmp_path)
    assert done.returncode == 0
    assert "no article of the range has a certain day" in done.stdout
    assert "3 from 7 to 9: 2 known, 1 never requested" in done.stdout


# -- the page -------------------------------------------------------------------------------------------------------

_VOID = {"meta", "br", "hr", "img", "input", "link"}
EVIL = '</td><script>alert("x")</script><img src=http://evil.example/x onerror=alert(1)>\x1b[31m\x00\u202e'


class Strict(HTMLParser):
    """Holds a page against the rules this one keeps: tags in balance, nothing loaded, no digit but Persian ones."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.shown: list[str] = []
        self.style = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        elif "bdi" not in self.open:
            self.shown.append(data)

    @classmethod
    def of(cls, text: str) -> Strict:
        parser = cls()
        parser.feed(text)
        parser.close()
        assert parser.open == []
        return parser


def evil(folder: Path) -> Report:
    rows = [settled(str(at), "article", f"1401-{1 + at // 31:02}-{1 + at % 30:02}") for at in range(60, 120)]
    return reported(
        folder / "<b>.db", [*rows, settled("130", "failed", reason=EVIL), settled("<i>x", "blocked", reason=EVIL)]
    )


def test_the_page_is_whole_asks_for_nothing_and_obeys_no_text(tmp_path: Path) -> None:
    text = page(evil(tmp_path))
    assert text.startswith("<!DOCTYPE html>\n<html")
    parser = Strict.of(text)
    assert ("html", "lang", "fa") in parser.attributes
    assert ("html", "dir", "rtl") in parser.attributes
    names = {name for _, name, _ in parser.attributes}
    assert not names & {"src", "href", "srcset", "style", "action", "data", "xlink:href"}
    assert not [name for name in names if name.startswith("on")]
    assert not {"script", "img", "link", "iframe", "object", "form", "a"} & set(parser.tags)
    assert "url(" not in parser.style
    assert "@import" not in parser.style
    assert "\x1b" not in text
    assert "\x00" not in text
    assert text.count("&lt;script&gt;") == 2
    policy = next(value for tag, name, value in parser.attributes if tag == "meta" and "default-src" in value)
    digest = base64.b64encode(hashlib.sha256(parser.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"


def test_the_numbers_of_the_page_are_persian_and_its_dates_have_slashes(tmp_path: Path) -> None:
    parser = Strict.of(page(evil(tmp_path)))
    told = [value for _, name, value in parser.attributes if name in ("title", "aria-label")]
    for text in [*parser.shown, *told]:
        assert not re.search(r"[0-9]", text), text
        assert not re.search(r"[۰-۹]-[۰-۹]", text), text
    assert any("۱۴۰۱/۰۲/۳۰" in text for text in told)


def test_the_page_has_a_cell_for_every_day_and_a_bar_for_every_month(harvest: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    done = run("coverage", "farsonline", "--html", str(out), cwd=harvest)
    assert done.returncode == 0, done.stderr
    assert str(out) in done.stdout
    found = as_json(harvest)
    parser = Strict.of(out.read_text(encoding="utf-8"))
    titles = [value for tag, name, value in parser.attributes if (tag, name) == ("i", "title")]
    assert [title.partition("،")[0] for title in titles] == [
        digits(f"{day['day'].replace('-', '/')}: {day['articles']} خبر") for day in found["days"]
    ]
    kinds = [value.split() for tag, name, value in parser.attributes if (tag, name) == ("i", "class")]
    marked = sum("f" in kind for kind in kinds) - 1  # one is in the legend
    assert marked == sum(day["flagged"] for day in found["days"])
    assert parser.tags["rect"] == len(found["months"])
    assert digits(f"{found['ids']['never_asked']}") in parser.shown


def test_json_and_page_at_once(harvest: Path, tmp_path: Path) -> None:
    found = as_json(harvest, "--html", str(tmp_path / "page.html"))
    assert found["articles"] == len(stored())
    assert (tmp_path / "page.html").stat().st_size > 10_000


@pytest.mark.parametrize("years", [10, DAILY_YEARS + 2])
def test_a_page_of_many_years_stays_small(tmp_path: Path, years: int) -> None:
    first, last = gregorian(1380, 1, 1), gregorian(1380 + years, 1, 1) - dt.timedelta(days=1)
    report = reported(
        tmp_path / "a.db",
        [settled("5", "article", "1380-01-01"), settled("9", "article", f"{1379 + years}-12-29")],
        DateRange(first, last),
    )
    text = page(report)
    assert len(text.encode()) < 400_000
    parser = Strict.of(text)
    days = sum(title.startswith("۱") for tag, name, title in parser.attributes if (tag, name) == ("i", "title"))
    assert len(report.days) == (last - first).days + 1
    assert (days == len(report.days)) == (years <= DAILY_YEARS)
    assert days > 50 * years


def test_every_outcome_has_a_persian_name() -> None:
    assert tuple(OUTCOME_NAMES) == ("article", "missing", "not-article", "failed", "blocked", "skipped")
    assert set(OUTCOME_NAMES) == set(OUTCOMES)


# -- docs -----------------------------------------------------------------------------------------------------------


def keys(value: Any, at: str = "") -> set[str]:
    """Give the names of all keys, those within others as `ids.lowest` and those of lists as `days[].day`."""
    if isinstance(value, list):
        return set().union(*(keys(one, f"{at}[]") for one in value)) if value else set()
    if isinstance(value, dict) and at != "outcomes":
        return {name for key, one in value.items() for name in keys(one, f"{at}.{key}" if at else key)}
    return {at}


def test_the_docs_name_every_key_of_the_json(harvest: Path) -> None:
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    part = text.split("\n## JSON\n")[1].split("\n## ")[0]
    named = {name for line in part.splitlines() if line.startswith("| `")
             for name in re.findall(r"`([^`]+)`", line.split("|")[1])}  # fmt: skip
    assert named == {name.removesuffix("[]") for name in keys(as_json(harvest))}


def test_the_numbers_in_the_prose_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert f"over the {COMPARED} nearest days of the same weekday" in text
    assert f"fewer than {LEAST_COMPARED} such days" in text
    assert f"time stamps of {COUNTABLE_DIGITS + 1} digits and more" in text
    assert DAILY_YEARS == 12
    assert "Above twelve years a cell is a week" in text


def test_the_archive_of_the_picture_is_what_its_script_says(tmp_path: Path) -> None:
    small = Newsroom(first_id=10, count=400, start="1401-03-01", until="1401-03-20", gap_rate=0.04)
    coverage_picture.build(tmp_path / "a.db", small)
    with Archive(tmp_path / "a.db", readonly=True) as archive:
        report = survey(archive, SITE, DateRange(), now=NOW)
    assert report is not None
    empty = [as_dict(report)["days"][at]["day"] for at, day in enumerate(report.days) if not day.articles]
    assert empty == [f"1401-03-{day:02}" for day in range(8, 16)]
    assert report.ids is not None
    assert report.ids.never_asked > 100
