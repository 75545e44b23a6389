"""Listings: pure readers of what a site's lists, sitemaps and feeds name; bytes in, entries out, nothing raised."""

from farscrawler.listings.entry import Entry, Leaf, Listing, read_keys, said_of_links

__all__ = ["READERS", "Entry", "Leaf", "Listing", "read_keys", "said_of_links"]

#: Raised with every change of a reader by which it reads more, so that lists kept by the older one are asked anew.
READERS = 2
