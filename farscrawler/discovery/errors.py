"""What is wrong with an argument of a crawl, as a sentence for the user."""


class BadArgumentError(ValueError):
    """An argument cannot be used; the message names it and says what to write instead."""
