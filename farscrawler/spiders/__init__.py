"""One NewsSpider; the loader makes a named spider of it for every publisher."""
