"""Exports: views of the archive as files. An article is one line or row, its keys in the order of the schema."""
