"""The command line: which commands there are, told without importing one."""

#: What the list of commands says of each. Here, so that the list imports no command.
DESCRIPTIONS = {
    "browse": "Read the archive in a browser",
    "check": "Verify an archive and say what to do about what is wrong",
    "config": "Show the settings that are in force, and where each is from",
    "copies": "Find the articles that are the same text, and who printed it first",
    "copy": "Copy an archive into another, of a file or a PostgreSQL database",
    "coverage": "Show what is in the archive and what is missing, day by day",
    "crawl": "Crawl a publisher into the archive",
    "crawl-all": "Crawl several publishers at once",
    "demo": "Crawl a replica of the first site and show the news",
    "detect": "Tell the content system of a page, and give a stanza for its site",
    "export": "Write articles of the archive into files",
    "fixture": "Make a case for the tests of a page",
    "jobs": "Queue crawls for the workers of several machines, and see what becomes of them",
    "newsroom": "Serve a replica of Payam-e Fars on loopback, for trying out and testing",
    "parse-page": "Read a saved page into an article, and explain each field",
    "prune-pages": "Remove kept pages, and give their room back",
    "publishers": "List the publishers that can be crawled",
    "reparse": "Read kept pages with today's parsers",
    "revisions": "Show how an article changed, word by word",
    "schedule": "Keep publishers current by the workers of many machines",
    "schema": "Print the JSON Schema of an exported article",
    "search": "Find articles by their words, however these are typed",
    "show": "Show the newest articles of the archive",
    "stats": "Count the articles of the archive by day, month, section, tag and more",
    "watch": "Keep publishers current, each asked when it is due",
    "worker": "Do the jobs of a queue that several machines share",
}
#: The commands that are Scrapy's crawl with more options, and so load Scrapy.
CRAWLING = frozenset({"crawl", "crawl-all"})
#: The commands of Scrapy that are changed.
INHERITED = frozenset({"settings"})
#: Options of every command that are followed by a value; they may stand before the command too.
OF_ALL_COMMANDS = frozenset({"-s", "--set", "--archive", "-L", "--loglevel", "--logfile", "--profile", "--pidfile"})
