"""Damage bytes: as disks, proxies, editors and people with bad intentions do. The same seed, the same damage."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

#: No input grows beyond this: size is what the attacks of tests/attacks try.
LARGEST = 200_000
_NUMBER = re.compile(rb"\d+")
_VALUE = re.compile(rb"^[^#\n=]+=[ \t]*(.*)$", re.MULTILINE)
_WORD = re.compile(rb"[\w-]{2,}")
#: What means something to one reader or another, and what nobody expects.
TOKENS = (
    *(
        b"\0",
        b"\r",
        b"\n",
        b"\r\n\r\n",
        b"\t",
        b"\x1b[2J",
        b"\x85",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
    ),
    *("\u2028".encode(), "\u202e".encode(), "\u200c".encode()),
    *("\u00a0".encode(), "۱۴۰۱/۰۲/۲۸".encode(), "ي".encode()),
    *(
        b"<",
        b">",
        b"</",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<script>",
        b"</script>",
        b"<a href=",
        b"&#0;",
        b"&#xD800;",
    ),
    *(
        b"&#9999999999;",
        b"<base href='http://['>",
        b"<meta charset=utf-7>",
        b"<meta charset=\xff>",
        b"<?xml version='1.1'?>",
    ),
    *(b"<!DOCTYPE x [<!ENTITY a 'aa'>]>", b"&a;", b"<plaintext>", b"<svg><style>", b"<template>", b"<frameset>"),
    *(
        b'"',
        b"'",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"null",
        b"true",
        b"NaN",
        b"Infinity",
        b"-1",
        b"1e999",
        b"\\u0000",
    ),
    *(
        b"\\ud800",
        b"0",
        b"99999999999999999999",
        b"-99999999999",
        b"0x7fffffff",
        b"1" * 5000,
        b"%",
        b"%00",
        b"%zz",
        b"%FF",
    ),
    *(
        b"http://[",
        b"http://[::1]:99999/",
        b"javascript:",
        b"//",
        b"../../../etc/passwd",
        b"://",
        b"@",
        b"#",
        b"?",
        b"*",
    ),
    *(b"WARC/1.0\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n", b"filedesc://"),
    *(
        b"\x1f\x8b\x08",
        b"\x28\xb5\x2f\xfd",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"HTTP/1.1 200 OK\r\n",
        b"Transfer-Encoding: chunked\r\n",
    ),
    *(
        b"2022-13-45T99:99:99Z",
        b"9999-12-31T23:59:59-23:59",
        b"0001-01-01",
        b"[[",
        b"]]",
        b"= '''",
        b'= """',
        b"{page:",
    ),
    *(
        b"User-agent: *\nDisallow: /",
        b"Disallow: /*****************a$",
        b"Crawl-delay: 1e309",
        b"(a|a)*b",
        b"(?P<",
        b"[a-",
    ),
)
#: What may stand where another value is expected.
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**30,
        float("inf"),
        float("nan"),
        "",
        " ",
        "\0",
        "\ud800",
        "\u2028",
        "x" * 3_000,
    ),
    *(
        [],
        {},
        [[]],
        [None],
        {"": None},
        {"url": {"url": []}},
        ["\udfff"],
        "2022-13-45",
        "99999999999999999999",
        "http://[",
    ),
)
TOML = (
    *(b"1", b"-1", b"1.5", b"inf", b"true", b"1979-05-27", b"1979-05-27T07:32:00Z", b"''", b'"\\u0000"', b'" "', b"[]"),
    *(
        b"[[]]",
        b"{}",
        b"{a = {b = 1}}",
        b"['(']",
        b"['//a[']",
        b"['...']",
        b"['a::text']",
        b"['{page}']",
        b"['/x']",
        b"[1]",
    ),
)
#: Openings that a reader may take for the beginning of something within something.
NESTS = (
    b"<div>",
    b"<a>",
    b"[",
    b"{",
    b'{"a":',
    b"(",
    b"<b><i>",
    b"<table><tr><td>",
    b"<!--",
    b"<url>",
    b"<item>",
    b"<ul><li>",
    b"a.",
)


def mutated(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Return a sample with one to a dozen damages; ``others`` are samples that parts are taken from."""
    for _ in range(dice.choice((1, 1, 1, 2, 3, 5, 12))):
        data = dice.choice(_MUTATIONS)(dice, data, others)[:LARGEST]
    return data


def _place(dice: Random, data: bytes) -> int:
    return dice.randrange(len(data) + 1)


def _span(dice: Random, data: bytes) -> tuple[int, int]:
    """Return the ends of a part: mostly a short one."""
    begin = _place(dice, data)
    return begin, min(len(data), begin + int(dice.paretovariate(0.7)))


def _flip(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for at in dice.choices(range(len(changed)), k=dice.choice((1, 2, 8))) if changed else ():
        changed[at] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _overwrite(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    begin, end = _span(dice, data)
    return data[:begin] + dice.randbytes(end - begin) + data[end:]


def _delete(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    begin, end = _span(dice, data)
    return data[:begin] + data[end:]


def _cut(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(dice, data)
    return data[:at] if dice.random() < 0.8 else data[at:]


def _repeat(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    begin, end = _span(dice, data)
    times = min(dice.choice((2, 3, 100, 10_000)), LARGEST // max(1, end - begin))
    return data[:begin] + data[begin:end] * times + data[end:]


def _insert(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(dice, data)
    return data[:at] + dice.choice(TOKENS) * dice.choice((1, 1, 1, 1, 50)) + data[at:]


def _replace_word(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    words = list(_WORD.finditer(data[:LARGEST]))
    if not words:
        return data
    found = dice.choice(words)
    return data[: found.start()] + dice.choice(TOKENS) + data[found.end() :]


def _replace_number(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    numbers = list(_NUMBER.finditer(data[:LARGEST]))
    if not numbers:
        return data
    found = dice.choice(numbers)
    other = dice.choice((b"0", b"-1", b"1", b"4294967296", b"9" * 20, b"9" * 400, b"1e400", b"\xdb\xb1\xdb\xb4", b""))
    return data[: found.start()] + other + data[found.end() :]


def _nest(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(dice, data)
    return data[:at] + dice.choice(NESTS) * dice.choice((10, 300, 3_000)) + data[at:]


def _swap(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _splice(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = dice.choice(others)
    begin, end = sorted((_place(dice, other), _place(dice, other)))
    at = _place(dice, data)
    return data[:at] + other[begin:end] + data[at:] if dice.random() < 0.5 else data[:at] + other[begin:]


def _encode(dice: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    kind = dice.choice(("utf-16", "utf-16-be", "windows-1256", "utf-8-sig", "utf-32", "latin-1"))
    return data.decode("utf-8", "replace").encode(kind, "replace")


def _json(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Put another value in some place of a JSON text, or of one of its lines; what is no JSON gets a token."""
    lines = data.split(b"\n") if dice.random() < 0.5 else [data]
    at = dice.randrange(len(lines))
    try:
        found = [json.loads(lines[at])]
    except (ValueError, RecursionError):
        return _insert(dice, data, others)
    place: Any = found
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = dice.choice(keys)
        if not isinstance(place[key], (dict, list)) or not place[key] or dice.random() < 0.2:
            break
        place = place[key]
    place[key] = dice.choice(VALUES)
    lines[at] = json.dumps(found[0], ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _toml(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Put another value behind one of the signs of equality; what has none gets a token."""
    found = list(_VALUE.finditer(data))
    if not found:
        return _insert(dice, data, others)
    at = dice.choice(found)
    return data[: at.start(1)] + dice.choice(TOML) + data[at.end(1) :]


_MUTATIONS: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    *(_flip, _overwrite, _delete, _cut, _repeat, _insert, _insert, _insert),
    *(_replace_word, _replace_word, _replace_number, _nest, _swap, _splice, _encode, _json, _json, _toml),
)
