"""Publishers of a user's own: folders in a setting, packages with an entry point, and what happens to bad ones."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler import publishers
from farscrawler.errors import Exit
from farscrawler.publishers.catalogue import Catalogue
from farscrawler.publishers.keys import KEYS
from farscrawler.publishers.loader import read_text
from farscrawler.testing.newsroom import Newsroom, Server
from tests.support import FAST, ROOT, command, run
from tests.support.fleet_sites import own_folder

if TYPE_CHECKING:
    from pathlib import Path

SITE = """\
[morning]
family = "nastooh"
name = "بامداد"
hosts = ["www.morning.example"]
"""
FAST_WORDS = [word for name, value in FAST.items() for word in ("-s", f"{name}={value}")]


def test_a_folder_of_ones_own_is_crawled_and_listed(tmp_path: Path) -> None:
    own_folder(tmp_path / "own", "north")
    listed = run("publishers", "north", "-s", "PUBLISHERS=own", cwd=tmp_path)
    assert listed.stdout.split("\t")[:2] == ["north", "incsys"]
    with Server(Newsroom(count=20), weight=2_000) as server:
        words = ["-s", "PUBLISHERS=own", "-a", f"base_url={server.url}", "-a", "latest=3", *FAST_WORDS]
        done = run("crawl", "north", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    shown = run("show", "north", "-s", "PUBLISHERS=own", cwd=tmp_path)
    assert shown.stdout.count("north\t") == 3
    assert run("show", "north", cwd=tmp_path).stdout == shown.stdout, "the archive knows it without its stanza"
    assert run("show", "nowhere", cwd=tmp_path).returncode == Exit.BAD_ARGUMENTS


def test_several_folders_and_the_last_one_wins(tmp_path: Path) -> None:
    for name, title in (("one", "یک"), ("two", "دو")):
        (tmp_path / name).mkdir()
        text = (
            SITE.replace("بامداد", title)
            + f'\n[only_{name}]\nfamily = "asam"\nname = "{title}"\nhosts = ["{name}.ir"]\n'
        )
        (tmp_path / name / "mine.toml").write_text(text, encoding="utf-8")
    done = run("publishers", "-s", "PUBLISHERS=one,two/", cwd=tmp_path)
    rows = {line.split("\t")[0]: line.split("\t") for line in done.stdout.splitlines()}
    assert rows["morning"][-1] == "دو"
    assert {"only_one", "only_two"} < set(rows)


def test_a_stanza_may_replace_ours_and_the_log_says_so(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    text = '# mine\n\n[yjc]\nfamily = "nastooh"\nname = "باشگاه"\nhosts = ["www.yjc.ir"]\n'
    (tmp_path / "own" / "other.toml").write_text(text, encoding="utf-8")
    assert run("publishers", "yjc", "-s", "PUBLISHERS=own", cwd=tmp_path).stdout.split("\t")[1] == "nastooh"
    with Server(Newsroom(count=5)) as server:
        words = ["-s", "PUBLISHERS=own", "-a", f"base_url={server.url}", "-a", "ids=1000", *FAST_WORDS]
        done = run("crawl", "yjc", *words, cwd=tmp_path)
    assert "own/other.toml, line 3: [yjc] replaces the stanza of that name" in done.stderr


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SITE.replace('"nastooh"', '"nastuh"'), "own/bad.toml, line 2: [morning]: family: should be one of"),
        (
            SITE.replace('family = "nastooh"\n', ""),
            'family: is missing, and no family has the name of the file, bad. Write family = "custom" for a site on a',
        ),
        (SITE.replace('["www', '["http://www'), "own/bad.toml, line 4: [morning]: hosts: should be at least one host"),
        (SITE + "evidence = 99\n", "own/bad.toml, line 5: [morning]: evidence: should be a Gregorian year"),
        (SITE + 'access = "no"\n', "own/bad.toml, line 5: [morning]: access: should be arvan or iran"),
        (SITE + 'urls = "slugs"\n', "own/bad.toml, line 5: [morning]: urls: should be one of path, slug"),
        (
            SITE + '\n[morning.selectors]\nlead = [".lead"]\nbody = [".b >"]\n',
            "own/bad.toml, line 8: [morning.selectors]: body: '.b >' is no CSS selector",
        ),
        (SITE + "\n[morning.rules]\njunk = ['(']\n", "own/bad.toml, line 7: [morning.rules]: junk: should be regular"),
        (
            SITE + "\n[morning.doors.archive]\nspan = 'week'\n",
            "own/bad.toml, line 7: [morning.doors.archive]: span: should be day or month",
        ),
        (
            SITE + "[morning.doors]\n\narchive = {span = 'week'}\n",
            "own/bad.toml, line 7: [morning.doors.archive]: span: should be day or month",
        ),
        (SITE.replace("بامداد", 'با"مداد'), "own/bad.toml, line 3: [morning]: Expected newline or end of document"),
        (SITE.replace("[morning]", "[morning"), "own/bad.toml, line 1: [morning]: Expected ']'"),
        (SITE.replace("[morning]", "[[morning]]"), "own/bad.toml, line 1: morning"),
        (SITE + SITE, "own/bad.toml, line 5: [morning]: Cannot declare"),
        (SITE.replace("name =", "nmae ="), "own/bad.toml, line 1: [morning]: name is missing"),
        (SITE + "titel = 5\n", "own/bad.toml, line 5: [morning]: unknown key titel"),
        (SITE + "[morning.forms.article]\nquery = 'id'\nid = 'text'\nurl = '/{id}'\npaths = ['/(x)']\n",
         "own/bad.toml, line 8: [morning.forms.article]: url: an id of path and query makes no address"),
    ],
)  # fmt: skip
def test_a_bad_stanza_is_a_sentence_and_harms_no_other(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "bad.toml").write_text(text, encoding="utf-8")
    (tmp_path / "own" / "good.toml").write_text(SITE.replace("morning", "evening"), encoding="utf-8")
    known = Catalogue([(tmp_path / "own", "own/")])
    assert known.load("evening").name == "بامداد"
    assert len(known.all()) > 300
    assert [sentence in str(problem) for problem in known.problems] == [True], known.problems
    with pytest.raises(publishers.PublisherError, match="no publisher named" if "[[" in text else re.escape(sentence)):
        known.load("morning")


def test_a_run_of_another_publisher_goes_on_and_one_of_the_bad_one_fails(tmp_path: Path) -> None:
    own_folder(tmp_path / "own", "north")
    (tmp_path / "own" / "bad.toml").write_text(SITE.replace("name", "nmae"), encoding="utf-8")
    with Server(Newsroom(count=20), weight=2_000) as server:
        words = ["-s", "PUBLISHERS=own", "-a", f"base_url={server.url}", "-a", "latest=2", *FAST_WORDS]
        done = run("crawl", "north", *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "WARNING: own/bad.toml, line 1: [morning]: name is missing. It is left out; all other" in done.stderr
        failed = run("crawl", "morning", *words, cwd=tmp_path)
        assert failed.returncode == Exit.BAD_ARGUMENTS
        assert "farscrawler: own/bad.toml, line 1: [morning]: name is missing" in failed.stderr
        assert "Traceback" not in failed.stderr


def test_files_that_are_no_stanzas(tmp_path: Path) -> None:
    own = own_folder(tmp_path / "own", "north")
    (own / "latin.toml").write_bytes(SITE.encode().replace("بامداد".encode(), b"\xe9"))
    (own / "loose.toml").write_text("# sites\n\nsite = 5\n", encoding="utf-8")
    (own / "folder.toml").mkdir()
    (own / "README").write_text("no stanza", encoding="utf-8")
    (own / "again.toml").write_text(SITE + SITE.replace("morning", "north"), encoding="utf-8")
    done = run("publishers", "-s", "PUBLISHERS=own", cwd=tmp_path)
    assert done.returncode == 0
    assert "own/latin.toml: the file is not UTF-8 text (byte 37)" in done.stderr
    assert "own/loose.toml, line 3: site: a publisher is a table, as in [site]" in done.stderr
    assert "own/sites.toml, line 4: [north]: there is a stanza of this name already" in done.stderr
    assert "morning\t" in done.stdout
    assert "north\t" not in done.stdout
    crawl = run("crawl", "north", "-s", "PUBLISHERS=own", cwd=tmp_path)
    assert crawl.returncode == Exit.BAD_ARGUMENTS
    assert "[north]: there is a stanza of this name already" in crawl.stderr


def test_a_bad_stanza_is_not_replaced_by_the_one_below_it(tmp_path: Path) -> None:
    for name, text in (("one", SITE), ("two", SITE.replace("name", "nmae")), ("three", SITE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.toml").write_text(text, encoding="utf-8")
    folders = [(tmp_path / name, f"{name}/") for name in ("one", "two", "three")]
    with pytest.raises(publishers.MalformedPublisher, match=r"two/mine\.toml, line 1: \[morning\]: name is missing"):
        Catalogue(folders[:2]).load("morning")
    known = Catalogue(folders)
    assert known.load("morning").name == "بامداد"
    assert len(known.replaced) == 2


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    for words in (["publishers"], ["crawl", "yjc"], ["crawl-all", "yjc"]):
        done = run(*words, "-s", "PUBLISHERS=nowhere", cwd=tmp_path)
        assert done.returncode == Exit.BAD_ARGUMENTS, done.stderr
        assert "farscrawler: PUBLISHERS=nowhere: there is no such folder; name one that holds stanzas" in done.stderr
        assert "Traceback" not in done.stderr


_INSTALLED = {
    "press_sites/__init__.py": "from pathlib import Path\n\ndef folder():\n    return Path(__file__).parent / 'more'\n",
    "press_sites/sites.toml": SITE,
    "press_sites/more/extra.toml": SITE.replace("morning", "evening"),
    "press_sites-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: press-sites\nVersion: 1.0\n",
    "press_sites-1.0.dist-info/entry_points.txt": (
        "[farscrawler.publishers]\npress = press_sites\nmore = press_sites:folder\nbroken = press_sites.gone\n"
    ),
}


def test_packages_bring_publishers(tmp_path: Path) -> None:
    for name, text in _INSTALLED.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path / "site")])}
    done = subprocess.run(
        command("publishers", "بامداد"), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["evening", "morning"]
    assert "farscrawler.publishers: broken = press_sites.gone: ModuleNotFoundError" in done.stderr
    # Folders of the user's own come on top of packages.
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine.toml").write_text(SITE.replace("بامداد", "شامگاه"), encoding="utf-8")
    done = subprocess.run(
        command("publishers", "morning", "-s", "PUBLISHERS=own"), cwd=tmp_path, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.stdout.rstrip().endswith("شامگاه")


def test_stanzas_are_cut_along_their_headers_alone() -> None:
    text = '''\
\ufeff# a byte order mark and a remark
[defaults] # shared
family = "asam"
note = """
[not_a_header]
"""
[one]\r
name = "یک"
hosts = [
  "one.ir",
]
[ "two" ]
name = "دو"
hosts = ["two.ir"]
[two.doors]
ids = false
[one.doors]
ids = false
'''
    one, two = read_text(text, "x.toml")
    assert (one.key, one.family, one.hosts, one.sources.ids) == ("one", "asam", ("one.ir",), False)
    assert (two.key, two.sources.ids, two.note) == ("two", False, "[not_a_header]\n")


@pytest.mark.parametrize("path", KEYS)
def test_every_documented_key_is_known_and_is_given_a_type(path: str) -> None:
    """A date is the wrong value for every key: one that nobody takes would be unknown instead."""
    table, _, key = f"morning.{path}".replace("forms.", "forms.article.").replace("eras.", "eras.old.").rpartition(".")
    text = SITE if table == "morning" else SITE + f"[{table}]\n"
    text = "\n".join(line for line in text.splitlines() if not line.startswith(f"{key} ="))
    with pytest.raises(publishers.MalformedPublisher, match=r"should be|is missing"):
        read_text(f"{text}\n{key} = 2024-01-01\n", "x.toml")


def test_every_key_in_use_is_documented() -> None:
    def paths(table: dict[str, Any], within: str = "") -> set[str]:
        found = set()
        for key, value in table.items():
            path = f"{within}.{key}" if within else key
            found.add(path)
            if isinstance(value, dict):
                found |= paths(value, path)
        return found

    used: set[str] = set()
    for file in (ROOT / "farscrawler/publishers").glob("*.toml"):
        for stanza in tomllib.loads(file.read_text(encoding="utf-8")).values():
            used |= paths(stanza)
    # What an era says of forms, rules and selectors has the keys of the stanza.
    used = {re.sub(r"^eras\.\w+\.(?=(?:forms|rules|selectors)\.)", "", path) for path in used}
    used = {re.sub(r"^eras\.\w+", "eras", path) for path in used}
    used = {re.sub(r"^forms\.[a-z]+", "forms", path) for path in used if not path.startswith("selectors.")}
    assert used <= set(KEYS)


def test_a_mistyped_key_is_answered_with_a_near_one() -> None:
    for line, hint in (
        ("evidense = 2024", "unknown key evidense; did you mean evidence?"),
        ("[morning.rules]\nsection_skips = 2", "unknown key section_skips; did you mean section_skip?"),
        ("[morning.doors]\nfeed = ['/rss']", "unknown key feed; did you mean feeds?"),
        ("[morning.forms.print]\npaths = ['/p/(x)']\nurls = '/p'", "unknown key urls; did you mean url?"),
    ):
        with pytest.raises(publishers.MalformedPublisher, match=re.escape(hint)):
            read_text(f"{SITE}{line}\n", "x.toml")


def test_named_urls_give_way_to_forms_of_ones_own() -> None:
    base = 'family = "wordpress"\nname = "x"\nhosts = ["x.ir"]\n'
    slug, number, own = read_text(
        f"[a]\n{base}[b]\n{base}urls = 'id-slug'\n"
        f"[c]\n{base}[c.forms.article]\nurl = '/y/{{id}}'\npaths = ['/y/(\\d+)']\n",
        "x.toml",
    )
    assert slug.article_id("https://x.ir/news/سلام/") == "news/سلام"
    assert number.article_id("https://x.ir/55/سلام/") == "55"
    assert (own.article_id("https://x.ir/y/5"), own.made_of_ids("article")) == ("5", True)
    assert not slug.made_of_ids("article")


def test_an_unknown_name_is_asked_of_the_same_catalogue(tmp_path: Path) -> None:
    own_folder(tmp_path / "own", "northern_star")
    done = run("crawl", "northern_stra", "-s", "PUBLISHERS=own", cwd=tmp_path)
    assert done.returncode == Exit.BAD_ARGUMENTS
    assert "Did you mean northern_star?" in done.stderr
    assert "northern_star" not in publishers.names()
