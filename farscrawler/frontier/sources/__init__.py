"""The sources of a site: the lists, sitemaps and feeds that lead to the articles of a range of days."""
