"""The commands of the console: `farscrawler COMMAND`, or `scrapy COMMAND` inside a checkout."""
