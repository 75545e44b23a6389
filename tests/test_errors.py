"""The tree of errors: what is drawn is what there is."""

from __future__ import annotations

import re

from farscrawler import errors

_LINE = re.compile(r"^(?P<indent>[│├└─ ]*)(?P<name>[A-Z]\w+)(?: \((?P<also>\w+)\))?", re.MULTILINE)


def drawn() -> dict[str, tuple[str | None, str | None]]:
    """Return of each class in the drawing its parent there, and the built-in error it also is."""
    found: dict[str, tuple[str | None, str | None]] = {}
    above: list[str] = []
    for match in _LINE.finditer((errors.__doc__ or "").partition("\n\n")[2]):
        depth = len(match["indent"]) // 4
        above[depth:] = [match["name"]]
        found[match["name"]] = (above[depth - 1] if depth else None, match["also"])
    return found


def test_the_drawing_is_the_tree() -> None:
    classes = {
        name: one
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, Exception) and one.__module__ == errors.__name__
    }
    tree = drawn()
    assert list(tree) == list(classes)
    for name, (parent, also) in tree.items():
        bases = [base.__name__ for base in classes[name].__bases__]
        assert bases == [parent or "Exception", *([also] if also else [])]


def test_an_unknown_publisher_is_named_with_those_that_are_close() -> None:
    error = errors.UnknownPublisher("Irnaa", ("irna", "isna", "mehr"))
    assert "no publisher named 'Irnaa'. Did you mean irna" in str(error)
    assert "Did you mean" not in str(errors.UnknownPublisher("qqqq", ("irna",)))


def test_the_worst_of_no_crawls_is_done() -> None:
    assert errors.worst([]) is errors.Exit.DONE
    assert sorted(errors.WORST_FIRST) == sorted(errors.Exit)
