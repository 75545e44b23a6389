"""The command line: which commands there are, told without importing one."""

#: What the list of commands says of each. Here, so that the list imports no command.
DESCRIPTIONS = {
    "check": "Verify an archive and say what to do about what is wrong",
    "coverage": "Show what is in the archive and what is missing, day by day",
    "crawl": "Crawl a publisher into the archive",
    "crawl-all": "Crawl several publishers at once",
    "demo": "Crawl a replica of the first site and show the news",
    "detect": "Tell the content system of a page, and give a stanza for its site",
    "fixture": "Make a case for the tests of a page",
    "newsroom": "Serve a replica of Payam-e Fars on loopback, for trying out and testing",
    "parse-page": "Read a saved page into an article, and explain each field",
    "prune-pages": "Remove kept pages, and give their room back",
    "publishers": "List the publishers that can be crawled",
    "reparse": "Read kept pages with today's parsers",
    "revisions": "Show how an article changed, word by word",
    "schema": "Print the JSON Schema of an exported article",
    "show": "Show the newest articles of the archive",
    "stats": "Count the articles of the archive by day, month, section, tag and more",
}
#: The commands that are Scrapy's crawl with more options, and so load Scrapy.
CRAWLING = frozenset({"crawl", "crawl-all"})
