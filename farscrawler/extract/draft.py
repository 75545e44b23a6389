"""A first stanza for a site, made of one of its pages: what can be said of it without having seen another."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from farscrawler.extract.lines import inline_text
from farscrawler.networks import address_of
from farscrawler.publishers.loader import read_text
from farscrawler.strings import fold_blanks

if TYPE_CHECKING:
    from farscrawler.extract.css import Index
    from farscrawler.publishers import Publisher

_SEPARATORS = re.compile(r"\s+[-–—|:»]+\s+")
# What a host begins with that is none of a site's name.
_PREFIXES = ("www.", "m.", "farsi.", "fa.", "news.")
_MAX_NAME = 60


def draft(url: str, index: Index) -> str:
    """Return a ready stanza for the site of an address, named as its page names it."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    hosts = json.dumps(hosts_of(host))
    lines = [f"[{key_of(host)}]", f"name = {_quoted(site_name(index) or host)}", f"hosts = {hosts}"]
    if parts.scheme == "http":
        lines.append('scheme = "http"')
    return "\n".join((*lines, ""))


def publisher_of(family: str, url: str, index: Index) -> Publisher:
    """Return a publisher that is no more than its address and its family."""
    (publisher,) = read_text(draft(url, index), f"{family}.toml")
    return publisher


def key_of(host: str) -> str:
    """Return a name for a site in code, made of its host: of a name its middle, of a number all of it."""
    if address_of(host) is not None:
        return f"site_{re.sub('[^0-9a-f]+', '_', host).strip('_')}"
    bare = host
    for prefix in _PREFIXES:
        bare = bare.removeprefix(prefix)
    name = re.sub(r"[^a-z0-9]+", "_", bare.rpartition(".")[0] or bare).strip("_")
    return name if name[:1].isalpha() else f"site_{name}".rstrip("_")


def hosts_of(host: str) -> tuple[str, ...]:
    """Return the hosts of the site of a host: itself first, and with or without its www; a number is alone."""
    if address_of(host) is not None:
        return (host,)
    bare = host.removeprefix("www.")
    return host, bare if host != bare else f"www.{bare}"


def site_name(index: Index) -> str | None:
    """Return the name that a page gives its site: in its meta, or beside the headline in its title."""
    for meta in index.tagged("meta"):
        if (meta.get("property") or "").lower() == "og:site_name" and meta.get("content"):
            return _SEPARATORS.split(fold_blanks(meta.get("content") or ""))[0] or None
    title = next((fold_blanks(one.text or "") for one in index.tagged("title")), "")
    headlines = {inline_text(one) for one in index.tagged("h1")}
    parts = [part for part in _SEPARATORS.split(title) if part not in headlines and 0 < len(part) <= _MAX_NAME]
    return parts[-1] if parts and parts[-1] != title else None


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
