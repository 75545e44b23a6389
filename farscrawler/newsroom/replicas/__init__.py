"""Replicas of sites of four families: invented articles in the families' markup, known answers."""

from farscrawler.newsroom.replicas.edition import Edition
from farscrawler.newsroom.replicas.familysite import FamilySite
from farscrawler.newsroom.replicas.street import SITES, Street, families, server

__all__ = ["SITES", "Edition", "FamilySite", "Street", "families", "server"]
