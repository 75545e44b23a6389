"""The comparison of articles as it is stored: its tables, and what is read and written in them."""
