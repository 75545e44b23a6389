"""`farscrawler copies`: what is shown, what a page names as its source, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler import publishers
from farscrawler.archive import Archive
from farscrawler.copies import Names, copies_of, report
from farscrawler.copies.agencies import named_in
from farscrawler.errors import ArchiveError
from tests.support import environment, run
from tests.support.copied import Writer, compared, printed, store
from tests.support.terminals import on_terminal, plain, too_wide

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

DAY = 24 * 60


@pytest.fixture(scope="module")
def names() -> Names:
    return Names(publishers.all_publishers())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an archive: IRNA prints ten texts, others after it; some are in doubt."""
    path = tmp_path_factory.mktemp("copies") / "archive.db"
    writer, articles = Writer(1), []
    for at in range(10):
        text, begun = writer.text(90), at * DAY
        articles += [
            printed("irna", f"{at}", text, after=begun),
            printed("mehrnews", f"{at}", f"به گزارش ایرنا، {text}", after=begun + 10 * (at + 1)),
        ]
        if at < 4:
            articles.append(printed("isna", f"{at}", f"به گزارش خبرنگار مهر، {text}", after=begun + 300))
    text = writer.text(90)
    articles += [
        printed("isna", "first", text, after=5),
        printed("irna", "second", text, after=65, agency="ایسنا"),
        printed("irna", "again", text, after=70),
        printed("isna", "day", writer.text(80), precision="day"),
        printed("farsnews", "short", "تنها چند واژه"),
        printed("farsnews", "undated", writer.text(50), precision="none"),
    ]
    text = writer.text(70)
    articles += [printed("irna", "tie", text, after=1), printed("isna", "tie", text, after=1)]
    articles += [printed("farsnews", "self1", writer.text(60), after=9)]
    articles += [printed("farsnews", "self2", articles[-1].body, after=99)]
    store(path, articles)
    compared(path)
    return path.parent


def copies(*words: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = run("copies", *words, cwd=cwd, env=environment())
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def as_json(*words: str, cwd: Path) -> Any:
    return json.loads(copies(*words, "--json", cwd=cwd).stdout)


# -- the report -------------------------------------------------------------------------------------------------------


def test_the_report_says_who_copies_whom_and_how_soon(folder: Path) -> None:
    found = as_json("--report", cwd=folder)
    flows = {(one["first"], one["later"]): one for one in found["flows"]}
    assert {key: one["copies"] for key, one in flows.items()} == {
        ("irna", "mehrnews"): 10, ("irna", "isna"): 4, ("isna", "irna"): 1,
    }  # fmt: skip
    mehr = flows["irna", "mehrnews"]
    assert mehr["lag"] == {"quartile": 1950, "median": 3300, "third_quartile": 4650, "known": 10}
    assert mehr["names"] == {"first": 10, "other": 0, "itself": 0, "unknown": 0, "nobody": 0}
    assert flows["irna", "isna"]["names"]["other"] == 4
    assert flows["isna", "irna"]["names"]["first"] == 1
    assert found["groups"] == {
        "across_publishers": 12, "within_a_publisher": 1, "first_unknown": {"same_time": 1, "day_only": 0},
    }  # fmt: skip
    assert found["repeats"] == 2
    assert found["articles"] == {"compared": 32, "too_short": 1, "undated": 1, "unread": 0}
    assert found["copies"] == 15
    assert sum(one["copies"] for one in found["lags"]) == 15
    assert [one["copies"] for one in found["months"]] == [15]
    assert sum(one["copies"] for one in found["by_month"]) == 15


def test_a_range_and_publishers_narrow_the_report(folder: Path) -> None:
    found = as_json("--report", "--since", "1401-10-22", "--until", "1401-10-23", cwd=folder)
    assert {(one["first"], one["later"]): one["copies"] for one in found["flows"]} == {
        ("irna", "mehrnews"): 2, ("irna", "isna"): 2,
    }  # fmt: skip
    assert (found["since"], found["until"]) == ("1401-10-22", "1401-10-23")
    only = as_json("--report", "isna", cwd=folder)
    assert {(one["first"], one["later"]) for one in only["flows"]} == {("irna", "isna"), ("isna", "irna")}
    nothing = copies("--report", "yjc", cwd=folder, code=1)
    assert "holds no copies of this kind" in nothing.stderr


def test_csv_has_a_row_for_each_month_and_pair(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(copies("--report", "--csv", cwd=folder).stdout)))
    assert [(row["month"], row["first"], row["later"], row["copies"]) for row in rows] == [
        ("1401-10", "irna", "isna", "4"), ("1401-10", "irna", "mehrnews", "10"), ("1401-10", "isna", "irna", "1"),
    ]  # fmt: skip
    assert rows[1]["lag_median"] == "3300.0"
    assert rows[1]["names_first"] == "10"


def test_the_table_says_the_same(folder: Path) -> None:
    said = copies("--report", cwd=folder).stdout
    assert [line.split()[:3] for line in said.splitlines()[2:5]] == [
        ["irna", "mehrnews", "10"], ["irna", "isna", "4"], ["isna", "irna", "1"],
    ]  # fmt: skip
    assert "1401/10 Dey" in said
    assert "15 whose first publisher is certain" in said
    assert "not compared: 1 too short, 1 without a known day" in said


# -- one article ------------------------------------------------------------------------------------------------------


def test_the_copies_of_one_article(folder: Path, names: Names) -> None:
    lines = [line.split("\t") for line in copies("--of", "mehrnews", "0", cwd=folder).stdout.splitlines()]
    assert [line[0] for line in lines] == ["first", "+10 min 0 s", "+5 h 0 min"]
    assert [line[3] for line in lines] == ["irna", "mehrnews", "isna"]
    assert [line[1] for line in lines] == [f"1401/10/20 {clock}:00" for clock in ("08:00", "08:10", "13:00")]
    found = as_json("--of", "irna", "again", cwd=folder)
    assert [(one["publisher"], one["article_id"], one["first"]) for one in found["copies"]] == [
        ("isna", "first", True), ("irna", "second", False), ("irna", "again", False),
    ]  # fmt: skip
    assert [one["names"] for one in found["copies"]] == [None, "first", "nobody"]
    assert {one["similarity"] for one in found["copies"]} == {1.0}
    with Archive(folder / "archive.db") as archive:
        group = copies_of(archive, "irna", "tie", names=names)
        assert group is not None
        assert group.doubt == "same time"
        assert not any(one.is_first for one in group.copies)
        assert report(archive, names).total().copies == 15


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (("isna", "day"), "has no copy"),
        (("farsnews", "short"), "is too short to be compared, or has no known day"),
        (("farsnews", "undated"), "is too short to be compared, or has no known day"),
        (("farsnews", "none"), "no article none of farsnews is stored"),
    ],
)
def test_why_an_article_has_no_copies(folder: Path, key: tuple[str, str], sentence: str) -> None:
    assert sentence in copies("--of", *key, cwd=folder, code=1).stderr


# -- the groups


def test_the_groups_are_listed_the_largest_first(folder: Path) -> None:
    lines = [line.split("\t") for line in copies("--groups", cwd=folder).stdout.splitlines()]
    assert [line[1:6] for line in lines[:5]] == [["3", "3", "irna", "irna", str(at)] for at in range(4)] + [
        ["3", "2", "isna", "isna", "first"]
    ]
    assert len(lines) == 13
    assert lines[0][0] == "1401/10/20 08:00:00"
    assert {line[6] for line in lines} == {copies("--of", *line[4:6], cwd=folder).stdout.split("\t")[5].split("\n")[0]
                                          for line in lines}  # fmt: skip
    assert len(copies("--groups", "-n", "2", cwd=folder).stdout.splitlines()) == 2
    assert len(copies("--groups", "-n", "0", "farsnews", cwd=folder).stdout.splitlines()) == 1
    found = as_json("--groups", "irna", "--since", "1401-10-20", "--until", "1401-10-20", cwd=folder)
    assert found["publishers"] == ["irna"]
    assert [(one["articles"], one["publishers"], one["first"], one["first_unknown"], one["earliest"]["article_id"])
            for one in found["groups"]] == [
        (3, 3, "irna", None, "0"), (3, 2, "isna", None, "first"), (2, 2, None, "same time", "tie"),
    ]  # fmt: skip
    assert "holds no copies of this kind" in copies("--groups", "--since", "1403", cwd=folder, code=1).stderr


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_a_terminal_shows_the_headline(folder: Path, columns: int) -> None:
    for words in (["--groups"], ["--of", "mehrnews", "0"]):
        _, screen = on_terminal("copies", *words, cwd=folder, columns=columns)
        assert "headline" in plain(screen)
        assert not too_wide(screen, columns)


# -- what is refused, and what is not compared yet


def test_what_is_not_compared_yet_is_said(tmp_path: Path, names: Names) -> None:
    path, writer = tmp_path / "archive.db", Writer(2)
    text = writer.text(80)
    store(path, [printed("irna", "1", text)])
    assert "run `farscrawler copies` first" in copies("--report", cwd=tmp_path, code=2).stderr
    with Archive(path) as archive, pytest.raises(ArchiveError, match="not compared yet"):
        copies_of(archive, "irna", "1", names=names)
    said = copies(cwd=tmp_path).stdout
    assert "1 articles read" in said
    store(path, [printed("isna", "1", text, after=30)])
    assert "was stored after the last comparison" in copies("--of", "isna", "1", cwd=tmp_path, code=1).stderr
    assert "1 newer revisions" in copies("--report", cwd=tmp_path, code=1).stderr
    assert "1 groups of the same text" in copies(cwd=tmp_path).stdout


@pytest.mark.parametrize(
    "words",
    [
        ["irna"],
        ["--since", "1401"],
        ["--json"],
        ["--report", "--json", "--csv"],
        ["--report", "--drop"],
        ["--groups", "--of", "irna", "1"],
        ["--groups", "--csv"],
        ["--report", "-n", "3"],
        ["--groups", "-n", "-1"],
        ["--report", "--html", "archive.db"],
        ["--report", "nobody"],
        ["--of", "irna", "1", "--csv"],
        ["-s", "ARCHIVE=none.db"],
    ],
)
def test_bad_arguments(tmp_path: Path, words: list[str]) -> None:
    copies(*words, cwd=tmp_path, code=2)
    assert not list(tmp_path.iterdir())


# -- sources that pages name


@pytest.mark.parametrize(
    ("opening", "owners"),
    [
        ("به گزارش خبرگزاری مهر، وزیر گفت", {"mehrnews"}),
        ("به گزارش خبرنگار مهر، وزیر گفت", {"mehrnews"}),
        ("به گزارش ايسنا به نقل از روابط‌عمومی وزارت، گفت", {"isna"}),
        ("به گزارش خبرنگار سیاسی خبرگزاری دانشجویان ایران (ایسنا)؛ گفت", {"isna"}),
        ("به گزارش «تابناک»، گفت", {"tabnak"}),
        ("به گزارش فارس، گفت", {"farsnews"}),
        ("به گزارش فارس از شیراز، گفت", {"farsnews"}),
        ("به گزارش تسنیم به نقل از ایرنا: گفت", {"tasnimnews", "irna"}),
        # Nobody that we know for certain: a province, another agency, a word that is a name too.
        ("به گزارش روابط عمومی استانداری فارس، گفت", set()),
        ("به گزارش ایران اینترنشنال، گفت", set()),
        ("به گزارش جمهوری اسلامی، گفت", set()),
        ("به گزارش همکاران ما در خرداد، گفت", set()),
        ("وزیر گفت: ایسنا گزارش کرد", set()),
    ],
)
def test_whom_an_opening_names(names: Names, opening: str, owners: set[str]) -> None:
    for more in ({"lead": opening, "body": ""}, {"lead": None, "body": opening}):
        phrases = named_in(agency=None, dateline=None, **more)
        assert names.owners(phrases) == owners


def test_the_agency_field_and_the_dateline_name_a_source(names: Names) -> None:
    phrases = named_in(agency="خبرگزاری تسنیم", dateline="ایرنا – تهران", lead=None, body="متن")
    assert names.owners(phrases) == {"tasnimnews", "irna"}
    assert named_in(agency=None, dateline=None, lead=None, body="متن") == []
