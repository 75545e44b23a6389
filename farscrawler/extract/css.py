"""CSS selectors asked of a page that was walked through once.

XPath, to which selectors are mostly translated, walks through the whole tree for each; a family asks about a hundred:
9.5 ms a page. Here the last part of a selector is looked up among the page's classes, ids and tags, and only the few
elements found so are held against the rest: 1.5 ms. What this does not know (``:has()``, ``:is()`` …) raises
UnknownError.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, cast

from cssselect import parser as css
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lxml.etree import _Element as Element

    Test = Callable[["Element"], bool]

_NAMED = etree.XPath("descendant-or-self::*[@class or @id]")
# Far beyond any page that was seen (1,700 elements with a class in all, 40 levels): what a hostile page has more of is
# not looked at, since time would grow with the product of the two.
_MOST_OF_A_NAME = 2_000
DEEPEST = 256
_TOGETHER = ("article", "base", "h1", "link", "meta", "script")
_ATTRIBUTE_NAME = re.compile(r"[a-z][a-z0-9_-]*")


class Index:
    """The elements of a page by class, id, tag and attribute, in the page's order; each kind when first asked for."""

    __slots__ = ("_attributes", "_named", "_tags", "root")

    def __init__(self, root: Element) -> None:
        self.root = root
        self._named: tuple[dict[str, list[Element]], dict[str, list[Element]]] | None = None
        self._tags: dict[str, list[Element]] = {}
        self._attributes: dict[str, list[Element]] = {}

    @property
    def classes(self) -> dict[str, list[Element]]:
        """The elements of each class."""
        if self._named is None:
            self._named = _by_name(self.root)
        return self._named[0]

    @property
    def ids(self) -> dict[str, list[Element]]:
        """The elements of each id."""
        if self._named is None:
            self._named = _by_name(self.root)
        return self._named[1]

    def tagged(self, tag: str) -> list[Element]:
        """Return the elements of a tag, ``*`` for all."""
        if tag not in self._tags:
            if tag in _TOGETHER:
                self._tags.update(_by_tag(self.root))
            else:
                found = self.root.iter(etree.Element if tag == "*" else tag)
                self._tags[tag] = list(islice(found, _MOST_OF_A_NAME))
        return self._tags[tag]

    def attributed(self, name: str) -> list[Element]:
        """Return the elements that have an attribute."""
        if name not in self._attributes:
            self._attributes[name] = cast("list[Element]", _holders(name)(self.root))[:_MOST_OF_A_NAME]
        return self._attributes[name]


def _by_name(root: Element) -> tuple[dict[str, list[Element]], dict[str, list[Element]]]:
    """Return the elements by class, and by id.

    Most of a page's elements have the very same classes as others: each such text is taken apart once.
    """
    elements = cast("list[Element]", _NAMED(root))
    texts: dict[str, list[int]] = {}
    ids: dict[str, list[Element]] = {}
    for place, element in enumerate(elements):
        names = element.get("class")
        if names:
            same = texts.get(names)
            if same is None:
                texts[names] = [place]
            else:
                same.append(place)
        own = element.get("id")
        if own and len(of_id := ids.setdefault(own, [])) < _MOST_OF_A_NAME:
            of_id.append(element)
    places: dict[str, list[int]] = {}
    for names, found in texts.items():
        for name in names.split():
            if name in places:
                places[name].extend(found)
            else:
                places[name] = found[:]
    return {name: [elements[at] for at in sorted(found)[:_MOST_OF_A_NAME]] for name, found in places.items()}, ids


def _by_tag(root: Element) -> dict[str, list[Element]]:
    """Return the elements of the tags that nearly every page is asked for, in one walk."""
    found: dict[str, list[Element]] = {tag: [] for tag in _TOGETHER}
    for element in root.iter(*_TOGETHER):
        same = found[str(element.tag)]
        if len(same) < _MOST_OF_A_NAME:
            same.append(element)
    return found


@lru_cache(maxsize=256)
def _holders(name: str) -> etree.XPath:
    # A third of the time of ``*[@name]``, which libxml2 asks of each element as a condition of its own.
    return etree.XPath(f"descendant-or-self::*/@{name}/..")


_SELDOM = frozenset({"meta", "link", "time", "h1", "article", "section", "main", "script", "input", "abbr", "picture"})
_RANKS = {"id": 0, "class": 1, "attribute": 3, "tag": 4}


def _rank(key: tuple[str, str]) -> int:
    kind, name = key
    return 2 if kind == "tag" and name in _SELDOM else _RANKS[kind]


class UnknownError(Exception):
    """A selector that only XPath can answer."""


def finder(tree: css.Tree) -> Callable[[Index], Iterable[Element]]:
    """Return the search for the elements of a selector.

    The last part is looked up by the key that the fewest elements have: its id, a class, a seldom tag, an attribute,
    any other tag. Where it has neither id nor class, the elements above are found first, and only what stands in them
    is looked at.
    """
    if isinstance(tree, css.CombinedSelector) and tree.combinator in (" ", ">"):
        keys, tests = _parts(tree.subselector)
        if not any(kind in ("id", "class") for kind, _ in keys):
            tag = next((name for kind, name in keys if kind == "tag"), "*")
            tests += [_test_of(key) for key in keys if key[0] == "attribute"]
            return _within(finder(tree.selector), tag, tests, deep=tree.combinator == " ")
    keys, tests = _parts(tree)
    best = min(keys, key=_rank, default=("tag", "*"))
    look_up = _looker(best)
    every = [*(_test_of(key) for key in keys if key is not best), *tests]
    if not every:
        return look_up
    if len(every) == 1:
        return lambda index: filter(every[0], look_up(index))
    return lambda index: (one for one in look_up(index) if all(test(one) for test in every))


def _within(
    outer: Callable[[Index], Iterable[Element]], tag: str, tests: Sequence[Test], *, deep: bool
) -> Callable[[Index], Iterable[Element]]:
    wanted = etree.Element if tag == "*" else tag

    def find(index: Index) -> Iterable[Element]:
        found: dict[Element, None] = {}
        searched: set[Element] = set()
        for above in outer(index):
            if deep and any(parent in searched for parent in ancestors(above)):
                continue
            searched.add(above)
            inner = above.iterdescendants(wanted) if deep else above.iterchildren(wanted)
            found.update((one, None) for one in inner if all(test(one) for test in tests))
        return found

    return find


def _looker(key: tuple[str, str]) -> Callable[[Index], Sequence[Element]]:
    kind, name = key
    if kind == "id":
        return lambda index: index.ids.get(name, ())
    if kind == "class":
        return lambda index: index.classes.get(name, ())
    if kind == "attribute":
        return lambda index: index.attributed(name)
    return lambda index: index.tagged(name)


def _test_of(key: tuple[str, str]) -> Test:
    kind, name = key
    if kind == "id":
        return lambda element: element.get("id") == name
    if kind == "class":
        return lambda element: name in (element.get("class") or "").split()
    if kind == "attribute":
        return lambda element: element.get(name) is not None
    return lambda element: element.tag == name


def _parts(tree: css.Tree) -> tuple[list[tuple[str, str]], list[Test]]:
    """Return what of the last part can be looked up, and what can only be tested."""
    keys: list[tuple[str, str]] = []
    tests: list[Test] = []
    while True:
        if isinstance(tree, css.Element):
            if tree.element is not None:
                keys.append(("tag", tree.element.lower()))
            return keys, tests
        if isinstance(tree, css.CombinedSelector):
            keys, tests = _parts(tree.subselector)
            return keys, [*tests, _relation(tree.combinator, _all_of(tree.selector))]
        key, test = _part(tree)
        if key is not None:
            keys.append(key)
        if test is not None:
            tests.append(test)
        tree = tree.selector


def _part(tree: css.Tree) -> tuple[tuple[str, str] | None, Test | None]:
    """Return what one condition can be looked up by, and what it asks beyond that."""
    if isinstance(tree, css.Class):
        return ("class", tree.class_name), None
    if isinstance(tree, css.Hash):
        return ("id", tree.id), None
    if isinstance(tree, css.Attrib):
        name = tree.attrib.lower()
        if not _ATTRIBUTE_NAME.fullmatch(name):
            raise UnknownError
        return ("attribute", name), None if tree.operator == "exists" else _attribute_test(tree)
    if isinstance(tree, css.Negation):
        return None, _negated(tree.subselector)
    if isinstance(tree, (css.Pseudo, css.Function)):
        return None, _position(tree)
    raise UnknownError


def _all_of(tree: css.Tree) -> Test:
    keys, tests = _parts(tree)
    every = [*map(_test_of, keys), *tests]
    return lambda element: all(test(element) for test in every)


def _negated(tree: css.Tree) -> Test:
    inner = _all_of(tree)
    return lambda element: not inner(element)


def _attribute_test(tree: css.Attrib) -> Test:
    name, operator = tree.attrib.lower(), tree.operator
    wanted = tree.value.value if tree.value is not None else None
    if wanted is None:
        raise UnknownError
    compare: dict[str, Callable[[str], bool]] = {
        "=": lambda value: value == wanted,
        "~=": lambda value: wanted in value.split(),
        "|=": lambda value: value == wanted or value.startswith(f"{wanted}-"),
        "^=": lambda value: wanted != "" and value.startswith(wanted),
        "$=": lambda value: wanted != "" and value.endswith(wanted),
        "*=": lambda value: wanted != "" and wanted in value,
    }
    test = compare.get(operator)
    if test is None:
        raise UnknownError
    return lambda element: test(element.get(name) or "")


def _relation(combinator: str, above: Test) -> Test:
    """Return the test that an element stands as ``combinator`` says to one that ``above`` holds of."""
    if combinator == " ":
        return lambda element: any(above(parent) for parent in ancestors(element))
    if combinator == ">":
        return lambda element: (parent := element.getparent()) is not None and above(parent)
    if combinator == "~":
        return lambda element: any(above(one) for one in _before(element))
    if combinator == "+":
        return lambda element: (one := next(_before(element), None)) is not None and above(one)
    raise UnknownError


def _position(tree: css.Pseudo | css.Function) -> Test:
    if isinstance(tree, css.Pseudo):
        if tree.ident == "first-child":
            return lambda element: next(_before(element), None) is None
        if tree.ident == "last-child":
            return lambda element: next(_after(element), None) is None
        raise UnknownError
    if tree.name != "nth-child":
        raise UnknownError
    try:
        step, offset = css.parse_series(tree.arguments)
    except ValueError as error:
        raise UnknownError from error
    if step != 0:
        raise UnknownError
    # No more siblings are counted than it takes to know.
    return lambda element: sum(1 for _ in islice(_before(element), max(offset, 0))) + 1 == offset


def ancestors(element: Element) -> Iterator[Element]:
    """Yield what an element stands in, from the inside, so far as any page is deep."""
    return islice(element.iterancestors(), DEEPEST)


def _before(element: Element) -> Iterator[Element]:
    return element.itersiblings(etree.Element, preceding=True)


def _after(element: Element) -> Iterator[Element]:
    return element.itersiblings(etree.Element)
