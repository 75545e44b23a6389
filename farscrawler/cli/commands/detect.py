"""`farscrawler detect`: which content system a page comes from, and a stanza to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.cli.base import UsageError
from farscrawler.cli.output import out
from farscrawler.cli.pages import PageCommand
from farscrawler.errors import Exit
from farscrawler.extract.document import indexed
from farscrawler.extract.draft import draft
from farscrawler.extract.family import detect_in, hints
from farscrawler.extract.owner import own_address

if TYPE_CHECKING:
    import argparse

_WITHOUT = (
    "Its site can be a stanza of the family custom, which names all its selectors; single articles can be had without "
    "one, with `farscrawler crawl news -a urls=…`."
)


class Command(PageCommand):
    """The detect command."""

    def syntax(self) -> str:
        return "URL-or-FILE"

    def long_desc(self) -> str:
        return (
            "Print the family of content systems that a page comes from, the marks that it bears, and a stanza for "
            "its site, ready for a folder of publishers. A sure mark is one that only pages of the family have; of "
            "likely marks two are needed. An address is fetched once, as politely as in a crawl; a "
            "file is read without the network. Exit codes: 0 a family was found; 1 no family was found, or no page "
            "came; 2 bad arguments."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch or read the page, and tell its family."""
        if len(args) != 1:
            raise UsageError("name one page: an article's address, or a file that it was saved to")
        (place,) = args
        found = self.page_of(place)
        if found is not None:
            self._tell(place, *found)

    def _tell(self, place: str, body: bytes, url: str | None) -> None:
        text, index = indexed(body)
        if index is None:
            self.fail(f"{place} holds no page.", Exit.BROKE)
            return
        url = url or own_address(index)
        for one in publishers.of(self.settings).of_url(url) if url else ():
            out(f"publisher: {one.key} ({one.name}), of the family {one.family}")
        found = detect_in(index, text)
        if found is None:
            likely = "".join(
                f" It bears one likely mark of {hint.family}, which other systems have too ({', '.join(hint.matched)})."
                for hint in hints(index, text)
            )
            self.fail(f"{place}: the page bears the marks of no family that is known.{likely} {_WITHOUT}", Exit.BROKE)
            return
        out(f"family: {found.family}" + ("" if found.is_sure else " (likely: no mark of it is sure)"))
        for mark in found.matched:
            out(f"matched: {mark} ({'sure' if mark in found.sure else 'likely'})")
        if url is None:
            out("# The page does not say its address, so hosts have to be filled in.")
        out(f"\n# {found.family}.toml", lines=True)
        out(draft(url or "https://www.example.ir/", index), lines=True, end="")
