"""Stanzas of a user's own that are broken, huge or hostile: each is an error of its own, and all others load."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from farscrawler.publishers.catalogue import Catalogue
from farscrawler.publishers.loader import MAX_FILE_BYTES
from tests.support.attacks import MIB, Attack, meet

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

GOOD = '[good]\nname = "سایت خوب"\nhosts = ["good.example"]\nfamily = "nastooh"\n'
#: Four lines; what an attack adds begins on the fifth.
HEAD = '[bad]\nname = "بد"\nhosts = ["bad.example"]\nfamily = "custom"\n'
#: Seven lines; what an attack adds begins on the eighth.
WITH_FORM = HEAD + '[bad.forms.article]\nurl = "/news/{id}"\npaths = ["/news/([0-9]+)"]\n'
QUOTED = ".".join(['"a"'] * 30_000)


def selector(entry: str) -> str:
    return f"{WITH_FORM}[bad.selectors]\nbody = ['''{entry}''']\n"


def junk(pattern: str) -> str:
    return f"{WITH_FORM}[bad.rules]\njunk = ['''{pattern}''']\n"


def pages(template: str) -> str:
    return f"{WITH_FORM}[bad.doors]\npages = '{template}'\n"


def article(url: str) -> str:
    return WITH_FORM.replace("/news/{id}", url, 1)


#: By what is wrong: the text of the file, the line, and a part of the sentence.
BROKEN: dict[str, tuple[str, int, str]] = {
    # numbers
    "a number of 5,000 digits": (f"{HEAD}evidence = {'9' * 5000}\n", 5, "Exceeds the limit"),
    "a number of 300 digits": (f"{HEAD}evidence = 1{'0' * 300}\n", 5, "a Gregorian year"),
    "infinity": (f"{HEAD}evidence = inf\n", 5, "should be a number"),
    "not a number": (f"{HEAD}evidence = nan\n", 5, "should be a number"),
    "a date": (f"{HEAD}evidence = 2024-01-01\n", 5, "should be a number"),
    "a date that is none": (f"{HEAD}evidence = 2024-13-41\n", 5, ""),
    "a million labels": (f"{WITH_FORM}[bad.rules]\nsection_skip = 1000000\n", 9, "a number from 0 to 99"),
    "fewer labels than none": (f"{WITH_FORM}[bad.rules]\nsection_skip = -1\n", 9, "a number from 0 to 99"),
    "a first page of 30 digits": (
        f"{WITH_FORM}[bad.doors.archive]\nurl = '/a/{{jy}}'\nfirst_page = {'9' * 30}\n",
        10,
        "a number from 0 to 9999",
    ),
    # nesting
    "lists within lists": (f"{HEAD}note = {'[' * 5000}{']' * 5000}\n", 5, "nested too deeply"),
    "lists over many lines": (HEAD + "note = " + "[\n" * 5000 + "]\n" * 5000, 0, "nested too deeply"),
    "tables within tables": (f"{HEAD}note = {'{a=' * 3000}1{'}' * 3000}\n", 5, "nested too deeply"),
    "a header of 30,000 names": (f"{HEAD}[bad.forms.{'.'.join('a' * 30_000)}]\nx = 1\n", 5, "nested too deeply"),
    "a key of 30,000 names": (f"{HEAD}{'.'.join('a' * 30_000)} = 1\n", 5, "nested too deeply"),
    "a key of 30,000 quoted names": (f"{HEAD}{QUOTED} = 1\n", 5, "nested too deeply"),
    # patterns
    "brackets within brackets": (junk("(" * 5000 + ")" * 5000), 9, "should be regular expressions"),
    "a bracket that stays open": (junk("("), 9, "should be regular expressions (missing )"),
    "more repetitions than there are": (junk("a{99999999999999999999}"), 9, "the repetition number is too large"),
    "a set in a set": (junk("[[a]"), 9, "Possible nested set"),
    "a look behind of 8 GB": (junk("(?<=a{4294967294}b{4294967294})b"), 9, "looks too much behind"),
    # selectors
    "no end of children": (selector("a>" * 900 + "a"), 9, "nested too deeply"),
    "no end of negations": (selector(":not(" * 300 + "a" + ")" * 300), 9, "is no CSS selector"),
    "no end of predicates": (selector("//" + "a[" * 600 + "1" + "]" * 600), 9, "is no XPath"),
    "no end of brackets": (selector("(" * 990 + "//a" + ")" * 990), 9, "nested too deeply"),
    "a long selector": (selector("a, " * 100_000 + "a"), 9, "is longer than 2,000 letters"),
    "a file of this machine": (selector("//a[document('/etc/passwd')]"), 9, "there is no function document()"),
    "a file of this machine, by another name": (
        selector("//a[unparsed-text('/etc/passwd')]"),
        9,
        "there is no function",
    ),
    "a pattern of XPath that is none": (selector("//a[re:test(., '(')]"), 9, "missing ), unterminated subpattern"),
    "a pattern that the page writes": (selector("//a[re:test(., @class)]"), 9, "a regular expression in quotes"),
    "a pattern that the page helps to write": (selector("//a[re:test(@a, concat('(', @b))]"), 9, "in quotes"),
    # templates
    "an address of 100 GB": (pages("/p/{page:99999999999}"), 9, "a path made of {jy}"),
    "an address of 1 GB": (pages("/p/{page:1000000000}"), 9, "a path made of {jy}"),
    "an address of 100 letters": (pages("/p/{page:100}"), 9, "a path made of {jy}"),
    "a width that is a field": (pages("/p/{page:{page}}"), 9, "a path made of {jy}"),
    "a class of Python": (pages("/p/{page.__class__.__mro__}"), 9, "a path made of {jy}"),
    "an attribute that is none": (pages("/p/{page.foo}"), 9, "a path made of {jy}"),
    "an item of a number": (pages("/p/{page[0]}"), 9, "a path made of {jy}"),
    "a conversion": (pages("/p/{page!r:>99}"), 9, "a path made of {jy}"),
    "a letter of that number": (pages("/p/{page:c}"), 9, "a path made of {jy}"),
    "a brace that stays open": (pages("/p/{page"), 9, "a path made of {jy}"),
    "a text as a number": (pages("/p/{page}/{day64:02d}"), 9, "a path made of {jy}"),
    "a feed of 100 GB": (f"{WITH_FORM}[bad.doors]\nfeeds = ['/{{page:99999999999}}']\n", 9, "paths that start with /"),
    "an article of 1 GB": (article("/news/{id}/{id:1000000000}"), 6, "a path with {id} once"),
    "an article of an open brace": (article("/news/{id}/{"), 6, "a path with {id} once"),
    "an article of another field": (article("/news/{id}/{foo}"), 6, "a path with {id} once"),
    # values of another kind
    "forms that are a number": (f"{HEAD}forms = 1\n", 5, "forms: should be a table"),
    "forms that are a list": (f"{HEAD}forms = [1]\n", 5, "forms: should be a table"),
    "a form that is a number": (f"{HEAD}forms = {{article = 1}}\n", 5, "forms.article: should be a table"),
    "doors that are a text": (f'{HEAD}urls = "slug"\ndoors = "x"\n', 6, "doors: should be a table"),
    "rules that are a list": (f"{HEAD}rules = []\n", 5, "rules: should be a table"),
    "URL forms that are a list": (f'{HEAD}urls = ["slug"]\n', 5, "urls: should be one of"),
    "URL forms that are a table": (f"{HEAD}urls = {{a = 1}}\n", 5, "urls: should be one of"),
    "a family that is a table": (HEAD.replace('"custom"', "{a = 1}"), 4, "family: should be a text"),
    "hosts that are lists": (
        HEAD.replace('["bad.example"]', '[["bad.example"]]'),
        3,
        "hosts: should be a list of texts",
    ),
    "defaults that are no table": ("[defaults]\nforms = 1\n" + WITH_FORM, 3, "forms: should be a table"),
    "an array of stanzas": ('[[bad]]\nname = "x"\n', 1, "a publisher is a table"),
    # texts
    "a host of 100,000 letters": (WITH_FORM.replace("bad.example", "a" * 100_000 + ".ir"), 3, "host name"),
    "a name that rings": (WITH_FORM.replace("بد", "\\u001b[31m\\u0007"), 2, "without control characters"),
    "a name on two lines": (WITH_FORM.replace("بد", "a\\nb"), 2, "without control characters"),
    "a zone that is a file": (WITH_FORM.replace("family", "tz = '../../../../etc/passwd'\nfamily"), 4, "time zone"),
    "the same key twice": (f'{HEAD}name = "x"\n', 5, "Cannot overwrite a value"),
    "the same table twice": (f'{WITH_FORM}[bad.forms.article]\nurl = "/x/{{id}}"\n', 8, "twice"),
    "a text that stays open": (f'{HEAD}note = """\n[x]\n', 0, "Unterminated string"),
    "zeros": ("\0" * 5000, 1, "a publisher is a table"),
}


def catalogue(folder: Path) -> Catalogue:
    return Catalogue([(cast("Traversable", folder), "mine/")], packages=False)


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_stanza_is_an_error_of_its_own(tmp_path: Path, what: str) -> None:
    text, line, said = BROKEN[what]
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    (tmp_path / "b.toml").write_text(GOOD, encoding="utf-8")
    found = catalogue(tmp_path)
    assert found.load("good").name == "سایت خوب"
    assert len(found.problems) == 1
    sentence = str(found.problems[0])
    assert sentence.startswith(f"mine/a.toml, line {line or ''}")
    assert said in sentence
    assert len(sentence) < 600


def test_a_stanza_beside_a_broken_one_in_the_same_file_loads(tmp_path: Path) -> None:
    for what, (text, _, _) in BROKEN.items():
        if "[[" in text or '"""' in text or text.startswith(("\0", "[defaults]")):  # of the whole file
            continue
        (tmp_path / "a.toml").write_text(text + GOOD, encoding="utf-8")
        assert catalogue(tmp_path).load("good").name == "سایت خوب", what


def large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 * MIB)


ATTACKS = {
    "all of them at once, and files that are no text": Attack(
        words=("publishers", "-s", "PUBLISHERS=mine"),
        files={
            **{
                f"mine/{number}.toml": text.replace("[bad", f"[b{number}")
                for number, (text, _, _) in enumerate(BROKEN.values())
            },
            "mine/good.toml": GOOD,
            "mine/bom.toml": "\ufeff" + GOOD.replace("good", "marked"),
            "mine/latin.toml": b"[latin]\nname = '\xff'\n",
            "mine/empty.toml": "",
            "mine/zeros.toml": large,
            "mine/long.toml": f"[long]\nnote = '{'a' * MAX_FILE_BYTES}'\n",
            "mine/folder.toml/a.toml": "[no]",
        },
        shows=("good\tnastooh", "marked\tnastooh"),
        says=(
            "mine/latin.toml: the file is not UTF-8 text (byte 16). It is left out; all other publishers are there.",
            "mine/zeros.toml: the file is larger than 1 MB",
            "mine/long.toml: the file is larger than 1 MB",
        ),
    ),
    "two thousand headers": Attack(
        words=("publishers", "good", "-s", "PUBLISHERS=mine"),
        files={"mine/a.toml": "".join(f"[a{n}]\n" for n in range(2_000)) + GOOD},
        shows=("good\tnastooh",),
        says=("mine/a.toml, line 2000: [a1999]: family",),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_met(name: str, tmp_path: Path) -> None:
    meet(ATTACKS[name], tmp_path)
