"""Selectors as Scrapy's users write them: CSS with ``::text`` and ``::attr(name)``, or XPath.

parsel translates, as in Scrapy. It is loaded only for what needs translating: a run of stanzas without ``::`` and
XPath, as most are, starts 15 ms sooner without it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cssselect import HTMLTranslator, SelectorError, parse
from cssselect import Selector as Css
from cssselect.parser import CombinedSelector, Element, FunctionalPseudoElement
from lxml import etree

from farscrawler.strings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cssselect.parser import Tree
    from cssselect.xpath import GenericTranslator

#: The fields that selectors can name, with what each of them selects; in all of them the first one with a value wins.
FIELDS: Mapping[str, str] = {
    "article": "the box of the article: fields are looked for in it first, and elsewhere if it has none",
    "kicker": "روتیتر",
    "headline": "تیتر",
    "subtitle": "زیرتیتر, where the page has it beside a lead",
    "lead": "لید",
    "body": "the box of the text, or its parts where they stand side by side",
    "published": "the printed time of publication, or a meta, time or other element of a machine-readable one",
    "modified": "the time of the last change, printed or machine-readable",
    "section": "the labels of the section path; the last one is the section",
    "tags": "one element a tag, or a list separated by commas",
    "authors": "one element an author",
    "agency": "the agency that the page names as its source",
    "images": "pictures, or boxes of pictures, beside those in the text",
    "code": "the news code (کد خبر)",
    "permalink": "the short link or permalink as the page prints it",
    "drop": "boilerplate in the text or in a field: boxes of related links, shares, comments, ads",
}
_ELEMENTS_ALONE = {"drop": "what is dropped", "article": "the box of an article"}
#: In a list of selectors this entry stands for all that the family says of the field.
FAMILYS_OWN = "..."
#: An entry that begins so is an XPath; no CSS selector does. ``xpath:`` is for one that begins otherwise.
_XPATH_STARTS = ("/", "./", "../", "(")
_XPATH_MARK = "xpath:"
#: Four times the longest of ours. What is read within brackets is read once a bracket.
_MOST_LETTERS = 2_000
_MOST_SHOWN = 200
#: The prefixes that parsel knows too.
NAMESPACES = {"re": "http://exslt.org/regular-expressions", "set": "http://exslt.org/sets"}
# cssselect knows no colon in an argument that is no string, and 0.2 allowed one.
_BARE_PREFIX = re.compile(r"::attr\(\s*([\w-]+:[\w:-]+)\s*\)")
_ATTRIBUTE_STEP = re.compile(r"(?P<path>.*?)(?P<step>//?)@(?P<name>[\w:.-]+)", re.DOTALL)
_NO_ELEMENT = re.compile(r"@|attribute::|(?:[a-z-]+::)?(?:text|node|comment|processing-instruction)\s*\(")
_LITERAL = re.compile(r""""[^"]*"|'[^']*'""")
_CALLED = re.compile(r"(?:[a-z-]+::)?([\w.-]+(?::[\w.-]+)?)\s*\(")
_FUNCTION_NAMES = """
    and or div mod text node comment processing-instruction
    last position count id local-name namespace-uri name string concat starts-with contains substring-before
    substring-after substring string-length normalize-space translate boolean not true false lang number sum floor
    ceiling round has-class re:test re:match re:replace set:difference set:intersection set:distinct set:has-same-node
    set:leading set:trailing
"""
_FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_REGULAR = re.compile(r"\bre:(?:test|match|replace)\s*\(")


class BadSelectorError(ValueError):
    """A selector cannot be read; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Selector:
    """One alternative of an entry: which elements it names, and what of them is the value.

    The elements are those of ``css`` or, where that is None, of ``xpath``. The value is the attribute of that name, or
    with ``own_text`` the text of the element without that of the elements in it; otherwise what the field makes of an
    element. With ``all_text`` a text was asked for that an element stands for anyway. ``place`` is the selector without
    its value part.
    """

    place: str
    css: Css | None = None
    xpath: str = ""
    attribute: str | None = None
    own_text: bool = False
    all_text: bool = False

    @property
    def names_elements(self) -> bool:
        """Whether elements are asked for, and no attribute or text of them."""
        return self.attribute is None and not self.own_text and not self.all_text

    def __str__(self) -> str:
        if self.attribute is not None:
            return f"{self.place}::attr({self.attribute})"
        return f"{self.place}::text" if self.own_text else self.place

    def path(self) -> str:
        """Return the XPath of the elements, whatever the entry was written in."""
        return self.xpath if self.css is None else translator().selector_to_xpath(self.css)


@cache
def translator() -> GenericTranslator:
    """Return parsel's translator of CSS; importing parsel also gives XPaths its function ``has-class``."""
    from parsel.csstranslator import HTMLTranslator  # noqa: PLC0415  # 15 ms, see above

    return HTMLTranslator()


def read(entry: str) -> tuple[Selector, ...]:
    """Read an entry: the alternatives of a list of CSS selectors, or of a union of XPaths. Raises BadSelectorError."""
    text = entry.strip()
    if text.startswith(_XPATH_MARK):
        return tuple(_read_xpath(one) for one in _split(text.removeprefix(_XPATH_MARK), "|"))
    if text.startswith(_XPATH_STARTS):
        return tuple(_read_xpath(one) for one in _split(text, "|"))
    try:
        return tuple(_read_css(one) for one in parse(_BARE_PREFIX.sub(r'::attr("\1")', text)))
    except SelectorError as error:
        raise BadSelectorError(
            f"{_shown(entry)} is no CSS selector ({error}); an XPath begins with /, ./, ( or {_XPATH_MARK}"
        ) from error


def problem(field: str, entry: str) -> str | None:
    """Return what is wrong with a selector or the name of its field, None when nothing is."""
    if field not in FIELDS:
        hint = did_you_mean(field, FIELDS, {"title": "headline", "text": "body", "summary": "lead"}) or ";"
        return f"there is no field of this name{hint} fields are {', '.join(FIELDS)}"
    if entry == FAMILYS_OWN:
        return None
    try:
        found = _checked(entry)
    except (BadSelectorError, RecursionError) as error:
        return _why(error)
    if field in _ELEMENTS_ALONE and not all(one.names_elements for one in found):
        return f"{_ELEMENTS_ALONE[field]} is an element, not an attribute or a text"
    if field == "images" and any(one.own_text or one.all_text for one in found):
        return "the address of a picture is no text; write ::attr(src), or the element alone"
    return None


def problem_of_elements(entry: str, *, within: bool = False) -> str | None:
    """Return what is wrong with a selector that names elements, ``within`` another one or in a page; None for nothing.

    An XPath that begins with a slash looks in the whole page wherever it is asked, and would find the same element
    within every other one.
    """
    try:
        found = _checked(entry)
    except (BadSelectorError, RecursionError) as error:
        return _why(error)
    if not all(one.names_elements for one in found):
        return f"{_shown(entry)} should name elements, without ::text, ::attr(…) or their like in XPath"
    if within and any(one.xpath.lstrip("(").startswith("/") for one in found):
        return f"{_shown(entry)} looks in the whole page; begin it with ./ or .// to look in the entry alone"
    return None


def _shown(entry: str) -> str:
    """Return a selector as a message shows it: in quotes, and no more of it than a line."""
    return repr(entry) if len(entry) <= _MOST_SHOWN else f"{entry[:_MOST_SHOWN]!r}…"


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, BadSelectorError) else "the selector is nested too deeply"


def _checked(entry: str) -> tuple[Selector, ...]:
    """Read an entry whose author is to hear of pseudo-classes too that XPath does not know."""
    if len(entry) > _MOST_LETTERS:
        raise BadSelectorError(f"{_shown(entry)} is longer than {_MOST_LETTERS:,} letters")
    found = read(entry)
    for one in found:
        if one.css is not None:
            try:
                HTMLTranslator().selector_to_xpath(one.css)
            except SelectorError as error:
                raise BadSelectorError(f"{_shown(entry)} is no CSS selector ({error})") from error
    return found


def _read_css(css: Css) -> Selector:
    """Read one CSS selector: with parsel's pseudo-elements, or any that names elements."""
    pseudo, tree = css.pseudo_element, css.parsed_tree
    if pseudo is None:
        return Selector(_canonical(css), css)
    path = translator().selector_to_xpath(css, translate_pseudo_elements=True)  # an error for those it does not know
    bare = Css(tree)
    within = _around_anything(tree)
    if isinstance(pseudo, FunctionalPseudoElement):
        name = pseudo.arguments[0].value
        if within is None:
            return Selector(_canonical(bare), bare, attribute=name)
        # `a ::attr(href)` asks the element too, not only what stands in it.
        return Selector(_canonical(bare), None, f"{path.removesuffix(f'/@{name}')}[@{name}]", attribute=name)
    if within is None:
        return Selector(_canonical(bare), bare, own_text=True)
    # `div ::text` is all text of the element, as the element alone stands for.
    return Selector(_canonical(Css(within)), Css(within), all_text=True)


def _around_anything(tree: Tree) -> Tree | None:
    """Return what stands before the « *» that a selector ends in, as cssselect reads a blank before ``::``."""
    if not isinstance(tree, CombinedSelector) or tree.combinator != " ":
        return None
    last = tree.subselector
    return tree.selector if isinstance(last, Element) and last.element is None and last.namespace is None else None


def _canonical(css: Css) -> str:
    return _on_one_line(css.canonical())  # releases differ in the blanks around a combinator


def _read_xpath(text: str) -> Selector:
    """Read one XPath; ``text()`` and ``@name`` at its end say what the value is."""
    attribute = _ATTRIBUTE_STEP.fullmatch(text)
    if attribute is not None:
        name, path = attribute["name"], attribute["path"]
        if attribute["step"] == "//":
            path = f"{path}/descendant-or-self::*[@{name}]" if path else f"//*[@{name}]"
        found = Selector(_on_one_line(path), None, path, attribute=name)
    elif text.endswith("//text()"):
        path = text.removesuffix("//text()")
        found = Selector(_on_one_line(path), None, path, all_text=True)
    elif text.endswith("/text()"):
        path = text.removesuffix("/text()")
        found = Selector(_on_one_line(path), None, path, own_text=True)
    else:
        found = Selector(_on_one_line(text), None, text)
    _check(found.xpath, text)
    return found


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _check(path: str, written: str) -> None:
    """Raise BadSelectorError where a path is no XPath, or does not end in elements."""
    if not path:
        raise BadSelectorError(f"{_shown(written)} names no element before its last step")
    if _ends_in_no_element(path):
        raise BadSelectorError(
            f"{_shown(written)} does not end in an element; text() and @name stand at the very end, as in //h1/text()"
        )
    _check_names(path, written)
    translator()
    try:
        found = etree.XPath(path, namespaces=NAMESPACES)(etree.Element("html"))
        for pattern in _patterns(path):
            re.compile(pattern)
    except (etree.XPathError, re.error, OverflowError) as error:
        raise BadSelectorError(f"{_shown(written)} is no XPath ({error})") from error
    if not isinstance(found, list):
        kind = "text" if isinstance(found, str) else "truth value" if isinstance(found, bool) else "number"
        raise BadSelectorError(
            f"{_shown(written)} gives a {kind}, not elements; write the path of the element alone, or with /text() or "
            "/@name behind it"
        )


def _patterns(path: str) -> Iterator[str]:
    """Yield the regular expressions of an XPath. Raises re.error for one that is no literal.

    One that is made of what stands on a page is a pattern by the page's leave: nobody has read it before.
    """
    for found in _REGULAR.finditer(path):
        given = list(_split(path[found.end() :], ",)"))
        if len(given) < 2 or not _LITERAL.fullmatch(given[1]):  # noqa: PLR2004  # the text and the pattern
            raise re.error(f"the second argument of {found[0]}…) is a regular expression in quotes")
        yield given[1][1:-1]


def _check_names(path: str, written: str) -> None:
    """Raise BadSelectorError for a function or variable that there is not.

    libxml2 says so only when it comes to it, on the first page with an element that the predicate is asked of.
    """
    bare = _LITERAL.sub("''", path)
    unknown = next((name for name in _CALLED.findall(bare) if name not in _FUNCTIONS), None)
    if unknown is not None:
        raise BadSelectorError(f"{_shown(written)} is no XPath (there is no function {unknown}())")
    if "$" in bare:
        raise BadSelectorError(f"{_shown(written)} is no XPath (a selector has no variables)")


def _ends_in_no_element(path: str) -> bool:
    """Whether the last step of a path is a text, an attribute or another node that is no element."""
    step = list(_split(path, "/"))[-1]
    if step.startswith("("):
        inner = step[1:].rpartition(")")[0]
        return any(_ends_in_no_element(one) for one in _split(inner, "|"))
    return _NO_ELEMENT.match(step) is not None


def _split(text: str, separators: str) -> Iterator[str]:
    """Yield the parts of an XPath between separators that stand in no bracket and no quotes, stripped."""
    depth, quote, start = 0, "", 0
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([":
            depth += 1
        elif letter in separators and depth == 0:
            yield text[start:at].strip()
            start = at + 1
        elif letter in ")]":
            depth -= 1
    yield text[start:].strip()
