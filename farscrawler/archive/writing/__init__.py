"""Write rows into an archive: a batch of a crawl, a copy of another archive."""
