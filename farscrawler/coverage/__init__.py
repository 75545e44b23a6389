"""Coverage: what of a publisher is in the archive and what is missing. Pure functions over what the archive lists."""

from farscrawler.coverage.model import Day, Gap, Ids, Month, Reason, Report, Stretch
from farscrawler.coverage.survey import survey

__all__ = ["Day", "Gap", "Ids", "Month", "Reason", "Report", "Stretch", "survey"]
