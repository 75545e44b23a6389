"""`farscrawler parse-page`: read a saved page into an article, and explain where each field comes from."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from farscrawler import publishers
from farscrawler.cli.base import UsageError
from farscrawler.cli.output import out, out_json
from farscrawler.cli.pages import PageCommand
from farscrawler.errors import Exit
from farscrawler.extract import Evidence, NoArticle, owner_of, read_article
from farscrawler.extract.explain import lines, shown
from farscrawler.extract.page import Reason
from farscrawler.extract.warnings import in_words

if TYPE_CHECKING:
    import argparse

    from farscrawler.items import Article


class Command(PageCommand):
    """The parse-page command."""

    def syntax(self) -> str:
        return "[options] FILE"

    def long_desc(self) -> str:
        return (
            "Read a page saved in FILE into an article and print it. The publisher follows from --publisher, from "
            "--url, or from the address that the page gives as its own; otherwise the family follows from the "
            "markup. Nothing is fetched or stored. Exit codes: 0 an article was read; 1 the page is no article, or "
            "no rules for it are known; 2 bad arguments."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--publisher", metavar="NAME", help="the publisher of the page, as in `farscrawler publishers`"
        )
        parser.add_argument("--url", metavar="URL", help="its address (default: the one that the page gives)")
        parser.add_argument("--form", metavar="FORM", help="its form: article or print (default: that of its address)")
        parser.add_argument(
            "--fetched",
            metavar="TIME",
            help="when it was fetched, as in 2026-11-23T08:00:00+00:00; «۲ ساعت قبل» is read only where this is known, "
            "and no later time is believed",
        )
        parser.add_argument(
            "--explain", action="store_true", help="show for each field its place on the page and what was refused"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def execute(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read it, and print."""
        if len(args) != 1:
            raise UsageError("name one file with a saved page")
        fetched = _moment(opts.fetched)
        (path,) = args
        saved = self.saved(path)
        if saved is None:
            return None
        body, _ = saved
        try:
            owner = owner_of(body, known=publishers.of(self.settings), name=opts.publisher, url=opts.url)
        except (LookupError, publishers.PublisherError) as error:
            return self.fail(str(error.args[0]), Exit.BAD_ARGUMENTS if opts.publisher else Exit.BROKE)
        whose, why = owner.publisher, owner.why
        form = opts.form or whose.form_of(owner.url) or "article"
        if form not in whose.forms:
            return self.fail(f"{whose.key} has no form {form}; it has {', '.join(whose.forms)}.", Exit.BAD_ARGUMENTS)
        evidence = Evidence() if opts.explain else None
        article = read_article(body, publisher=whose, form=form, url=owner.url, fetched_at=fetched, evidence=evidence)
        if isinstance(article, NoArticle):
            advice = " --url gives its address." if article.reason is Reason.NO_ID and not opts.url else ""
            said = f"{path}: no article: {article.outcome}, {article.text} (read as {why}).{advice}"
            return self.fail(said, Exit.BROKE)
        self._print(article, why, evidence, as_json=opts.json)
        return None

    @staticmethod
    def _print(article: Article, why: str, evidence: Evidence | None, *, as_json: bool) -> None:
        found = evidence.in_order() if evidence is not None else []
        if as_json:
            said = asdict(article)
            if evidence is not None:
                said = {**said, "evidence": [asdict(one) for one in found]}
            out_json(said)
            return
        out(f"read as: {why}")
        if evidence is not None:
            for line in lines(article, found):
                out(line)
        else:
            for name, value in asdict(article).items():
                if value and name != "body":
                    out(f"{name}: {shown(value)}")
            out(f"\n{article.body}", lines=True)
        for warning in article.warnings if evidence is not None else ():
            out(f"warning: {in_words(warning)}")


def _moment(text: str | None) -> str:
    """Return the moment of a fetch as articles have it; UsageError for none."""
    if text is None:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError("--fetched takes a time with its zone, as in 2026-11-23T08:00:00+00:00")
    return moment.isoformat(timespec="seconds")
