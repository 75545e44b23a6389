"""Item pipelines, each thin over a pure function of farscrawler.parsing; the last one hands over to the archive."""
