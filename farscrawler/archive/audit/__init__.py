"""Audit and repair: whether an archive and its kept pages are whole, and what can be made again."""
