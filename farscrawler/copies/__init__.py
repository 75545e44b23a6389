"""Copies: which articles of an archive are the same text, and who printed it first."""

from farscrawler.copies.agencies import Names
from farscrawler.copies.comparison import Updated, update
from farscrawler.copies.of import Copy, Group, copies_of
from farscrawler.copies.report import Report, report

__all__ = ["Copy", "Group", "Names", "Report", "Updated", "copies_of", "report", "update"]
