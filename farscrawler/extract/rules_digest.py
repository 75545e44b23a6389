"""The digest of the rules by which a publisher's pages are read: its stanza, its family's data, and the code.

The ledger keeps it with each visit. A page that was refused under other rules is worth another look.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from farscrawler.extract.family import family_data

if TYPE_CHECKING:
    from farscrawler.publishers import Publisher

#: The version of the code that reads pages. Raise it with a change by which pages become articles that were refused:
#: each of them is asked for once more, of every site, so a change that betters a field alone is no reason.
READING_VERSION = 2

#: What a stanza says about finding articles, and about the site in words; no page is read otherwise for it.
_NOT_READ_BY = frozenset({"lists", "sources", "evidence", "access", "note", "verify_certificates"})


def rules_digest(publisher: Publisher) -> str:
    """Return the digest of all that the reading of this publisher's pages hangs on, in every era of it.

    Pages whose markup is another family's are read by data of that family, which are left out: one family's change
    would be a reason to ask every site again.
    """
    stanza = {
        one.name: _plain(getattr(publisher, one.name)) for one in fields(publisher) if one.name not in _NOT_READ_BY
    }
    names = dict.fromkeys((publisher.family, *(era.family for era in publisher.eras if era.family is not None)))
    said = [READING_VERSION, stanza, *(_plain(family_data(name)) for name in names)]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _plain(value: object) -> object:
    """Return a value of stanzas as JSON has it, the same in every process."""
    if isinstance(value, re.Pattern):
        return [value.pattern, value.flags]
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a digest of rules")
