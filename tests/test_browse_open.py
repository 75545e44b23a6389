"""`farscrawler browse --open`: the browser of the machine gets the first page when it is up."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

from tests.support import environment, start, wait_until
from tests.support.searched import archive_of, news

if TYPE_CHECKING:
    from pathlib import Path


def opened(folder: Path, browser: str) -> tuple[str, str, int | None]:
    """Return what is said of a server that opens a browser, the address of its page, and how it has ended."""
    archive_of(folder / "archive.db", [news("1", "نان", day=None)])
    with start(
        "browse", "--port", "0", "--open", cwd=folder, env=environment(BROWSER=browser, DISPLAY=""),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        address = process.stdout.readline().partition(" is open at ")[2].partition(" ")[0]
        if "%s" in browser:
            wait_until((folder / "asked").exists, process)
        else:
            assert process.stderr is not None
            said = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate()
    return (rest if "%s" in browser else said + rest), address, process.returncode


def test_the_first_page_is_opened_when_it_can_be_asked_for(tmp_path: Path) -> None:
    script = tmp_path / "browser"
    # It keeps what the page answers, and is whole before its name is there.
    script.write_text(
        "#!/usr/bin/env python3\nimport os, sys, urllib.request\n"
        "page = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1]).read().decode()\n"
        "open('half', 'w').write(sys.argv[1] + '\\n' + page)\nos.rename('half', 'asked')\n",
        encoding="utf-8",
    )
    script.chmod(0o700)
    said, address, code = opened(tmp_path, f"{script} %s")
    assert (said, code) == ("", 0)
    asked, _, page = (tmp_path / "asked").read_text(encoding="utf-8").partition("\n")
    assert asked == address
    assert "بایگانی خبر" in page


def test_a_machine_without_a_browser_is_a_sentence_and_the_pages_are_served(tmp_path: Path) -> None:
    said, address, code = opened(tmp_path, "/nonexistent/browser")
    assert said == f"farscrawler: no browser was found on this machine; open {address} in one.\n"
    assert code == 0
