"""The card of a dataset: what a person wrote stays, what follows from the articles is renewed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from farscrawler.dataset.card import card_of
from farscrawler.dataset.manifest import Manifest, Part
from farscrawler.items import FIELD_NAMES, FIELD_TEXTS

if TYPE_CHECKING:
    from collections.abc import Sequence


def part(publisher: str, year: int | None, rows: int, days: Sequence[str | None] = (None, None)) -> Part:
    path = f"data/publisher={publisher}/jalali_year={year or '__HIVE_DEFAULT_PARTITION__'}/part-{rows:05}.parquet"
    return Part(
        path=path, publisher=publisher, jalali_year=year, rows=rows, bytes=1, tail="",
        first_day=days[0], last_day=days[1], first_fetch="2026-01-01", last_fetch="2026-01-02",
    )  # fmt: skip


def manifest(*parts: Part, all_revisions: bool = False) -> Manifest:
    return Manifest(archive="archive.db", all_revisions=all_revisions, parts=list(parts))


TWO = manifest(
    part("irna", 1401, 1200, ("2022-03-21", "2022-05-18")),
    part("irna", None, 3),
    part("farsonline", 1400, 7, ("2021-03-22", "2021-03-23")),
    part("irna", 1401, 30, ("2022-03-22", "2022-06-01")),
)


def test_articles_are_counted_by_publisher_and_year() -> None:
    card = card_of(TWO)
    assert "| publisher | 1400 | 1401 | no known day | all |\n" in card
    assert "| farsonline | 7 | 0 | 0 | 7 |\n" in card
    assert "| irna | 0 | 1,230 | 3 | 1,233 |\n" in card
    assert "| all | 7 | 1,230 | 3 | 1,240 |\n" in card
    assert "1,240 Persian news articles, each at its newest revision" in card
    assert "* Published 2021-03-22 to 2022-06-01; fetched 2026-01-01 to 2026-01-02.\n" in card


def test_the_head_has_what_the_hub_reads() -> None:
    head = card_of(TWO).split("---\n")[1]
    for line in ("language:\n- fa\n", "license: other\n", "size_categories:\n- 1K<n<10K\n"):
        assert line in head
    assert re.findall(r'config_name: "(.*)"', head) == ["default", "farsonline", "irna"]
    assert re.findall(r'path: "(.*)"', head) == [
        "data/*/*/*.parquet",
        "data/publisher=farsonline/*/*.parquet",
        "data/publisher=irna/*/*.parquet",
    ]
    assert re.findall(r"^  - name: (.*)", head, re.MULTILINE) == [*FIELD_NAMES, "jalali_year"]


def test_every_field_has_its_meaning_and_the_rights_are_said() -> None:
    card = card_of(TWO)
    for name in FIELD_NAMES:
        assert f"| `{name}` |" in card
        assert FIELD_TEXTS[name].replace("|", "\\|") in card
    assert "The articles and pictures belong to their publishers." in card


def test_a_card_is_not_changed_by_making_it_again() -> None:
    assert card_of(TWO, card_of(TWO)) == card_of(TWO)


def test_what_a_person_wrote_stays() -> None:
    card = card_of(TWO)
    card = card.replace("# News articles of farsonline, irna\n", "# My corpus\n\nFor my thesis.\n").replace(
        "license: other\n", "license: cc-by-4.0\n"
    )
    card = card.replace("language:\n- fa\n", "language:\n- fa\n- en\ntask_categories:\n- text-classification\n")
    card += "\n## Citation\n\n@thesis{x}\n"
    found = card_of(manifest(*TWO.parts, part("isna", 1403, 10_000)), card)
    for text in (
        "# My corpus\n\nFor my thesis.\n",
        "license: cc-by-4.0\n",
        "- fa\n- en\n",
        "\n## Citation\n\n@thesis{x}\n",
    ):
        assert text in found
    assert "task_categories:\n- text-classification\n" in found
    assert "| isna | 0 | 0 | 10,000 | 0 | 10,000 |\n" in found
    assert "size_categories:\n- 10K<n<100K\n" in found
    assert '- config_name: "isna"\n' in found
    assert "license: other" not in found
    assert found.count("size_categories:") == found.count("## Fields") == 1


def test_a_head_that_the_hub_wrote_again_keeps_its_comments_and_keys() -> None:
    old = "---\n# by hand\nannotations_creators:\n- no-annotation\nconfigs:\n- config_name: old\n  x: y\n---\nText.\n"
    found = card_of(TWO, old)
    assert found.startswith("---\n# by hand\nannotations_creators:\n- no-annotation\n")
    assert "config_name: old" not in found
    assert "\nText.\n\n<!-- farscrawler" in found
    assert card_of(TWO, found) == found


@pytest.mark.parametrize("mark", ["<!-- end of what farscrawler writes -->", "<!-- farscrawler writes from here"])
def test_a_card_without_one_of_its_marks_is_refused(mark: str) -> None:
    with pytest.raises(ValueError, match="put this line back"):
        card_of(TWO, card_of(TWO).replace(mark, ""))


def test_the_command_is_that_of_the_dataset() -> None:
    found = manifest(*TWO.parts, all_revisions=True)
    found.publishers = ["farsonline", "irna"]
    card = card_of(found)
    assert "`farscrawler export --dataset FOLDER --all-revisions farsonline irna`" in card
    assert "in all their revisions" in card
