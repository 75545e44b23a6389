"""Make the pictures of docs/browse.md anew: `python docs/browse_pictures.py` (needs Chromium; takes a minute).

The archive is the one of docs/coverage.png, whose articles are the newsroom's. browse.png shows a list in the light
colours of a desktop, browse-phone.png and browse-phone-coverage.png an article and the calendar in the dark ones of a
telephone.
"""
# ruff: noqa: INP001  # a folder of documents with a script in it, not a package

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from coverage_picture import build  # noqa: E402  # the folder is known now

from tests.support.browsed import served  # noqa: E402  # as above
from tests.support.chromium import chromium  # noqa: E402  # as above

if TYPE_CHECKING:
    from tests.support.chromium import Chromium

_DESKTOP, _PHONE, _HEIGHT = 1080, 390, 844


def picture(browser: Chromium, target: Path) -> None:
    """Write what the tab shows into a file."""
    target.write_bytes(base64.b64decode(browser.say("Page.captureScreenshot", format="png")["data"]))


def main(folder: Path, into: Path) -> None:
    """Build the archive, and take the pictures."""
    build(folder / "archive.db")
    search = [sys.executable, "-m", "farscrawler", "search", "باغ", "--limit", "1"]
    subprocess.run(search, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own command
    with served(folder / "archive.db") as pages, chromium(folder / "profile") as browser:
        here = f"http://127.0.0.1:{pages.port}"
        browser.show_as(width=_DESKTOP, height=_HEIGHT)
        browser.open(f"{here}/articles?year=1402&publisher=farsonline")
        picture(browser, into / "browse.png")
        browser.show_as(width=_PHONE, height=_HEIGHT, dark=True)
        first = next(one for one in pages.get("articles", year="1402").links("/article/"))
        browser.open(f"{here}{first}")
        picture(browser, into / "browse-phone.png")
        browser.open(f"{here}/coverage/farsonline")
        picture(browser, into / "browse-phone-coverage.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="farscrawler-picture-") as temporary:
        main(Path(temporary), Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs")
