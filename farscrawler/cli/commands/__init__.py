"""The commands of the console: `farscrawler COMMAND`, or `scrapy COMMAND` inside a checkout. One module a command."""

import sys

if "scrapy.commands" in sys.modules:  # Scrapy looks for commands of its own kind here (COMMANDS_MODULE)
    from farscrawler.cli.base import adopt

    adopt()
