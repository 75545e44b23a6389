"""Browse: pages to read an archive in a browser, as a plugin of Datasette.

Datasette serves the pages, the tables and SQL; what is ours are the routes, the templates and the guard before all.
"""
