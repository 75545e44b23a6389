"""The archive in an SQLite file: its kinds, how it is opened, what damage it has."""
