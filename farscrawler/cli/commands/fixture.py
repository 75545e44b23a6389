"""`farscrawler fixture`: make a case for the tests of a page."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from farscrawler import publishers
from farscrawler.cli.base import UsageError
from farscrawler.cli.output import out
from farscrawler.cli.pages import PageCommand
from farscrawler.errors import Exit
from farscrawler.extract.document import decode, indexed
from farscrawler.extract.owner import own_address
from farscrawler.testing.fixtures import expected_of, scramble, survivors, write
from farscrawler.testing.fixtures.case import EXPECTED, PAGE

if TYPE_CHECKING:
    import argparse

    from farscrawler.publishers import Publisher

FOLDER = "tests/fixtures"
_CASE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SHOWN = 10


class Command(PageCommand):
    """The fixture command."""

    def syntax(self) -> str:
        return "FILE-or-URL --publisher NAME --case CASE [options]"

    def long_desc(self) -> str:
        return (
            "Make FOLDER/NAME/CASE of a page: page.html, and expected.json with what is read from it today. Check "
            "each field against what a reader sees. An address is fetched once, as politely as in a crawl. A real "
            "page belongs to its publisher: rewrite it in words of your own before you commit it, or let "
            "--scramble exchange every word of it for an invented one. Exit codes: 0 written; 1 no page came, or "
            "words survived the scrambling; 2 bad arguments, or the case exists."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--publisher", metavar="NAME", help="the publisher of the page, as in `farscrawler publishers`"
        )
        parser.add_argument("--case", metavar="CASE", help="name of the case: a-z, 0-9 and -, such as news-2026")
        parser.add_argument("--folder", metavar="DIR", default=FOLDER, help=f"the folder of cases (default: {FOLDER})")
        parser.add_argument(
            "--url", metavar="URL", help="address of a saved page (default: the one that the page gives)"
        )
        parser.add_argument("--form", metavar="FORM", help="the form of the page (default: that of its address)")
        parser.add_argument("--scramble", action="store_true", help="exchange every word for an invented one")
        parser.add_argument("--force", action="store_true", help="write over a case that exists")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch or read the page, and write the case."""
        if len(args) != 1 or not opts.publisher or not opts.case:
            raise UsageError("name one page (a file or an address), --publisher NAME and --case CASE")
        if not _CASE.fullmatch(opts.case):
            raise UsageError(f"--case is a name of a-z, 0-9 and -, such as news-2026, not {opts.case!r}")
        publisher = publishers.of(self.settings).load(opts.publisher)
        folder = Path(opts.folder) / publisher.key / opts.case
        if not opts.force and any((folder / name).exists() for name in (PAGE, EXPECTED)):
            self.fail(f"{folder} exists; --force writes over it.", Exit.BAD_ARGUMENTS)
            return
        found = self.page_of(args[0])
        if found is not None:
            self._make(folder, publisher, decode(found[0]).text, opts.url or found[1], opts)

    def _make(
        self, folder: Path, publisher: Publisher, text: str, address: str | None, opts: argparse.Namespace
    ) -> None:
        url = address or _own(text) or publisher.base_url + "/"
        form = opts.form or publisher.form_of(url) or publisher.default_form
        if form not in publisher.forms:
            has = ", ".join(publisher.forms)
            self.fail(f"{publisher.key} has no form {form}; it has {has}.", Exit.BAD_ARGUMENTS)
            return
        if opts.scramble:
            made = scramble(text)
            left = survivors(text, made)
            if left:
                words = ", ".join(left[:_SHOWN])
                self.fail(f"{len(left)} words survived the scrambling ({words}); nothing is written.", Exit.BROKE)
                return
            # The address has the headline in it: the id alone, or what the scrambled page says of itself.
            text, url = made, _without_words(url, made, publisher, form)
        expected = expected_of(
            text.encode(),
            publisher=publisher,
            form=form,
            url=url,
            content_type="text/html; charset=utf-8",
            fetched_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        try:
            write(folder, text, expected)
        except OSError as error:
            self.fail(f"{folder} cannot be written ({error.strerror}).", Exit.BROKE)
            return
        self._tell(folder, opts.scramble, expected)

    def _tell(self, folder: Path, scrambled: bool, expected: dict[str, object]) -> None:
        none = cast("list[str]", expected.get("no_article", []))
        read = f"no article ({', '.join(none)})" if none else "an article"
        out(f"{folder}: {read} is read from it today.")
        out(f"Check {EXPECTED} field by field against what a reader sees on {PAGE}: a fixture says what is right.")
        if not scrambled:
            out(
                f"Before you commit it, rewrite {PAGE} in words of your own (or use --scramble): it is its publisher's."
            )


def _own(text: str) -> str | None:
    _, index = indexed(text.encode("utf-8", "replace"))
    return own_address(index) if index is not None else None


def _without_words(url: str, text: str, publisher: Publisher, form: str) -> str:
    """Return the address of a scrambled page: made of the id alone where that is a number, else as the page says."""
    article_id = publisher.article_id(url)
    if article_id is not None and article_id.isdecimal() and publisher.forms[form].url is not None:
        return publisher.url_for(article_id, form)
    return _own(text) or publisher.base_url + "/"
