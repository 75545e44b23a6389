"""Doors: by which of its pages a site leads to the articles of a span of days; one small module a door."""
