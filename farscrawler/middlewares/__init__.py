"""Downloader middlewares: no request leaves the publisher's hosts, and waiting is done politely."""
