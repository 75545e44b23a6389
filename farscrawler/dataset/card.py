"""The card of a dataset: README.md as Hugging Face reads it. What a person writes into it stays.

Of the head, some keys are written anew each time, and others only where they are missing. Of the text, the part between
two marks is ours.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

from farscrawler._version import __version__
from farscrawler.dataset.folder import CARD
from farscrawler.dataset.manifest import NO_YEAR
from farscrawler.errors import ExportError
from farscrawler.exporters.parquet import arrow_schema, load_pyarrow
from farscrawler.files import read_file, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from farscrawler.dataset.manifest import Manifest, Part

_BEGIN = (
    "<!-- farscrawler writes from here to the end mark anew with each run; your own text stands before or behind -->"
)
_END = "<!-- end of what farscrawler writes -->"
_LARGEST = 4 << 20
_HEAD = re.compile(r"---\n(.*?)^---[ ]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
#: A key of the head at its margin: what is below it, up to the next one, belongs to it.
_KEY = re.compile(r"(?=^[A-Za-z_][\w-]*:)", re.MULTILINE)
#: Hugging Face's words for sizes.
_SIZES = (
    *((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")),
    (10_000_000, "1M<n<10M"),
)
_LARGEST_SIZE = "10M<n<100M"


def write(root: Path, manifest: Manifest) -> None:
    """Write the card of a dataset, with what a person wrote into it. Raise ExportError or OSError."""
    path = root / CARD
    try:
        old = read_file(path, largest=_LARGEST).decode()
    except FileNotFoundError:
        old = ""
    except UnicodeDecodeError as error:
        raise ExportError(f"{path} is no UTF-8 text; save it as such, and run the same command again.") from error
    try:
        text = card_of(manifest, old)
    except ValueError as error:
        raise ExportError(f"{path} was left as it was, since {error}; the articles are all written.") from error
    if text != old:
        write_whole(path, text)


def card_of(manifest: Manifest, old: str = "") -> str:
    """Return the card of a dataset, made of an older one. Raise ValueError where one of the marks is gone."""
    head = _HEAD.match(old)
    text = old[head.end() :] if head else old
    keys = {block.partition(":")[0]: block for block in _KEY.split(head[1] if head else "") if block.strip()}
    for key, block in _first_keys(manifest).items():
        keys.setdefault(key, block)
    keys |= _own_keys(manifest)
    before, mark, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if bool(mark) != bool(end) or (not mark and _END in text):
        raise ValueError(f"it lacks {_END if mark else _BEGIN!r}: put this line back, or take the other mark away too")
    if not mark:
        before = before.rstrip("\n") + "\n\n" if before.strip() else f"\n# {_title(manifest)}\n\n"
    own = "\n".join(_text(manifest))
    return f"---\n{''.join(keys.values())}---\n{before}{_BEGIN}\n\n{own}\n\n{_END}{after or chr(10)}"


def _title(manifest: Manifest) -> str:
    found = sorted({part.publisher for part in manifest.parts})
    return f"News articles of {', '.join(found)}" if len(found) <= 5 else f"News articles of {len(found)} publishers"  # noqa: PLR2004


# The head.


def _first_keys(manifest: Manifest) -> dict[str, str]:
    """Return the keys that are a person's, once they are there."""
    return {
        "pretty_name": f"pretty_name: {json.dumps(_title(manifest), ensure_ascii=False)}\n",
        "language": "language:\n- fa\n",
        "license": "license: other\n",
        "license_name": "license_name: articles-belong-to-their-publishers\n",
        "tags": "tags:\n- news\n- persian\n",
    }


def _own_keys(manifest: Manifest) -> dict[str, str]:
    size = next((word for most, word in _SIZES if manifest.rows() < most), _LARGEST_SIZE)
    return {
        "size_categories": f"size_categories:\n- {size}\n",
        "configs": "configs:\n" + "".join(_configs(manifest)),
        "dataset_info": "dataset_info:\n  features:\n" + "".join(map(_feature, _columns())),
    }


def _configs(manifest: Manifest) -> Iterator[str]:
    """Yield the whole, and each publisher by itself, as `load_dataset` takes them by name."""
    places = {"default": "data/*/*/*.parquet"}
    for part in manifest.parts:
        places.setdefault(part.publisher, f"data/{part.path.split('/')[1]}/*/*.parquet")
    for name in ("default", *sorted(places.keys() - {"default"})):
        default = "  default: true\n" if name == "default" else ""
        yield (
            f"- config_name: {json.dumps(name)}\n{default}"
            f"  data_files:\n  - split: train\n    path: {json.dumps(places[name])}\n"
        )


def _columns() -> pa.Schema:
    return arrow_schema(constants={"jalali_year": None})


def _feature(column: pa.Field) -> str:
    types = load_pyarrow().types
    if not types.is_list(column.type):
        return f"  - name: {column.name}\n    dtype: {_dtype(column.type)}\n"
    inner = column.type.value_type
    if not types.is_struct(inner):
        return f"  - name: {column.name}\n    list: {_dtype(inner)}\n"
    below = "".join(f"    - name: {one.name}\n      dtype: {_dtype(one.type)}\n" for one in inner)
    return f"  - name: {column.name}\n    list:\n{below}"


def _dtype(kind: pa.DataType) -> str:
    """Return the name that Hugging Face has for a type."""
    return str(kind).removesuffix("[day]")


# The text.


def _text(manifest: Manifest) -> Iterator[str]:
    parts = manifest.parts
    which = "in all their revisions" if manifest.all_revisions else "each at its newest revision"
    yield f"{manifest.rows():,} Persian news articles, {which}, as farscrawler read them from the"
    yield "pages of their publishers. Texts are as printed."
    yield "\n## Licence\n"
    yield "The articles and pictures belong to their publishers. Whoever made this dataset holds no right in them, and"
    yield "gives none. Ask what the law of your country allows, such as for research, before you copy or publish texts."
    yield "\n## Articles by publisher and Jalali year\n"
    yield from _counts(parts)
    yield "\n## How it was made\n"
    yield f"* With farscrawler {__version__}, from the archive `{manifest.archive}`: `{manifest.command()}`."
    yield f"* Published {_span(parts, 'first_day', 'last_day')}; fetched {_span(parts, 'first_fetch', 'last_fetch')}."
    yield f"* Fields are of version {manifest.schema_version} of the schema."
    yield "\n## How to read it\n"
    yield from _READING
    yield "\n## Fields\n"
    yield "| field | type | meaning |\n| --- | --- | --- |"
    for column in _columns():
        meaning = column.metadata[b"description"].decode().replace("|", "\\|")
        yield f"| `{column.name}` | {str(column.type).replace('element: ', '')} | {meaning} |"
    yield "\n## Known limits\n"
    yield from _LIMITS


def _counts(parts: list[Part]) -> Iterator[str]:
    counts = Counter[tuple[str, int | None]]()
    for part in parts:
        counts[part.publisher, part.jalali_year] += part.rows
    years = sorted({year for _, year in counts if year is not None})
    columns: list[int | None] = [*years, *([None] if any(year is None for _, year in counts) else [])]
    yield f"| publisher | {' | '.join(str(year or 'no known day') for year in columns)} | all |"
    yield f"| --- |{' ---: |' * (len(columns) + 1)}"
    for name in sorted({publisher for publisher, _ in counts}):
        row = [counts[name, year] for year in columns]
        yield f"| {name} | {' | '.join(f'{number:,}' for number in (*row, sum(row)))} |"
    row = [sum(counts[name, year] for name, year in counts if year == column) for column in columns]
    yield f"| all | {' | '.join(f'{number:,}' for number in (*row, sum(row)))} |"


def _span(parts: list[Part], first: str, last: str) -> str:
    days = [day for part in parts for day in (getattr(part, first), getattr(part, last)) if day is not None]
    return f"{min(days)} to {max(days)}" if days else "on no known day"


_READING = (
    "```python",
    "datasets.load_dataset(FOLDER)  # or with the name of a publisher: load_dataset(FOLDER, PUBLISHER)",
    'polars.scan_parquet(FOLDER + "/data/**/*.parquet")',
    "duckdb.sql(f\"FROM read_parquet('{FOLDER}/data/**/*.parquet')\")",
    'pandas.read_parquet(FOLDER + "/data", partitioning=None)  # publisher and jalali_year are columns of the files',
    'pyarrow.dataset.dataset(FOLDER + "/data", partitioning="hive")',
    "```",
)
_LIMITS = (
    "* `published_at` is null where a page gives a day alone: count by `published_date` or `published_jalali_date`.",
    f"* Articles without a known day are in `jalali_year={NO_YEAR}`, with null as their year.",
    "* Moments are instants. Some readers show them on the clock of your machine or session, on which an article may",
    "  be of another day: the day in Iran is `published_date`.",
    "* Years and days of the solar Hijri calendar are texts or whole numbers, never dates of a reader.",
    "* Agencies print each other's texts: an event, and often a text, is there several times.",
    "* What a site has removed or changed before it was fetched is not there.",
    "* `warnings` says what could not be read of a page. A damaged value is null.",
)
