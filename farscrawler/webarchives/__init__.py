"""Readers of web archives: the captures that an index lists, the page in a capture, and WARC records. No requests."""
