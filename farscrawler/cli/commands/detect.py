"""`farscrawler detect`: a whole stanza for the site of a page, tried at once on other pages of it."""

from __future__ import annotations

import datetime as dt
import shlex
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from farscrawler import publishers
from farscrawler.cli.base import CommandSettings, UsageError
from farscrawler.cli.output import out, out_json
from farscrawler.cli.pages import PageCommand
from farscrawler.cli.settings_given import base_url_of, options_again
from farscrawler.days import jalali_parts
from farscrawler.drafts.draft import SiteDraft, draft_site, free_key
from farscrawler.drafts.fetched import Fetched
from farscrawler.drafts.refused import why_refused
from farscrawler.errors import Exit, PublisherError
from farscrawler.extract.document import indexed
from farscrawler.extract.draft import draft as first_draft
from farscrawler.extract.draft import hosts_of
from farscrawler.extract.family import detect_in, hints
from farscrawler.extract.owner import own_address
from farscrawler.networks import plain_url
from farscrawler.publishers.loader import families

if TYPE_CHECKING:
    import argparse
    from collections.abc import Coroutine

    from farscrawler.drafts.fetched import Fetch
    from farscrawler.extract import NoArticle

#: Pages that a stanza is tried on, the given one among them: two tell a slip of one page, five a habit of the site.
_TRIED = 5
#: The table of so many fits 80 columns.
_MOST_TRIED = 20
_NOWHERE = "https://www.example.ir/"
#: What a site answers of a page that it does not have.
_NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class Command(PageCommand):
    """The detect command."""

    #: The server that an address with a port names, which a stanza cannot: it is asked in the site's stead.
    _origin = ""

    def syntax(self) -> str:
        return "URL-or-FILE [options]"

    def long_desc(self) -> str:
        return (
            "Print a whole stanza for the site of an article's page: the family of content systems whose marks the "
            "page bears, or custom with selectors of its own; the form of its addresses; its feeds, sitemaps and lists "
            "by day. The stanza is tried at once on several pages that the site links to, and what it reads of each "
            "field is shown side by side with what the general rules read. What cannot be told is a comment that says "
            "what to look for. An address is fetched as politely as in a crawl, with one retry unless RETRY_TIMES says "
            "otherwise; a file, or standard input (-), is read "
            "without the network unless --try is given. Exit codes: 0 the stanza reads every page tried; 1 there is no "
            "stanza: no page came, or it is no article and bears the marks of no family; 2 bad arguments; 3 there is a "
            "stanza, and it does not read every page tried, or only begins one, since the page is no article."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--url", metavar="URL", help="address of a saved page (default: the one that the page gives)"
        )
        parser.add_argument(
            "--family", metavar="FAMILY", help="the family of the site (default: that of the page's marks)"
        )
        parser.add_argument(
            "--try",
            metavar="N",
            dest="most",
            type=int,
            help=f"try the stanza on N pages (default: {_TRIED}; of a file: 1, which asks for nothing more)",
        )
        parser.add_argument(
            "--publishers", metavar="FOLDER", nargs="?", const="",
            help="write the stanza into a file of this folder (default: that of the setting PUBLISHERS)",
        )  # fmt: skip
        parser.add_argument(
            "-o", "--output", metavar="FILE", dest="stanza_file", help="write the stanza into FILE, a new one"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch or read the page, draft the stanza of its site, and try it."""
        if len(args) != 1 or not args[0].strip():
            raise UsageError("name one page: an article's address, or a file that it was saved to")
        (place,) = args
        if opts.stanza_file and opts.publishers is not None:
            raise UsageError("--output names a file, and --publishers the folder of one; give one of them")
        if opts.family is not None and opts.family not in families():
            raise UsageError(f"--family {opts.family}: there is no such family; there are {', '.join(families())}")
        self._family: str | None = opts.family
        folder = self._folder(opts.publishers)
        most: int | None = opts.most
        if opts.stanza_file and not self._is_new(Path(opts.stanza_file)):
            return
        if most is not None and not 1 <= most <= _MOST_TRIED:
            raise UsageError(f"--try {most}: a stanza is tried on 1 to {_MOST_TRIED} pages")
        if "://" in place:
            self._of_address(place, most or _TRIED, folder, opts)
            return
        found = self.saved(place)
        if found is not None:
            self._of_file(place, found[0], most, folder, opts)

    def _of_address(self, url: str, most: int, folder: Path | None, opts: argparse.Namespace) -> None:
        if not self.is_address(url):
            return
        place, url = url, self._without_port(plain_url(url))
        if folder is not None and not self._is_new(folder / f"{self._key(url)}.toml"):
            return
        page, found = self._drafted(url, None, most)
        if page is not None:
            self._tell(place, page, found, folder, opts)

    def _of_file(
        self, place: str, body: bytes, most: int | None, folder: Path | None, opts: argparse.Namespace
    ) -> None:
        _, index = indexed(body)
        url = opts.url or (own_address(index) if index is not None else None)
        if opts.url and not self.is_address(opts.url):
            return
        if most is not None and most > 1:
            if url is None:
                self.fail(
                    f"{place} does not say its address, so no other page can be tried; give --url.", Exit.BAD_ARGUMENTS
                )
                return
            page, found = self._drafted(url, body, most)
        else:
            page = Fetched(url or _NOWHERE, 200, body)
            found = _at_once(
                draft_site(page, fetch=None, most=1, family=self._family, key_taken=self._key_taken(url or _NOWHERE))
            )
        if page is not None:
            self._tell(place, page, found, folder, opts, has_address=url is not None)

    def _drafted(self, url: str, body: bytes | None, most: int) -> tuple[Fetched | None, SiteDraft | NoArticle | None]:
        """Return the page, and the draft of its site by this and further pages; None for a page that did not come."""
        from farscrawler.spiders.site_client import DraftSpider

        brought: list[tuple[Fetched, SiteDraft | NoArticle]] = []
        failed: list[BaseException] = []
        problems: list[str | None] = []

        async def work(fetch: Fetch) -> None:
            page = Fetched(url, 200, body) if body is not None else await fetch(url)
            if page.problem is not None:
                problems.append(page.problem)
                return
            if page.status in _NOT_THERE:
                problems.append(f"there is none at this address, HTTP {page.status}")
                return
            try:
                more = fetch if most > 1 else None
                found = await draft_site(
                    page, fetch=more, most=most, family=self._family, key_taken=self._key_taken(url)
                )
            except Exception as error:  # noqa: BLE001  # raised again below: Scrapy would only log it
                failed.append(error)
            else:
                brought.append((page, found))

        hosts = hosts_of((urlsplit(url).hostname or "").lower())
        base = base_url_of(self.settings, "") or self._origin
        spider = self.crawled(url, DraftSpider, url=url, hosts=hosts, base_url=base, work=work)
        if failed:
            raise failed[0]
        if spider is None:
            return None, None
        if not brought:
            self.no_page(self._as_asked(url), problems[0] if problems else None)
            return None, None
        if isinstance(brought[0][1], SiteDraft):
            self.note_status(self._as_asked(url), brought[0][0].status)
        return brought[0]

    def _tell(
        self,
        place: str,
        page: Fetched,
        found: SiteDraft | NoArticle | None,
        folder: Path | None,
        opts: argparse.Namespace,
        *,
        has_address: bool = True,
    ) -> None:
        if isinstance(found, SiteDraft):
            self._show(place, page, found, folder, opts, has_address=has_address)
        else:
            self._tell_family(place, page, found, has_address=has_address)

    def _show(
        self,
        place: str,
        page: Fetched,
        found: SiteDraft,
        folder: Path | None,
        opts: argparse.Namespace,
        *,
        has_address: bool,
    ) -> None:
        path = Path(opts.stanza_file) if opts.stanza_file else None
        if folder is not None:
            path = folder / f"{found.site.key}.toml"
        written = path is not None and self._write(path, found.text)
        commands = self._next(place, found, path if written else None)
        if opts.json:
            from farscrawler.cli.drafted import as_dict

            matched = list(found.detected.matched) if found.detected is not None else []
            out_json(
                as_dict(found) | {"matched": matched, "file": str(path) if written else None, "next": commands},
                indent=1,
            )
        else:
            self._print(place, page, found, path if written else None, commands, has_address=has_address)
        if self.exitcode == 0 and not found.holds:
            self.exitcode = int(Exit.OWED)

    def _print(
        self, place: str, page: Fetched, found: SiteDraft, path: Path | None, commands: list[str], *, has_address: bool
    ) -> None:
        from farscrawler.cli.drafted import trial_lines, value_lines

        self._tell_known(page.url if has_address else None)
        self._tell_marks(found.detected, found.family)
        for line in trial_lines(found, self._as_asked):
            out(line)
        out("\nwhat the stanza reads of page 1:", lines=True)
        for line in value_lines(found.trials):
            out(line)
        if not has_address:
            out(
                "\n# The page does not say its address, so hosts and forms have to be filled in; or give --url.",
                lines=True,
            )
        if path is None:
            out(f"\n# {found.site.key}.toml", lines=True)
            out(found.text, lines=True, end="", verbatim=True)
        else:
            out(f"\nThe stanza is written to {path}.", lines=True)
        out("\nNext:", lines=True)
        for command in commands:
            out(f"  {command}", verbatim=True)  # whole, to be copied

    def _tell_known(self, url: str | None) -> None:
        for one in publishers.of(self.settings).of_url(url) if url else ():
            out(f"publisher: {one.key} ({one.name}), of the family {one.family}")

    @staticmethod
    def _tell_marks(found: Any, family: str) -> None:
        if found is None:
            out(f"family: {family} (the page bears the marks of no family that is known)")
            return
        out(f"family: {family}" + ("" if found.is_sure else " (likely: no mark of it is sure)"))
        for mark in found.matched:
            out(f"matched: {mark} ({'sure' if mark in found.sure else 'likely'})")

    def _tell_family(self, place: str, page: Fetched, found: NoArticle | None, *, has_address: bool) -> None:
        """Say what can be said of a page that is no article: its family, and the head of a stanza."""
        text, index = indexed(page.body, page.content_type)
        detected = detect_in(index, text) if index is not None else None
        why = f"{place}: {why_refused(page, found)}."
        if index is None or detected is None:
            likely = "".join(
                f" It bears one likely mark of {hint.family}, which other systems have too ({', '.join(hint.matched)})."
                for hint in (hints(index, text) if index is not None else ())
            )
            self.fail(f"{why}{likely}", Exit.BROKE)
            return
        self._tell_known(page.url if has_address else None)
        self._tell_marks(detected, detected.family)
        if not has_address:
            out("# The page does not say its address, so hosts have to be filled in.")
        out(f"\n# {detected.family}.toml", lines=True)
        out(first_draft(page.url, index), lines=True, end="", verbatim=True)
        self.fail(why, Exit.OWED)

    # -- files and settings -------------------------------------------------------------------

    def _folder(self, given: str | None) -> Path | None:
        """Return the folder to write into, None for none. Raise UsageError where none is named anywhere."""
        if given is None:
            return None
        named = given or next((one.strip() for one in self.settings.getlist("PUBLISHERS") if one.strip()), "")
        if not named:
            raise UsageError("--publishers needs a folder: --publishers FOLDER, or publishers = … in farscrawler.toml")
        return Path(named).expanduser()

    def _without_port(self, url: str) -> str:
        """Return an address as a stanza can have it; the server of one with a port is asked in the site's stead."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:  # no number, or a bracketed host that is no address: the fetch says so
            return url
        if port is None or not parts.hostname or base_url_of(self.settings, ""):
            return url
        self._origin = f"{parts.scheme}://{parts.netloc}"
        return urlunsplit(parts._replace(netloc=parts.hostname))

    def _as_asked(self, url: str) -> str:
        """Return an address of the site with the server that is asked in its stead, where a port was given."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        return self._origin + url[len(site) :] if self._origin else url

    def _key(self, url: str) -> str:
        """Return the name that the site of an address will have."""
        return free_key(urlsplit(url).hostname or "", self._key_taken(url))

    def _is_new(self, path: Path) -> bool:
        if path.exists() or path.is_symlink():
            self.fail(
                f"{path} is there already and stays as it is; name another file with --output.", Exit.BAD_ARGUMENTS
            )
            return False
        return True

    def _write(self, path: Path, text: str) -> bool:
        """Write a stanza into a new file; whether it is written. A file that is there stays as it is."""
        if not self._is_new(path):
            return False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            self.fail(f"{path} cannot be written ({error.strerror}).", Exit.BROKE)
            return False
        return True

    def _key_taken(self, url: str) -> Any:
        known = publishers.of(self.settings)

        def is_taken(key: str) -> bool:
            if key not in known.names():
                return False
            try:
                return not known.load(key).owns(url)
            except PublisherError:  # a stanza of that name that cannot be read
                return True

        return is_taken

    def _next(self, place: str, found: SiteDraft, path: Path | None) -> list[str]:
        """Return the commands that come next, as they work where this one was run."""
        if path is None:
            return [] if place == "-" else [shlex.join(["farscrawler", "detect", place, "--publishers", "my-sites"])]
        options = self._options(path.parent, found.site.key)
        crawl = ["farscrawler", "crawl", found.site.key]
        commands = [shlex.join([*crawl, "--latest", "5", *options])]
        month = _month(found)
        if month is not None:
            commands.append(shlex.join([*crawl, "--since", month, "--until", month, *options]))
        return commands

    def _options(self, folder: Path, key: str) -> list[str]:
        """Return the options without which a command would not know the folder of a stanza, or ask another server."""
        named = [one.strip() for one in self.settings.getlist("PUBLISHERS") if one.strip()]
        words = []
        if folder.resolve() not in [Path(one).expanduser().resolve() for one in named]:
            words += ["-s", f"PUBLISHERS={','.join((*named, str(folder)))}"]
            again = [word for word in options_again(self.settings) if "PUBLISHERS=" not in word and word != "-s"]
        else:
            again = options_again(self.settings)
        settings = self.settings
        is_given = isinstance(settings, CommandSettings) and settings.is_given("BASE_URL")
        if base := self._origin or (base_url_of(settings, key) if is_given else ""):
            again = [*again, "--base-url", base]
        return [*words, *again]


def _month(found: SiteDraft) -> str | None:
    """Return the month before that of the newest article tried; None where no source leads to past days."""
    days = [dt.datetime.fromisoformat(one.published_at).date() for one in found.trials if one.published_at]
    if not days or not found.site.sources.names or found.site.sources.names == ("feeds",):
        return None
    year, month, _ = jalali_parts(max(days))
    return f"{year}-{month - 1:02}" if month > 1 else f"{year - 1}-12"


def _at_once(work: Coroutine[Any, Any, SiteDraft | NoArticle]) -> SiteDraft | NoArticle:
    """Return what a coroutine returns that waits for nothing: asyncio is not loaded for it."""
    try:
        work.send(None)
    except StopIteration as done:
        found: SiteDraft | NoArticle = done.value
        return found
    raise RuntimeError("a draft without a fetch has waited for something")
