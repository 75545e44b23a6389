"""The search of an archive: its index in an SQLite file and in PostgreSQL, and what it finds."""
