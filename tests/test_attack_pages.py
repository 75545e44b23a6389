"""Pages that were invented to be misread: what a reader sees in them, held against what is stored."""

from __future__ import annotations

import pytest

from tests.test_engine import page, read


@pytest.mark.parametrize("cell", ["td", "th"])
def test_the_last_figures_of_a_table_are_no_reporters_code(cell: str) -> None:
    rows = f"<tr><td>سکه</td><td>۳۰۱۲۳</td></tr><tr><td>نیم سکه</td><{cell}>15123</{cell}></tr>"
    text = f"<p>قیمت‌ها.</p><table>{rows}</table>"
    assert read(page(text)).body == "قیمت‌ها.\nسکه\n۳۰۱۲۳\nنیم سکه\n15123"
    assert read(page(f"{text}<p>17302</p>")).body == "قیمت‌ها.\nسکه\n۳۰۱۲۳\nنیم سکه\n15123"


def test_a_reporters_code_in_a_table_of_layout_is_one() -> None:
    assert read(page("<table><tr><td>یک.<br>دو.<br>17302</td></tr></table>")).body == "یک.\nدو."
