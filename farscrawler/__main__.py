"""The console command `farscrawler`: Scrapy's command line with this project's settings, from any folder."""

from __future__ import annotations

import os
import sys


def main(argv: list[str] | None = None) -> None:
    """Run a command, such as `farscrawler crawl farsonline -a latest=20 -O news.jsonl`."""
    # Set outright: a scrapy.cfg or variable of another project in the working folder must not lead us astray.
    os.environ["SCRAPY_SETTINGS_MODULE"] = "farscrawler.settings"
    from scrapy.cmdline import execute  # noqa: PLC0415  # after the variable is set

    execute(["farscrawler", *(sys.argv[1:] if argv is None else argv)])


if __name__ == "__main__":
    main()
