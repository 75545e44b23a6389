"""Pages that are not the page asked for: challenge walls, error pages, soft 404s, as tables and the reading of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farscrawler.extract.page import NoArticle, Outcome, Reason
from farscrawler.persian import fold_label

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Wall:
    """A challenge page: any of ``marks`` in its source (compared by ``persian.fold``), and little to read."""

    reason: Reason
    marks: tuple[str, ...]


WALLS = (
    Wall(
        Reason.ARVANCLOUD,
        (
            "arvancloud",
            "__arcsjs",
            "transferring to the website",
            # Printed in Arabic presentation forms, hence the NFKC of fold_label().
            "در حال انتقال به سایت مورد نظر",
        ),
    ),
    Wall(Reason.CLOUDFLARE, ("just a moment...", "cf-chl-", "_cf_chl_opt", "cf-browser-verification")),
    Wall(Reason.F5, ("/tspd/",)),
)
# An ordinary page may load a wall's scripts or name one of these services; a challenge has almost nothing to read.
# ArvanCloud's is known to stay under 5,000 characters of source, text and all.
_WALL_VISIBLE_CHARS = 600
_WALL_SOURCE_CHARS = 200_000

# (outcome, reason, phrases). A phrase counts when a short line of the page holds it, so that an article quoting it
# is not taken for one. The order matters: ASP.NET prints its 404 on a "Server Error" page.
NOTICES: tuple[tuple[Outcome, Reason, tuple[str, ...]], ...] = (
    (
        "missing",
        Reason.SOFT_404,
        (
            "the resource cannot be found",
            "page not found",
            "error 404",
            "404 not found",
            "صفحه مورد نظر یافت نشد",
            "صفحه مورد نظر پیدا نشد",
            "صفحه مورد نظر شما یافت نشد",
            "صفحه مورد نظر شما پیدا نشد",
            "صفحه مورد نظر وجود ندارد",
            "صفحه درخواستی یافت نشد",
            "صفحه درخواستی پیدا نشد",
            "صفحه درخواستی شما یافت نشد",
            "صفحه درخواستی شما پیدا نشد",
            "صفحه درخواستی شما موجود نمی باشد",
            "صفحه درخواستی شما موجود نیست",
            "صفحه درخواستی شما وجود ندارد",
            "صفحه ای با این آدرس یافت نشد",
            "خبر مورد نظر یافت نشد",
            "خبر مورد نظر پیدا نشد",
            "خبر مورد نظر شما یافت نشد",
            "خبر مورد نظر موجود نمی باشد",
            "خبر مورد نظر موجود نیست",
            "خبر مورد نظر وجود ندارد",
            "خبر مورد نظر حذف شده",
            "خبری با این کد یافت نشد",
            "خبری با این مشخصات یافت نشد",
            "خبر درخواستی یافت نشد",
            "مطلب مورد نظر یافت نشد",
            "مطلب مورد نظر پیدا نشد",
            "مطلب مورد نظر شما یافت نشد",
            "محتوای مورد نظر یافت نشد",
            "مطلب درخواستی یافت نشد",
        ),
    ),
    (
        "failed",
        Reason.SERVER_ERROR,
        (
            "server error in '/",
            "runtime error",
            "service unavailable",
            "bad gateway",
            "gateway timeout",
            "gateway time-out",
            "internal server error",
            "خطای داخلی سرور",
            "خطا در سرور",
        ),
    ),
)
_NOTICE_LINE_CHARS = 160


def wall(source: str, lines: Sequence[str]) -> NoArticle | None:
    """Return which challenge a page is, if it is one; ``lines`` are its visible lines."""
    if len(source) > _WALL_SOURCE_CHARS or sum(map(len, lines)) > _WALL_VISIBLE_CHARS:
        return None
    text = fold_label(source)
    for known in WALLS:
        if any(mark in text for mark in known.marks):
            return NoArticle("blocked", known.reason)
    return None


def notice(title: str, lines: Sequence[str]) -> NoArticle | None:
    """Return what a page says in place of an article: that it is missing, or that the server broke."""
    short = [fold_label(line) for line in (title, *lines) if line and len(line) <= _NOTICE_LINE_CHARS]
    for outcome, reason, phrases in NOTICES:
        if any(phrase in line for line in short for phrase in phrases):
            return NoArticle(outcome, reason)
    return None
