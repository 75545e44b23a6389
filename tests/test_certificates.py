"""Certificates of https: one that is not valid brings no article; a stanza or a setting makes an exception."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

from farscrawler.extract.rules_digest import rules_digest
from farscrawler.publishers.catalogue import Catalogue
from tests.support import FAST, environment, run
from tests.support.certificates import Authority
from tests.support.fleet_sites import own_folder
from tests.support.pageserver import NEWS, Answer, PageServer, print_page
from tests.support.rawserver import RawServer, answer

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable
    from pathlib import Path


def site(path: str) -> Iterable[bytes]:
    yield answer(print_page(1).encode()) if "code=" in path else answer(status="404 Not Found")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def crawl(authority: Authority, folder: Path, *words: str, **settings: object) -> subprocess.CompletedProcess[str]:
    given = [part for name, value in {**FAST, **settings}.items() for part in ("-s", f"{name}={value}")]
    # An empty folder of authorities: those of this machine have no say.
    env = environment(SSL_CERT_FILE=str(authority.file), SSL_CERT_DIR=str(folder))
    return run(*words, *given, cwd=folder, env=env)


def outcomes(folder: Path) -> dict[str, tuple[str, str]]:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        rows = db.execute("SELECT publisher || key, outcome, reason FROM visits").fetchall()
    return {key: (outcome, reason or "") for key, outcome, reason in rows}


def test_a_valid_certificate_is_taken(authority: Authority, tmp_path: Path) -> None:
    with RawServer(site, certificate=authority.issue("valid")) as server:
        done = crawl(authority, tmp_path, "crawl", "farsonline", "-a", f"base_url={server.url}", "-a", "ids=1")
    assert done.returncode == 0, done.stderr
    assert outcomes(tmp_path) == {"farsonline1": ("article", "")}


@pytest.mark.parametrize(
    ("name", "said", "given"),
    [
        ("self-signed", "self-signed certificate", {"signed": False}),
        ("expired", "certificate has expired", {"left": -dt.timedelta(hours=1)}),
        ("other-host", "it is for another host", {"host": "www.example.org"}),
    ],
)
def test_one_that_is_not_valid_leaves_the_addresses_pending_and_says_what_to_do(
    authority: Authority, tmp_path: Path, name: str, said: str, given: dict[str, Any]
) -> None:
    with RawServer(site, certificate=authority.issue(name, **given)) as server:
        words = ("crawl", "farsonline", "-a", f"base_url={server.url}", "-a", "ids=1-9")
        done = crawl(authority, tmp_path, *words, CONCURRENT_REQUESTS_PER_DOMAIN=1)
        assert server.asked == []
        assert done.returncode == 3
        assert f"the certificate of the site is not valid, {said} (verify_certificates = false" in done.stderr
        assert "Traceback" not in done.stderr
        found = outcomes(tmp_path)
        assert 3 <= len(found) < 9  # STOP_AFTER_UNREACHABLE, and what was in flight
        assert {outcome for outcome, _ in found.values()} == {"failed"}
        again = crawl(authority, tmp_path, *words, DOWNLOAD_VERIFY_CERTIFICATES="False")
    assert again.returncode == 0, again.stderr
    assert len(outcomes(tmp_path)) == 9


def test_the_word_of_one_stanza_holds_for_its_site_alone(authority: Authority, tmp_path: Path) -> None:
    """Two sites in one process, both with a broken certificate, and only one of them is excused."""
    folder = own_folder(tmp_path / "own", "strict", "lenient")
    file = folder / "sites.toml"
    text = file.read_text(encoding="utf-8").replace("[lenient]\n", "[lenient]\nverify_certificates = false\n")
    file.write_text(text, encoding="utf-8")
    with RawServer(site, certificate=authority.issue("broken", signed=False)) as server:
        base = ("-a", f"base_url={server.url}")
        done = crawl(
            authority, tmp_path, "crawl-all", "strict", "lenient", *base, "-a", "latest=1", PUBLISHERS=folder
        )  # fmt: skip
        assert set(server.asked) == {"/robots.txt", "/"}  # of the lenient one
        assert done.returncode == 3
        lenient = ("crawl", "lenient", *base, "-a", "ids=1")
        strict = crawl(authority, tmp_path, *lenient, PUBLISHERS=folder, DOWNLOAD_VERIFY_CERTIFICATES="True")
        assert strict.returncode == 3
        asked = crawl(authority, tmp_path, *lenient, PUBLISHERS=folder)
        assert asked.returncode == 0, asked.stderr
        detect = crawl(authority, tmp_path, "detect", f"{server.url}/")
        assert "the certificate of the site is not valid" in detect.stderr


def test_among_pages_from_anywhere_the_sites_with_broken_certificates_are_left_out(
    authority: Authority, tmp_path: Path
) -> None:
    certificate = authority.issue("anywhere", signed=False)
    with ExitStack() as stack:
        broken = [stack.enter_context(RawServer(site, certificate=certificate)) for _ in range(5)]
        fine = stack.enter_context(PageServer({"/news/1": Answer(NEWS)}))
        urls = " ".join([*(f"{one.url}/news/1" for one in broken), f"{fine.url}/news/1"])
        done = crawl(authority, tmp_path, "crawl", "news", "-a", f"urls={urls}", STOP_AFTER_BLOCKED=9)
    assert done.returncode == 3
    assert sorted(outcome for outcome, _ in outcomes(tmp_path).values()) == ["article", *["failed"] * 5]


def test_the_exception_is_no_rule_of_reading(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "own", "one")
    file = folder / "sites.toml"
    strict = Catalogue([(folder, "own")], packages=False).load("one")
    text = file.read_text(encoding="utf-8").replace("[one]\n", "[one]\nverify_certificates = false\n")
    file.write_text(text, encoding="utf-8")
    lenient = Catalogue([(folder, "own")], packages=False).load("one")
    assert (strict.verify_certificates, lenient.verify_certificates) == (True, False)
    assert rules_digest(strict) == rules_digest(lenient)
