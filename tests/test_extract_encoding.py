"""Bytes to text."""

from __future__ import annotations

import codecs
import encodings.aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler.extract.document import Decoded, decode

TEXT = "<p>تالاب سبز است و پرنده دارد</p>"
ARABIC = "<p>تالاب سبز است و پرنده دارد، مي رود</p>"


def test_utf8_goes_before_every_label() -> None:
    for label in (
        "text/html; charset=windows-1256",
        "text/html; charset=iso-8859-1",
        "text/html; charset=windows-utf-8",
        None,
    ):
        page = '<meta charset="windows-1256">' + TEXT
        assert decode(page.encode(), label) == Decoded(page, "utf-8", verbatim=True)


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_marks(mark: bytes, codec: str) -> None:
    found = decode(mark + TEXT.encode(codec))
    assert (found.text, found.undecodable, found.verbatim) == (TEXT, 0, False)


@pytest.mark.parametrize("label", ["windows-1256", "cp1256", "Windows-1256 ", '"windows-1256"'])
def test_a_declared_charset_of_the_header(label: str) -> None:
    found = decode(ARABIC.encode("cp1256"), f"text/html; charset={label}")
    assert (found.text, found.encoding, found.warnings) == (ARABIC, "cp1256", ())


def test_a_declared_charset_of_the_page() -> None:
    page = '<meta http-equiv="content-type" content="text/html; charset=windows-1256">' + ARABIC
    assert decode(page.encode("cp1256"), "text/html").text == page


def test_undeclared_windows_1256_is_known_by_its_letters() -> None:
    assert decode(ARABIC.encode("cp1256"), None) == Decoded(ARABIC, "cp1256")


@pytest.mark.parametrize("label", ["windows-utf-8", "utf-8", "unicode_escape", "punycode", "hex", "x" * 999, "utf-7"])
def test_a_label_that_is_no_charset_of_pages_is_ignored(label: str) -> None:
    assert decode(ARABIC.encode("cp1256"), f"text/html; charset={label}").text == ARABIC


LONG = "<title>گزارش باغ</title>" + ARABIC * 5


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252", "iso-8859-15", "iso-8859-6", "latin1"])
def test_windows_1256_under_a_label_nobody_meant(label: str) -> None:
    text = LONG.replace("گ", "ك").replace("ی", "ي")
    found = decode(text.encode("cp1256"), f"text/html; charset={label}")
    assert (found.text, found.encoding, found.undecodable) == (text, "cp1256", 0)


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("iso-8859-1", "<p>Le château d'été est fermé, à Orléans on déjeune</p>" * 9),
        ("windows-1252", "<p>“Übergröße” für Mädchen – schön</p>" * 9),
        ("iso-8859-6", "<p>تفتح المدينة القديمة أبوابها هذا اليوم</p>" * 9),
        ("koi8-r", "<p>Старая мельница снова работает</p>" * 9),
    ],
)
def test_a_label_that_makes_sense_is_believed(label: str, text: str) -> None:
    assert decode(text.encode(label), f"text/html; charset={label}").text == text


def test_a_nul_becomes_a_replacement_character() -> None:
    assert decode(b"a\0b") == Decoded("a\ufffdb", "utf-8", 1)
    assert decode(codecs.BOM_UTF16_LE + "a\0b".encode("utf-16-le")) == Decoded("a\ufffdb", "utf-16-le", 1)
    assert decode("باد a".encode("utf-16-le"), "text/html; charset=utf-16le").text == "باد a"


def test_damaged_utf8_stays_utf8_and_is_counted() -> None:
    page = TEXT * 20
    broken = page.encode()[:-3] + b"\xd8\xff</p>"
    found = decode(broken, "text/html; charset=utf-8")
    assert found.encoding == "utf-8"
    assert found.text.startswith(TEXT * 19)
    assert found.undecodable == 2
    assert found.warnings == ("undecodable-bytes: 2",)


def test_replacement_characters_of_the_page_itself_are_not_counted() -> None:
    page = ("\ufffd" + TEXT) * 30
    assert decode(page.encode(), None).warnings == ()
    assert decode(page.encode() + b"\xff", None).undecodable == 1


@given(st.binary(), st.none() | st.text())
def test_decoding_never_raises(body: bytes, label: str | None) -> None:
    found = decode(body, None if label is None else f"text/html; charset={label}")
    assert found.undecodable >= 0


@given(
    st.sampled_from(sorted(set(encodings.aliases.aliases.values()))), st.binary(min_size=1).map(lambda b: b + b"\xff")
)
def test_decoding_never_raises_whatever_codec_is_named(codec: str, body: bytes) -> None:
    decode(body, f"text/html; charset={codec}")
