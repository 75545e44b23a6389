"""The archive in a PostgreSQL database: its connection, its tables, its locks. Nothing here is loaded for a file."""
