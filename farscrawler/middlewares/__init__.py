"""Downloader middlewares: no request leaves the publisher's hosts, retries wait, and every answer can be kept."""
