"""Which pages are wanted: plans made from the arguments of a crawl, asked against what the archive knows."""
