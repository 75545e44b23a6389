"""The search index before a command uses it: made where it is not there, and told where that takes a while."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from farscrawler.archive import Archive
from farscrawler.cli.output import say
from farscrawler.cli.progress import progress
from farscrawler.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from farscrawler.locations import Location

#: Articles that are added in a second or two, so that nothing needs to be said of them.
_FEW = 1000


def prepare_search(path: Location) -> None:
    """Make the search index of an archive where it is not complete. Raise ArchiveError where that cannot be done."""
    with Archive(path) as archive:
        if archive.search_is_complete():
            return
        if left := archive.search_left_out():
            say(
                f"{left:,} articles or revisions were stored since the last search of a user who may write, and are "
                "not searched."
            )
            return
    try:
        with Archive(path, readonly=False) as archive, _shown_progress(path) as tell:
            archive.prepare_search(tell)
    except ArchiveError as error:
        if type(error) is not ArchiveError:  # the disk, the server, damage: of no help is what an index is
            raise
        raise ArchiveError(
            f"{path} has no search index yet; the first search of a user who may write makes it, in the archive "
            f"itself. {error}"
        ) from error


@contextmanager
def _shown_progress(path: Location) -> Iterator[Callable[[int, int], None]]:
    """Say that a long index is made, and show how far it is; what is yielded is called with what is done, and all."""
    advance: Callable[[int], object] | None = None
    done = 0
    with ExitStack() as shown:

        def tell(at: int, total: int) -> None:
            nonlocal advance, done
            if advance is None:
                if total > _FEW:
                    say(
                        f"{path}: making the search index of {total:,} articles, once; crawls keep it from now on. If "
                        "this is interrupted, the next search goes on."
                    )
                advance = shown.enter_context(progress("search index", total))
            advance(at - done)
            done = at

        yield tell
