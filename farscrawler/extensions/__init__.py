"""The run around a crawl: it opens and closes the archive, writes exports, shows progress and sums up."""
