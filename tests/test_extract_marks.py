"""The marks of families that mislead, and those of pages that do not name their system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from farscrawler.extract.document import indexed
from farscrawler.extract.family import Detection, detect_in, hints
from tests.support import run

if TYPE_CHECKING:
    from pathlib import Path


def page(head: str = "", body: str = "", of_body: str = "", of_head: str = "") -> str:
    top = f"<!DOCTYPE html><html><head{of_head}><title>باغ</title>{head}</head>"
    return f"{top}<body{of_body}>{body}<p>نان</p></body></html>"


def detected(*parts: str, **more: str) -> Detection | None:
    text, index = indexed(page(*parts, **more).encode())
    assert index is not None
    return detect_in(index, text)


OPENSEARCH = '<link rel="search" href="/opensearch.xhtml">'
DCQ = ' profile="http://dublincore.org/documents/dcq-html/"'
SKIN = '<link rel="stylesheet" href="/skins/default/fa/normal/style.css">'
SERVICES = '<a href="/vsda^ln1lkt47,1.k5hk4.html">باغبانی</a>'


@pytest.mark.parametrize(
    ("parts", "more", "family", "is_sure"),
    [
        (['<meta name="author" content="Behnegarsoft.com"/>'], {}, "studiokhabar", True),
        (['<script src="/pack/?g=viman-js"></script>'], {}, "studiokhabar", True),
        (['<link rel="alternate" href="/rssb5.-lw3nd7x.xml">'], {}, "studiokhabar", True),
        ([SKIN], {"of_head": DCQ}, "studiokhabar", False),
        ([SKIN, SERVICES], {}, "studiokhabar", False),
        (["", SERVICES.replace("^", "%5E")], {"of_head": DCQ}, "studiokhabar", False),
        (["<script>jQuery.extend(Drupal.settings, {});</script>"], {}, "drupal", True),
        (['<script src="https://garden.ir/sites/default/files/js/js_Zx1.js"></script>'], {}, "drupal", True),
        (['<link rel="stylesheet" href="/sites/all/themes/bagh/css/a.css">'], {}, "drupal", True),
        (
            ['<link rel="stylesheet" href="/sites/default/files/css/css_x.css">'],
            {"of_body": ' class="html front not-logged-in"'},
            "drupal",
            False,
        ),
        (['<script src="/modules/mod_slides/js/a.js"></script>'], {}, "joomla", True),
        (
            ['<link rel="icon" href="/templates/bagh/favicon.ico"><script src="/media/widgetkit/a.js"></script>'],
            {},
            "joomla",
            False,
        ),
        ([OPENSEARCH, '<p class="summary introtext">لید</p>'], {}, "nastooh", False),
        ([OPENSEARCH + '<meta name="generator" content="www.nastooh.ir">'], {}, "nastooh", True),
    ],
)
def test_the_family_of_a_page_that_does_not_name_it(
    parts: list[str], more: dict[str, str], family: str, is_sure: bool
) -> None:
    found = detected(*parts, **more)
    assert found is not None
    assert (found.family, found.is_sure) == (family, is_sure)
    assert set(found.sure) <= set(found.matched)


@pytest.mark.parametrize(
    ("parts", "more"),
    [
        ([OPENSEARCH], {}),  # a site on Hypermedia has it too
        ([""], {"of_head": DCQ}),
        ([SKIN], {}),
        (["", SERVICES], {}),
        (['<link rel="icon" href="/templates/bagh/favicon.ico">'], {}),
        (['<script src="/media/widgetkit/a.js"></script><link href="/media/widgetkit/a.css">'], {}),
        ([""], {"of_body": ' class="not-logged-in"'}),
        (["", '<a href="http://other.ir/sites/all/themes/x.zip">پرونده</a>'], {}),
        (["", "<p>«rssb5.-x.xml» نام پرونده است.</p>"], {}),
    ],
)
def test_one_mark_that_others_have_too_is_no_family(parts: list[str], more: dict[str, str]) -> None:
    assert detected(*parts, **more) is None


def test_one_likely_mark_is_a_hint() -> None:
    text, index = indexed(page(OPENSEARCH).encode())
    assert index is not None
    assert [(one.family, one.matched) for one in hints(index, text)] == [
        ("nastooh", ("link[href*='/opensearch.xhtml']",))
    ]


def test_the_command_says_which_marks_are_sure(tmp_path: Path) -> None:
    sure = page('<script src="/pack/?g=viman-js"></script>' + SKIN)
    for name, text in (("sure", sure), ("likely", page(SKIN, SERVICES)), ("none", page(OPENSEARCH))):
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    done = run("detect", "sure.html", cwd=tmp_path)
    assert "family: studiokhabar\nmatched: script[src*='/pack/?g=viman'] (sure)\n" in done.stdout
    assert "matched: link[href*='/skins/default/fa/'] (likely)\n" in done.stdout
    done = run("detect", "likely.html", cwd=tmp_path)
    assert "family: studiokhabar (likely: no mark of it is sure)\n" in done.stdout
    done = run("detect", "none.html", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "one likely mark of nastooh, which other systems have too (link[href*='/opensearch.xhtml'])." in done.stderr
