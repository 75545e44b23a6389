"""The rules of time zones come from the tzdata package; the machine's own table, however old, moves no article."""

from __future__ import annotations

import ast
import copy
import os
import pickle
import struct
import subprocess
import sys
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError, available_timezones

import pytest

import farscrawler
from farscrawler.timestamps import Timestamp, read
from farscrawler.zones import time_zone
from tests.support.commands import PATIENCE

PACKAGED = Path(str(resources.files("tzdata"))) / "zoneinfo"
SOURCE = Path(farscrawler.__file__).parent
# Iran's rules as the tables had them from 2008 to 2022: summer time from 1 Farvardin to 30 Shahrivar, for ever.
OLD_RULE = b"<+0330>-3:30<+0430>,J79/24,J263/24"


def _table(rule: bytes) -> bytes:
    """Return a table of the tz database (RFC 8536) of one offset, +03:30, and a rule for all years."""

    def block(offset: int, name: bytes) -> bytes:
        header = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, len(name))
        return header + struct.pack(">lbb", offset, 0, 0) + name

    return block(0, b"\0") + block(12_600, b"+0330\0") + b"\n" + rule + b"\n"


@pytest.fixture
def old_tables(tmp_path: Path) -> Path:
    for name in ("Asia/Tehran", "Asia/Kabul", "Iran"):
        file = tmp_path / "tables" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_table(OLD_RULE))
    return tmp_path / "tables"


def _python(code: str, tables: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONTZPATH": str(tables)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


# Each prints an instant of Tir 1402, 10 o'clock in Tehran, or of the same summer in Kabul.
IN_TIR_1402 = {
    "from farscrawler.timestamps import read; print(read('۱۰ تیر ۱۴۰۲ - ۱۰:۰۰').published_at.isoformat())": "+03:30",
    "from farscrawler.timestamps import read; print(read('شنبه ۱۰ تیر ۱۴۰۲ - ۱۰:۰۰ صبح Asia/Tehran').published_at)": (
        "+03:30"
    ),
    "from farscrawler.timestamps import read; print(read('2023-07-01T06:30:00Z').published_at)": "10:00:00+03:30",
    "from farscrawler.listings.moments import read_moment;"
    "print(read_moment('2023-07-01T10:00:00', tz='Asia/Tehran'))": "+03:30",
    "from farscrawler.listings.moments import read_moment;"
    "print(read_moment('Sat, 01 Jul 2023 10:00:00', tz='Asia/Tehran'))": "+03:30",
    "from farscrawler.listings.moments import read_moment;"
    "print(read_moment('2023-07-01T10:00:00', tz='Asia/Kabul'))": "+04:30",
    "from farscrawler.testing.newsroom.clock import TEHRAN; from datetime import datetime;"
    "print(datetime(2023, 7, 1, 10, tzinfo=TEHRAN))": "+03:30",
}


@pytest.mark.parametrize(("code", "end"), IN_TIR_1402.items(), ids=lambda value: value[-24:])
def test_an_old_table_of_the_machine_shifts_nothing(code: str, end: str, old_tables: Path) -> None:
    ran = _python(code, old_tables)
    assert ran.stdout.strip().endswith(end), ran


def test_the_doctored_table_is_what_zoneinfo_itself_would_take(old_tables: Path) -> None:
    code = "from zoneinfo import ZoneInfo; from datetime import datetime as d\n"
    code += "print(d(2023, 7, 1, tzinfo=ZoneInfo('Asia/Tehran')).utcoffset())"
    assert _python(code, old_tables).stdout.strip() == "4:30:00"


@pytest.mark.parametrize("words", [["publishers"], ["parse-page", "x.html"], ["crawl", "farsonline", "-a", "latest=1"]])
def test_old_tables_without_the_package_are_refused_in_a_sentence(words: list[str], old_tables: Path) -> None:
    code = f"import sys; sys.modules['tzdata'] = None; from farscrawler.__main__ import main; main({words})"
    ran = _python(code, old_tables)
    assert ran.returncode in (1, 2)
    assert ran.stdout == ""
    assert ran.stderr == (
        "farscrawler: the time zone tables are too old: they do not know that Iran has had no summer time since 1402. "
        "Run `pip install --upgrade tzdata`.\n"
    )


def test_new_tables_of_the_machine_do_where_the_package_is_left_out() -> None:
    code = "import sys; sys.modules['tzdata'] = None; from farscrawler.timestamps import read\n"
    code += "print(read('۱۰ تیر ۱۴۰۲ - ۱۰:۰۰').published_at)"
    ran = _python(code, PACKAGED)
    assert ran.stdout.strip() == "2023-07-01 10:00:00+03:30", ran


def test_tehran_has_its_summer_time_until_1401() -> None:
    tehran = time_zone("Asia/Tehran")
    hours = [datetime(year, 7, 1, tzinfo=tehran).utcoffset() for year in (2005, 2006, 2008, 2022, 2023, 2030)]
    summer, winter = timedelta(hours=4, minutes=30), timedelta(hours=3, minutes=30)
    assert hours == [summer, winter, summer, summer, winter, winter]


def test_every_zone_of_the_package_is_had_once() -> None:
    names = [name for name in available_timezones() if (PACKAGED / name).is_file()]
    assert len(names) > 400
    for name in names:
        assert time_zone(name) is time_zone(name)
        assert time_zone(name).key == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Foo/Bar",
        "Asia",
        "zone.tab",
        "tzdata.zi",
        "leapseconds",
        "../zoneinfo/UTC",
        "/etc/localtime",
        "a\0b",
        "آسیا",
    ],
)
def test_a_name_of_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        time_zone(name)


def test_moments_can_be_copied_and_pickled() -> None:
    found = read("۱۰ تیر ۱۴۰۲ - ۱۰:۰۰")
    assert isinstance(found, Timestamp)
    assert pickle.dumps(found)
    other = copy.deepcopy(found)
    assert other == found
    assert other.published_at is not None
    assert other.published_at.tzinfo is time_zone("Asia/Tehran")


def test_zones_are_made_in_one_place() -> None:
    makers = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and "ZoneInfo" in ast.unparse(node.func)
        if not ast.unparse(node.func).endswith("Error")
    }
    assert makers == {"zones.py"}
