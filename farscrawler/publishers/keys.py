"""Every key that a stanza can hold, with its meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farscrawler.strings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Every key of a stanza and of the tables within it, by its place below the stanza, with its meaning: for the docs, and
#: for who mistypes one.
KEYS: Mapping[str, str] = {
    "name": "the site's name, in Persian where it has one",
    "hosts": "its host names; the first one is requested, all of them are this site",
    "family": "the content system; without it the name of the file",
    "scheme": "https, or http for a site that has nothing else",
    "tz": "the zone of the times it prints (Asia/Tehran)",
    "urls": "a form of addresses by name, instead of tables under forms",
    "lists": 'pages that link to the newest articles (["/"])',
    "default_form": "the form requested first (article)",
    "site_names": "lines that are the site's name and no headline",
    "datelines": "openings of a lead, such as the name of the agency",
    "lead_by_dateline": "true where the first paragraph is the lead when a dateline opens it",
    "evidence": "the Gregorian year of the newest reference for this stanza",
    "access": "a barrier before the site: arvan (ArvanCloud's challenge) or iran (it answers only inside Iran)",
    "verify_certificates": "false where the site's certificate is broken and its word shall be taken anyway (true)",
    "note": "a sentence for those who crawl it",
    "forms": "the forms in which the site shows an article: tables article, print and others",
    "selectors": "the places of the fields, above; only those that differ from the family",
    "rules": "rules that selectors cannot express",
    "doors": "the sources: how the site leads to articles of past days",
    "eras": "earlier systems, hosts and addresses of the site, a table each: eras.dorhost and so on",
    "forms.url": "path and query of an article with {id}, percent-encoded; left out where an id makes no address",
    "forms.paths": "patterns of a whole path, compared without case; the first group is the id",
    "forms.query": "the key of the query that holds the id, where the path does not",
    "forms.id": "number, or text where a slug or path is the id",
    "rules.junk": "patterns of whole paragraphs that are boilerplate",
    "rules.end": "patterns of a whole paragraph at which the text ends",
    "rules.section_skip": "the number of labels at the start of the section path that are no sections",
    "rules.undated": "true where an article may lack a date",
    "rules.us_order": "true where machines write month/day/year",
    "rules.code_is_id": "true where the printed news code is the id of the address",
    "rules.json_ld_body": "true where the text may be taken from JSON-LD",
    "doors.archive": "lists of one day's or month's articles, a table; false where the site lacks its family's",
    "doors.sitemaps": "sitemaps or indexes of them; with date fields one for each day, month or year",
    "doors.feeds": "RSS, Atom or RDF",
    "doors.feed_tz": "the zone of dates in feeds that name none (UTC)",
    "doors.pages": "a list of all articles, newest first, with {page}; false where the site lacks its family's",
    "doors.ids": "false where ids do not grow with time: they are texts, or time stamps (true)",
    "eras.since": "the first Gregorian year in which the era was seen, as far as known",
    "eras.until": "the last Gregorian year in which it was seen, as far as known",
    "eras.hosts": "host names of that time that are none of the site's today; the first one makes its addresses",
    "eras.scheme": "http or https of those hosts (that of the site)",
    "eras.family": "the content system of that time (that of the site); its forms, selectors and rules hold in the era",
    "eras.forms": "the addresses of articles of that time; without them those of the family, or else those of today",
    "eras.same_ids": "true where a source says that its ids are those of today: both addresses are one article (false)",
    "eras.mark": "selectors that only pages of the era have; any of them tells it, whatever the address",
    "eras.selectors": "the places of the fields on pages of the era, over those of its family",
    "eras.rules": "rules of the era, as above; without them those of its family",
    "doors.archive.url": "path and query with the fields of a date and {page}",
    "doors.archive.span": "the span of one list: day or month (day)",
    "doors.archive.first_page": "the number of the first page (1)",
    "doors.archive.items": "a selector of one entry; without it every link to an article is one",
    "doors.archive.time": "a selector of the printed time within an entry",
}


def near(table: str, key: str) -> str:
    """Return a hint at the key that was meant; ``table`` is the place below the stanza, empty for the stanza itself."""
    prefix = f"{table}." if table else ""
    known = [name.removeprefix(prefix) for name in KEYS if name.startswith(prefix)]
    return did_you_mean(key, [name for name in known if "." not in name])
