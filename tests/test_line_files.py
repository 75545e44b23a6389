"""Lists of addresses and ids in files, as people and programs write them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farscrawler import publishers
from farscrawler.errors import BadArgumentError
from farscrawler.frontier.arguments import parse_arguments
from farscrawler.frontier.line_files import read_addresses
from tests.support.commands import run
from tests.support.examples import examples

if TYPE_CHECKING:
    from pathlib import Path

FARSONLINE = publishers.load("farsonline")
ONE, TWO = "http://www.fars-online.ir/Fa/News/1/نان", "http://www.fars-online.ir/Fa/News/2/آب‌و‌خاک,تازه"


@pytest.mark.parametrize(
    "data",
    [
        f"{ONE}\n{TWO}\n".encode(),
        f"{ONE}\n{TWO}".encode("utf-8-sig"),
        f"{ONE}\r\n\r\n{TWO}\r\n".encode("utf-16"),
        f"# those of the spring\r{ONE}\r\r  {TWO} \t\r".encode(),
        b"\xfe\xff" + f"{ONE}\n{TWO}".encode("utf-16-be"),
    ],
)
def test_what_is_understood(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(data)
    assert [url for _, url in read_addresses(path)] == [ONE, TWO]
    targets = parse_arguments(FARSONLINE, {"urls": f"@{path}"}).urls
    assert [target.key for target in targets or ()] == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"- {ONE}", "a mark stands before the address; write the address alone in its line: http://www."),
        (f"* {ONE}", "a mark stands before"),
        (f"• {ONE}", "a mark stands before"),
        (f"12. {ONE}", "a mark stands before"),
        (f"<{ONE}>", "the address stands in quotes or brackets"),
        (f'"{ONE}"', "the address stands in quotes or brackets"),
        (f"«{ONE}»", "the address stands in quotes or brackets"),
        (f"{ONE},", "a comma stands behind the address"),
        (f"{ONE}؛", "a comma stands behind the address"),
        (f"{ONE}\t1402/05/01", "something else stands beside the address"),
        (f"گرانی نان,{ONE}", "something else stands beside the address"),
        (f"[نان]({ONE})", "something else stands beside the address"),
        ("www.fars-online.ir/Fa/News/1/", "has no scheme; write https://www.fars-online.ir/Fa/News/1/"),
        ("//www.fars-online.ir/Fa/News/1/", "has no scheme; write https://www.fars-online.ir/Fa/News/1/"),
        ("url,title,date", "is a heading and no address; delete the line"),
        ("لینک", "is a heading and no address"),
        ("گرانی نان", "is no address; write one such as https://www.example.ir/news/1"),
        ("267403", "is no address"),
    ],
)
def test_what_is_refused_by_its_line(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"{ONE}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(BadArgumentError) as caught:
        read_addresses(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert words in str(caught.value)


def test_the_number_of_further_lines_is_said(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("\n".join(f"- {ONE}" for _ in range(9)), encoding="utf-8")
    with pytest.raises(BadArgumentError, match=r"line 1: .* 8 more lines are no addresses alone"):
        read_addresses(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(ONE.encode(), mtime=0), "is not UTF-8 text (byte 1); save it as UTF-8 text"),
        (ONE.encode("utf-16-le"), "the file is no text" if ONE.isascii() else "the file is "),
        ("نان".encode("cp1256"), "is not UTF-8 text (byte 0)"),
        (f"<!DOCTYPE html><a href={ONE}>".encode(), "is an HTML or XML page"),
        (f"\n<?xml version='1.0'?><loc>{ONE}</loc>".encode(), "is an HTML or XML page"),
        (b"", "names no address"),
        (b"\xef\xbb\xbf\r\n# nothing\r\n", "names no address"),
        (b"a\0b", "the file is no text"),
    ],
)
def test_files_that_are_no_list(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(data)
    with pytest.raises(BadArgumentError) as caught:
        parse_arguments(FARSONLINE, {"urls": f"@{path}"})
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


@examples(200)
@given(
    data=st.binary(max_size=200) | st.text(max_size=80).map(lambda text: f"{ONE}\n{text}".encode("utf-8", "replace"))
)
def test_any_file_is_a_list_or_a_sentence(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("lists") / "list"
    path.write_bytes(data)
    try:
        found = read_addresses(path)
    except BadArgumentError as error:
        assert str(path) in str(error)  # noqa: PT017  # either of two
    else:
        assert all(url.lower().startswith(("http://", "https://")) and " " not in url for _, url in found)


def test_a_list_that_is_none_ends_with_a_sentence_and_nothing_is_asked(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"url,title\n{ONE},نان\n", encoding="utf-8-sig")
    ended = run("crawl", "farsonline", "-a", "urls=@list.csv", cwd=tmp_path)
    assert ended.returncode == 2
    assert "list.csv, line 1: 'url,title' is a heading and no address; delete the line" in ended.stderr
