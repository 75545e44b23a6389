"""Persian letters and digits: the search fold, the plain fold of labels, and numbers as readers write them."""

from farscrawler.persian.labels import digits, fold_label, spelling_pattern
from farscrawler.persian.search_fold import FOLD_VERSION, fold

__all__ = ["FOLD_VERSION", "digits", "fold", "fold_label", "spelling_pattern"]
