"""Which hosts a crawl may be led to, and which addresses may answer for them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.support import crawl
from tests.support.pageserver import Answer, PageServer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:9/x", "http://localhost/", "http://[::1]/", "//10.0.0.1/", "file:///etc/passwd"]
)
def test_no_redirect_leads_off_the_site(tmp_path: Path, target: str) -> None:
    with PageServer({"print:1": Answer(status=302, headers={"Location": target})}) as server:
        done = crawl(server.url, "-a", "ids=1", "-a", "form=print", cwd=tmp_path, RETRY_TIMES=0)
    assert "Traceback" not in done.stderr
    db = sqlite3.connect(tmp_path / "archive.db")
    outcome, reason = db.execute("SELECT outcome, reason FROM visits").fetchone()
    db.close()
    assert outcome in ("blocked", "missing"), reason
