"""The commands that README and docs print, in their order, and those of them that no walk can run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.markdown import FENCE

ROOT = Path(__file__).parents[2]
#: Kinds of fenced blocks with commands: after a `$`, or in `sh` each line.
_KINDS = ("console", "", "sh")
_PROMPT = "$ "
_STARTS = re.compile(r"farscrawler [a-z-]+ ")

_ROOTS = "it changes the machine, as root: the steps were run by hand in a root of their own (docs/unattended.md)"
_OUTSIDE = "it asks a server of the world"
_OWN_SITE = "it is a step of a story about the reader's own site, which tests/test_stanza_story.py walks through"
_ENVIRONMENT = "it makes or changes an environment: the walk runs in one that is made"
#: Why a command is not run, by what its line begins with or has in it.
NOT_RUN: dict[str, str] = {
    r"make (demo|test)\b": "it is a task of the checkout: CI runs it",
    r"python3 -m venv ": _ENVIRONMENT,
    r"(\S+/)?pip install ": _ENVIRONMENT,
    r"\. \.venv/bin/activate": _ENVIRONMENT,
    r"apt-get ": _ROOTS,
    r"useradd ": _ROOTS,
    r"install -d ": _ROOTS,
    r"systemctl ": _ROOTS,
    r"runuser ": _ROOTS,
    r"cp deploy/": _ROOTS,
    r"echo 'contact = ": _ROOTS,
    r"install -m ": _ROOTS,
    r"echo '(hostssl |archive |FARSCRAWLER_OPTIONS=)": _ROOTS,
    r"(export DB_PASSWORD|docker compose)": "it starts containers: tests/test_deploy.py looks at what they run",
    r"farscrawler (jobs|worker|schedule)\b": "it asks a database server: tests/test_docs.py has one",
    r"python -m tests\.fuzz ": "it is a task of the checkout, of minutes: `make fuzz` runs it",
    r"farscrawler .*\bsource (wayback|commoncrawl)\b": f"{_OUTSIDE}: tests/test_wayback.py has a replica of it",
    r"farscrawler .*\bsource ccnews\b": f"{_OUTSIDE}, or of gigabytes: tests/test_ccnews.py has a replica of it",
    r"farscrawler .*\b(kuhestan|example)\b(?!\.org)": _OWN_SITE,
    r"createdb ": "it makes a database of a server: tests/test_postgres.py has one",
    r"farscrawler .*\bpostgresql://": "it asks a database server: tests/test_postgres.py has one",
    r"farscrawler watch (?!.*--status)": "it does not end by itself",
    r"farscrawler browse\b": "it does not end by itself: tests/test_docs.py ends it",
    r"curl https://www\.example\.ir/": f"{_OUTSIDE}, which there is not",
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A command of a page; commands of one ``block`` stand in one fence."""

    page: str
    block: int
    line: str

    @property
    def pattern(self) -> str | None:
        """The key of NOT_RUN that says why the command is not run; None where it is."""
        return next((one for one in NOT_RUN if re.match(one, self.line)), None)


def pages() -> list[str]:
    """Return README and the pages of docs in both languages, relative to the checkout."""
    found = [*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md")]
    return sorted(str(page.relative_to(ROOT)) for page in found)


def commands(page: str) -> list[Printed]:
    """Return the commands of a page in their order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        Printed(page, block, line)
        for block, fence in enumerate(FENCE.finditer(text))
        if fence[1] in _KINDS
        for line in _lines(fence[1], fence[2])
    ]


def _lines(kind: str, block: str) -> list[str]:
    lines = [line.strip() for line in block.replace("\\\n", " ").splitlines()]
    found = [line.removeprefix(_PROMPT) for line in lines if line.startswith(_PROMPT)]
    if not found and kind != "console":
        found = [line for line in lines if line and line[0] != "#" and (kind == "sh" or _STARTS.match(line))]
    return found
