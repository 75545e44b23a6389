"""farscrawler's settings for a spider that is none of ours: less the parts that ask for a publisher or an archive."""

from __future__ import annotations

from farscrawler import settings

_LEFT_OUT = frozenset(
    {
        "COMMANDS_MODULE",
        "EXTENSIONS",  # run, feeds and progress
        "FEED_EXPORTERS",
        "ITEM_PIPELINES",
        "SPIDER_LOADER_CLASS",
    }
)
_NEEDS_OUR_SPIDER = "farscrawler.middlewares.hosts.HostsMiddleware"

globals().update({name: value for name, value in vars(settings).items() if name.isupper() and name not in _LEFT_OUT})

DOWNLOADER_MIDDLEWARES = {
    path: order for path, order in settings.DOWNLOADER_MIDDLEWARES.items() if path != _NEEDS_OUR_SPIDER
}
