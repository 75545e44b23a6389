"""Saved pages: read from WARC files and from folders of HTML files, and written as WARC files by a crawl."""
