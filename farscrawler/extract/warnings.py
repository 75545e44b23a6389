"""What the warnings of an article mean, in words."""

from __future__ import annotations

#: Each warning with its meaning. What follows a warning after a colon is said behind it.
WARNINGS: dict[str, str] = {
    "no-lead": "no part of the text is marked as the lead; all of it is in the body",
    "no-body": "the page has no text, as photo and video stories",
    "timestamp-refused": "the time of publication is not certain; the reason follows",
    "timestamps-disagree": "places of the page give different times, which follow; a rule chose, or none did",
    "no-timestamp": "the page gives no time at all, on a site that has such pages",
    "family-changed": "the page is of another content system than its publisher's, and was read by that one",
    "stanza-passed-over": "the stanza's own selectors did not find the article, and its family alone did; the family "
    "and the reason follow",
    "general-rules": "neither stanza nor family found the article, and the general rules did; the reason follows",
    "modified-refused": "the time of change is not certain, or it lies before the publication",
    "unplaced-lines": "the number of lines above the timestamp that are neither kicker nor headline nor subtitle",
    "lines-after-end-mark": "the number of lines that follow the end mark of an article, and are not in the body",
    "no-permalink": "a print page that is whole, but does not print its own address",
    "undecodable-bytes": "the number of bytes of the page that are no text in its encoding",
}


def in_words(warning: str) -> str:
    """Return a warning with its meaning before it; one that is not known, of a later version, as it is."""
    name, _, _ = warning.partition(":")
    return f"{WARNINGS[name]} ({warning})" if name in WARNINGS else warning
