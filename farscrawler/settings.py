"""Every default that matters, explicit, each with its reason. `-s NAME=VALUE` changes one for a run."""

from farscrawler._version import __version__

BOT_NAME = "farscrawler"  # the name Scrapy logs
SPIDER_MODULES: list[str] = []  # no spider modules: every publisher is a spider, made by the loader
NEWSPIDER_MODULE = ""  # as above: `scrapy genspider` has nowhere to write to
SPIDER_LOADER_CLASS = "farscrawler.spiders.loader.PublisherSpiderLoader"  # makes the spiders
COMMANDS_MODULE = "farscrawler.cli.commands"  # our commands beside those of Scrapy

# -- the archive and other files ------------------------------------------------------------------
ARCHIVE = "archive.db"  # the archive of a crawl: a file, or postgresql://… for a database
LEASE_SECONDS = 20  # seconds for which a crawl asks its hosts after its database has confirmed that it holds them
PAGES = True  # on: the newest page of each address is kept in archive.pages.db, for `reparse`; off: no page is kept
PUBLISHERS = ""  # folders of stanzas of your own, separated by commas; they come on top of ours, and win
PUBLISHER_SETTINGS: dict[str, dict[str, object]] = {}  # by publisher: [publisher.NAME] of the project file
BASE_URL = ""  # a mirror or replica that every request of a site is sent to, as the argument base_url
WARC = ""  # a folder: every answer of a crawl is kept there as WARC files too, to be read again by better parsers
WARC_MAX_BYTES = 1_000_000_000  # a file is closed beyond it; the size that archives recommend, and copied in minutes
DRY_RUN = False  # on (--dry-run): a crawl says what it would cost, and ends

# -- manners ----------------------------------------------------------------------------------
ROBOTSTXT_OBEY = True  # the site's operator decides; 4xx forbids nothing, 5xx everything for now (RFC 9309)
ROBOTSTXT_MAX_DELAY = 300.0  # seconds between two requests it may ask for (288 a day); for more, nothing is fetched
ROBOTSTXT_MAXSIZE = 512_000  # bytes of it that count: the 500 KiB that every crawler has to read (RFC 9309, 2.5)
CONTACT = ""  # an address at which a site's operator can reach you; part of the user agent
USER_AGENT = f"farscrawler/{__version__}"  # honest: name and version
CONCURRENT_REQUESTS = 16  # in all; for one site the next setting counts
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # one request at a time for a site
DOWNLOAD_DELAY = 1.0  # seconds between two requests to a site; Iranian news sites answer 429 to more
DOWNLOAD_DELAY_JITTER = 0.25  # share of the delay, up or down: requests are not evenly spaced
AUTOTHROTTLE_ENABLED = True  # a slow site gets fewer requests
AUTOTHROTTLE_START_DELAY = 1.0  # seconds; no faster than DOWNLOAD_DELAY from the first request on
AUTOTHROTTLE_MAX_DELAY = 60.0  # seconds; slower than that a site is down rather than slow
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0  # one request in flight, on average
DOWNLOADER = "farscrawler.middlewares.downloader.PacedDownloader"  # Scrapy's, at the pace that robots.txt asks for
DEFAULT_REQUEST_HEADERS = {  # pages, in Persian before English
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    "Accept-Language": "fa,en;q=0.3",
}
COOKIES_ENABLED = False  # no site here needs them, and Scrapy's cookies would download a list of domains
REFERER_ENABLED = False  # addresses come from a strategy, not from a link on a page
METAREFRESH_ENABLED = False  # a page with a meta refresh is no article
PRIVATE_HOSTS = ""  # hosts and networks of yours (mirror.lan,10.0.0.0/8) that a page or a name may lead to
TWISTED_DNS_RESOLVER = (
    "farscrawler.middlewares.private_hosts.GuardedResolver"  # no other name leads to a private address
)

# -- web archives (source) ----------------------------------------------------------------------
WAYBACK_URL = "https://web.archive.org"  # the Wayback Machine, or a replica of it
WAYBACK_DELAY = 4.0  # seconds between two requests; its index allows 24 a minute, more is shut out
COMMONCRAWL_INDEX_URL = "https://index.commoncrawl.org"  # where Common Crawl lists its captures
COMMONCRAWL_DATA_URL = "https://data.commoncrawl.org"  # where its WARC files are
COMMONCRAWL_DELAY = 1.0  # seconds between two requests to each of its hosts; the pace that it calls polite itself
COMMONCRAWL_CRAWLS = "6"  # newest crawls, about half a year; or names (CC-MAIN-2019-30,…); or all, over a hundred
CCNEWS = ""  # a folder with files of CC-NEWS, or a list of paths (warc.paths); empty: they are streamed
CCNEWS_PART_BYTES = 16 * 1024 * 1024  # bytes of such a file asked for at a time; up to five parts are held
WEB_ARCHIVE_BACKOFF = 60.0  # seconds before a first retry; ignoring a 429 for a minute shuts a client out for an hour
WEB_ARCHIVE_TIMEOUT = 180.0  # seconds for an answer: their indexes are searched while we wait
CAPTURES_PER_ARTICLE = 5  # captures of different content tried for an article; walls and gaps differ little

# -- limits against broken and hostile servers ----------------------------------------
DOWNLOAD_TIMEOUT = 60.0  # seconds for a whole answer; pages of a quarter megabyte arrive in a few
DOWNLOAD_MAXSIZE = 4 * 1024 * 1024  # bytes, after decompression too; fifteen times the largest real page seen (262 KB)
LIST_MAXSIZE = 50 * 1024 * 1024  # bytes of a sitemap, after decompression too; its protocol allows so many
READ_APART_BYTES = 320 * 1024  # bytes of an answer above which it is read in a process of its own; articles have fewer
READ_APART_TAGS = 5_000  # tags above which it is so too; the largest article seen has 4,366, read in 0.1 s
READ_CPU_SECONDS = 30.0  # seconds of CPU time for reading an answer there; a sitemap of 50,000 addresses takes 6
READ_MEMORY_MB = 400  # megabytes of memory for reading an answer there; a sitemap of 50 MB takes 300
DOWNLOAD_WARNSIZE = 0  # the size limit is enough
DOWNLOAD_MAXHEADERSIZE = 65_536  # bytes of all headers of an answer; servers send 1 KB, and take no more than 64
DOWNLOAD_MAXHEADERLINES = 500  # lines of them; the longest answers of news sites have some thirty
DOWNLOAD_HANDLERS = {  # Scrapy's, with these two limits
    "http": "farscrawler.middlewares.download.BoundedDownloadHandler",
    "https": "farscrawler.middlewares.download.BoundedDownloadHandler",
}
DOWNLOAD_VERIFY_CERTIFICATES = True  # or whoever is between could write the news; a stanza can make an exception
DOWNLOAD_FAIL_ON_DATALOSS = True  # a body shorter than announced is never read
DNS_TIMEOUT = 20.0  # seconds; a name that takes longer is as good as unknown
REDIRECT_MAX_TIMES = 5  # a site redirects once or twice (scheme, host, slug); more is a circle
RETRY_TIMES = 3  # after the first try; with the pauses below they outlast half a minute of trouble
RETRY_BACKOFF = 2.0  # seconds before the first retry, doubled with each; the site gets no request meanwhile
RETRY_WAIT_MAX = 300.0  # seconds a site may ask for (Retry-After); for more, the address stays pending for a later run
RETRY_HTTP_CODES = [
    408,
    429,
    500,
    502,
    503,
    504,
    520,
    521,
    522,
    523,
    524,
]  # a 403 or 404 stays when it is requested again
RETRY_PRIORITY_ADJUST = 0  # a retried page keeps its place, so that the run stays in order
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the outcome of the address is logged once, by us

# -- when a run gives up --------------------------------------------------------------------------
STOP_AFTER_BLOCKED = 5  # blocked answers in a row
STOP_AFTER_FAILED = 20  # failed addresses in a row
STOP_AFTER_SAME = 10  # pages in a row, the same to the byte and no articles: a site in maintenance; they stay pending
STOP_AFTER_NOT_ARTICLE = 20  # listed addresses without an article, where fewer have one: a site that changed
STOP_AFTER_NOT_ARTICLE_IDS = 40  # pages without an article in a walk over ids, where none has one; gaps are normal
STOP_AFTER_UNREACHABLE = 3  # failed addresses in a row where nothing of the site has answered yet

# -- the incremental crawl (no ids, urls or latest) -------------------------------------------------
PROBE_MISSES = 20  # ids in a row without an article that end the search above the newest one
PROBE_MOST = 10_000  # ids asked above the newest one in a run, a week of the busiest site; more is a trap
EDGE_IDS = 200  # a missing id less than this below the newest is asked again: about a day of the first site
REFRESH_HOURS = 48  # articles younger than this are visited again; most corrections come on the first day
REFRESH_EVERY = 21_600  # seconds between two visits of an article
FIRST_IDS = 100  # number of ids that the first run takes

# -- watch -------------------------------------------------------------------------------------
WATCH_REQUESTS_PER_DAY = 500_000  # of all sites together, six a second: eight crawls at a request a second make more
WATCH_MIN_INTERVAL = 300.0  # seconds between two crawls of a site, at least; feeds are made anew every few minutes
WATCH_MAX_INTERVAL = 43_200.0  # seconds between two crawls, at most: a silent site is heard the day it speaks again
WATCH_OVERDUE_AFTER = 3_600.0  # seconds after which --status calls a publisher overdue; a full round takes less

# -- worker ------------------------------------------------------------------------------------
JOB_HEARTBEAT_TIMEOUT = 60.0  # seconds of silence after which others take a worker's jobs; alike on all machines

# -- ranges of days on sites that have only ids (since, until) -----------------------------------
RANGE_MARGIN_HOURS = 4.0  # searched beyond either end of a range, at least: a morning's drafts come out by noon
RANGE_MARGIN_LIMIT = 48.0  # hours that a margin widens to where ids are out of order; off by more, a date is wrong

# -- the components of a crawl -----------------------------------------------------------------------------
ITEM_PIPELINES = {  # headline, lead, body, timestamp, validation, then the archive
    "farscrawler.pipelines.HeadlinePipeline": 100,
    "farscrawler.pipelines.LeadPipeline": 200,
    "farscrawler.pipelines.BodyPipeline": 300,
    "farscrawler.pipelines.TimestampPipeline": 400,
    "farscrawler.pipelines.ValidationPipeline": 500,
    "farscrawler.pipelines.ArchivePipeline": 900,
}
EXTENSIONS = {  # the run itself, its exports, its progress, and a word while a site does not answer
    "scrapy.extensions.corestats.CoreStats": None,  # replaced by the next line
    "farscrawler.extensions.core_stats.DirectCoreStats": 0,
    "scrapy.extensions.feedexport.FeedExporter": None,  # replaced by the next line
    "farscrawler.extensions.feed_exports.FeedExports": 0,
    "farscrawler.extensions.run.Run": 10,
    "farscrawler.extensions.progress.Progress": 20,
    "farscrawler.extensions.waiting.Waiting": 30,
}
DOWNLOADER_MIDDLEWARES = {  # saved pages; hosts, robots.txt, retries, redirects; and every answer is kept as it came
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # HostsMiddleware is stricter
    "farscrawler.middlewares.saved.SavedPagesMiddleware": 10,
    "farscrawler.middlewares.hosts.HostsMiddleware": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # replaced by the next line
    "farscrawler.middlewares.robots.SharedRobotsTxtMiddleware": 100,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,  # replaced by the next line
    "farscrawler.middlewares.redirects.SameArticleRedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # replaced by the next line
    "farscrawler.middlewares.bodies.BoundedCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,  # replaced by the next line
    "farscrawler.middlewares.retry.PatientRetryMiddleware": 550,
    "farscrawler.middlewares.warc.WarcMiddleware": 990,  # it sees answers as they came
    "farscrawler.middlewares.clock.ClockMiddleware": 992,  # before an answer is dated
    "farscrawler.middlewares.private_hosts.PrivateHostsMiddleware": 995,  # innermost: private answers are not kept
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,  # no site here has a password
}
SPIDER_MIDDLEWARES = {  # the default ones only cost time here
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,  # nothing here asks which requests came first
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # each answer is judged, whatever its status says
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # addresses come from our own templates
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # nothing is followed from page to page
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the strategy and the ledger know what was asked
SCHEDULER_PRIORITY_QUEUE = "scrapy.pqueues.ScrapyPriorityQueue"  # few wait there; those in flight are limited
STATS_CLASS = "farscrawler.outcomes.stats.DirectStatsCollector"  # Scrapy's, without a look at how each call is written
ITEM_PROCESSOR = "farscrawler.pipelines.DirectItemPipelineManager"  # Scrapy's, which awaits only what has to be awaited

# -- exports ----------------------------------------------------------------------------------------
FEED_EXPORT_ENCODING = "utf-8"  # letters as they are in JSON and XML too, no \u escapes
CSV_SAFE = False  # on (--csv-safe): CSV cells that a spreadsheet would run get a leading '; off: text is as it was
FEED_EXPORTERS = {  # the formats, keys in the order of the schema
    "jsonl": "farscrawler.exporters.item_exporters.JsonLinesExporter",
    "jsonlines": "farscrawler.exporters.item_exporters.JsonLinesExporter",
    "jl": "farscrawler.exporters.item_exporters.JsonLinesExporter",
    "csv": "farscrawler.exporters.item_exporters.CsvExporter",
    "csv-safe": "farscrawler.exporters.item_exporters.SafeCsvExporter",
    "json": "scrapy.exporters.JsonItemExporter",
    "xml": "farscrawler.exporters.item_exporters.XmlExporter",
    "parquet": "farscrawler.exporters.item_exporters.ParquetExporter",
    "db": "farscrawler.exporters.item_exporters.SqliteExporter",
    "sqlite": "farscrawler.exporters.item_exporters.SqliteExporter",
}

# -- the process --------------------------------------------------------------------------------------
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"  # strategies are coroutines of asyncio
TELNETCONSOLE_ENABLED = False  # an open port lets anyone of this machine in
REMOTE_CONTROL_ENABLED = False  # on by default in Scrapy, and runs code sent to it
CONCURRENT_ITEMS = 1  # Scrapy starts this number of tasks for every page (100 by default); here a page has one item
WARN_ON_GENERATOR_RETURN_VALUE = False  # parses our source again for most pages, a fifth of the whole time
LOG_LEVEL = "INFO"  # the closing summary and every failure; DEBUG shows every address
PROGRESS = True  # a live line on a terminal, a line a minute in a log, nothing into a pipe
LOG_FORMATTER = "farscrawler.extensions.logformatter.PageLogFormatter"  # creates no log record that is not shown
STATS_DUMP = False  # the closing summary says it in words
LOGSTATS_INTERVAL = 0  # as above
MEMUSAGE_ENABLED = True  # for the limit below
MEMUSAGE_LIMIT_MB = 2048  # a run that needs more has a fault; it ends, and the next run continues
