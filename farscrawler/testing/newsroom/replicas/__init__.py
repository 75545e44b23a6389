"""Replicas of sites of four families: invented articles in the families' markup, known answers."""

from farscrawler.testing.newsroom.replicas.edition import Edition
from farscrawler.testing.newsroom.replicas.familysite import FamilySite
from farscrawler.testing.newsroom.replicas.street import SITES, Street, families, server

__all__ = ["SITES", "Edition", "FamilySite", "Street", "families", "server"]
