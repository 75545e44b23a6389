"""`farscrawler coverage` on archives that real crawls have made, against answers computed from the newsroom itself."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from docs import coverage_picture
from farscrawler.archive import Archive
from farscrawler.coverage import survey
from farscrawler.coverage.asjson import as_dict
from farscrawler.coverage.calendar import DAILY_YEARS
from farscrawler.coverage.gaps import COMPARED, COUNTABLE_DIGITS, LEAST_COMPARED
from farscrawler.coverage.html import page
from farscrawler.days import DateRange, parse_date_range
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import ROOT, crawl_words, run, start
from tests.support.coverage_harvest import (
    ASKED,
    BLOCKED,
    FAILED,
    NEWSROOM,
    NOW,
    SITE,
    UNASKED,
    as_json,
    reported,
    settled,
    stored,
)

if TYPE_CHECKING:
    from pathlib import Path


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
    """Return the rows of a table of the plain output, below the line that begins with its heading."""
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
        shown = (month["days"], month["articles"], month["empty"], month["flagged"], month["not_harvested"])
        assert numbers == [number for number in shown if number]  # a nought is left blank
    assert f"\narticles    {found['articles']}\n" in text
    assert f"\nids         600 from 5000 to 5599: {len(ASKED)} known, {len(UNASKED)} never requested\n" in text
    assert "\npending     5: 3 failed, 2 blocked, 0 skipped\n" in text
    assert [line[:2] for line in cells(text, "Ids of harvested days")[1:]] == [["5200-5259", "60"], ["5403", "1"]]
    flagged = cells(text, "from ")
    assert sum(int(line[-4]) for line in flagged) == sum(day["flagged"] for day in found["days"])
    assert found["advice"] == [line.strip() for line in text.splitlines() if "farscrawler crawl" in line]


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
    (command,) = as_json(folder)["advice"]
    words = shlex.split(command)
    assert words[:5] == ["farscrawler", "crawl", "farsonline", "--ids", "5200-5411"]
    with Server(NEWSROOM, weight=2_000) as server:
        words[words.index("--base-url") + 1] = server.url  # the one it names has ended
        done = run(*words[1:], *crawl_words("")[4:], cwd=folder)
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
        (("farsonline", "--html", "archive.db"), 2, "is the archive itself"),
        (("farsonline", "--html", "new.txt"), 2, "name a file that ends with .html"),
        (("farsonline", "-s", "ARCHIVE=none.db"), 2, "none.db does not exist"),
        (("farsonline", "-s", "ARCHIVE=note.txt"), 2, "is no archive"),
        (("yjc",), 1, "holds nothing of yjc yet"),
        (("farsonline", "--html", "no/such/folder.html"), 2, "cannot be written"),
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


# -- docs -----------------------------------------------------------------------------------------------------------


def keys(value: Any, at: str = "") -> set[str]:
    """Return the names of all keys, those within others as `ids.lowest` and those of lists as `days[].day`."""
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
