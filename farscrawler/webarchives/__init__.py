"""Web archives: what their indexes list and their captures hold, read from answers that somebody else fetches."""
