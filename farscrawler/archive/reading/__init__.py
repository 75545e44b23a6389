"""Read an archive in pages of rows: selections of articles, changes, one article with what is known of it."""
