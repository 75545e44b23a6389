"""The command line: what commands share, and one module a command."""
