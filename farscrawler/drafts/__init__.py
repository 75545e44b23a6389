"""Drafts of stanzas: what one page, and a few more of its site, say of where its fields, addresses and lists are.

Everything here is pure but ``farscrawler.drafts.draft``, which asks for pages by a function that it is given.
"""
