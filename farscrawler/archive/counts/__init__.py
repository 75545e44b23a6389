"""Counts of the articles of an archive, by what they are counted by, and the bytes that they take."""
