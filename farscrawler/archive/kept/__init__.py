"""The kept pages of an archive, and how they are compressed."""
