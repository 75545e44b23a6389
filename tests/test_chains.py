"""The chains of middlewares and pipelines: what Scrapy's own do, whatever a method returns."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.core.downloader.middleware import DownloaderMiddlewareManager
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, _InvalidOutput
from scrapy.http import Request, Response
from scrapy.pipelines import ItemPipelineManager
from scrapy.spiders import Spider
from twisted.web.client import URI

from farscrawler.middlewares.chain import DirectMiddlewareManager
from farscrawler.middlewares.endpoints import LateEndpoint
from farscrawler.outcomes.stats import DirectStatsCollector
from farscrawler.pipelines import DirectItemPipelineManager

if TYPE_CHECKING:
    from collections.abc import Callable

REQUEST, OTHER = Request("http://a.example/1"), Request("http://a.example/2")
ANSWER, SECOND = Response("http://a.example/1"), Response("http://a.example/1", status=404)


async def later(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


class Middleware:
    """Returns what it is told to, and notes what it was handed."""

    def __init__(self, *, on_request: Any = None, on_response: Any = None) -> None:
        self._on_request, self._on_response = on_request, on_response
        self.seen: list[object] = []

    def process_request(self, request: Request) -> Any:
        self.seen.append(request)
        return self._on_request() if callable(self._on_request) else self._on_request

    def process_response(self, request: Request, response: Response) -> Any:  # noqa: ARG002  # Scrapy's signature
        self.seen.append(response)
        found = self._on_response() if callable(self._on_response) else self._on_response
        return response if found is None else found


class Listener(Middleware):
    """Asks for the spider, as of old."""

    def process_request(self, request: Request, spider: Spider) -> Any:  # type: ignore[override]  # noqa: ARG002  # as above
        self.seen.append(spider)


def crawler() -> Crawler:
    made = Crawler(Spider)
    made.spider = Spider("any")
    return made


async def fetch(request: Request) -> Response:
    assert request is REQUEST
    return ANSWER


def ways(value: Any) -> list[Any]:
    """Return a value as it is, and as what has to be awaited."""
    return [lambda: value, lambda: later(value)]


def outcome(manager: Any, *middlewares: Any) -> tuple[Any, list[list[object]]]:
    """Return what a chain comes to, an error by its type and words, and what each middleware saw."""
    chain = manager(*middlewares, crawler=crawler())
    try:
        found = asyncio.run(chain.download_async(fetch, REQUEST))
    except (_InvalidOutput, ValueError) as error:
        found = type(error), str(error).partition(" must return ")[0]
    return found, [one.seen for one in middlewares]


@pytest.mark.parametrize("value", [None, ANSWER, SECOND, OTHER, "a text", 0])
@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize("on", ["on_request", "on_response"])
def test_middlewares_are_obeyed_as_scrapy_obeys_them(value: Any, way: int, on: str) -> None:
    if on == "on_response" and value is None:
        value = SECOND
    given = {on: ways(value)[way]}
    ours = outcome(DirectMiddlewareManager, Middleware(), Middleware(**given), Middleware())
    scrapys = outcome(DownloaderMiddlewareManager, Middleware(), Middleware(**given), Middleware())
    assert ours == scrapys
    assert len(ours[1][0]) >= 1


def test_an_error_of_a_middleware_is_raised() -> None:
    def refuse() -> None:
        raise ValueError("not here")

    for manager in (DirectMiddlewareManager, DownloaderMiddlewareManager):
        assert outcome(manager, Middleware(on_request=refuse))[0] == (ValueError, "not here")
        assert outcome(manager, Middleware(on_response=refuse))[0] == (ValueError, "not here")


@pytest.mark.filterwarnings("ignore:.*requires a spider argument")
def test_a_middleware_that_asks_for_the_spider_gets_it() -> None:
    found, seen = outcome(DirectMiddlewareManager, Listener())
    assert found is ANSWER
    assert isinstance(seen[0][0], Spider)


class Pipeline:
    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work

    def process_item(self, item: Any) -> Any:
        return self._work(item)


class OldPipeline(Pipeline):
    def process_item(self, item: Any, spider: Spider) -> Any:  # type: ignore[override]
        return self._work([*item, spider.name])


def processed(manager: type[ItemPipelineManager], item: Any, *pipelines: Pipeline) -> tuple[Any, int]:
    """Return what comes out of a chain, and how many items were counted."""
    made = crawler()
    made.stats = DirectStatsCollector(made)
    chain = manager(*pipelines, crawler=made)
    return asyncio.run(chain.process_item_async(item)), made.stats.get_value("item_scraped_count", 0)


@pytest.mark.filterwarnings("ignore:.*requires a spider argument")
def test_pipelines_hand_on_what_they_return() -> None:
    chain = Pipeline(lambda item: [*item, 1]), Pipeline(lambda item: later([*item, 2])), Pipeline(lambda item: item)
    assert processed(DirectItemPipelineManager, [], *chain) == ([1, 2], 1)
    assert processed(ItemPipelineManager, [], *chain)[0] == [1, 2]
    assert processed(DirectItemPipelineManager, [], OldPipeline(lambda item: item), *chain) == (["any", 1, 2], 1)


def test_an_item_that_is_dropped_is_not_counted() -> None:
    made = crawler()
    made.stats = DirectStatsCollector(made)

    def drop(_: Any) -> None:
        raise DropItem("no headline")

    with pytest.raises(DropItem, match="no headline"):
        asyncio.run(DirectItemPipelineManager(Pipeline(drop), crawler=made).process_item_async([]))
    assert made.stats.get_stats() == {}


def test_an_endpoint_is_made_when_it_is_connected_to() -> None:
    made: list[tuple[URI, object]] = []

    class Endpoint:
        def __init__(self, uri: URI) -> None:
            self.uri = uri

        def connect(self, factory: object) -> str:
            made.append((self.uri, factory))
            return "connecting"

    uri: URI = URI.fromBytes(b"https://a.example/1")  # type: ignore[no-untyped-call]
    late = LateEndpoint(Endpoint, uri)
    assert made == []
    assert late.connect("factory") == "connecting"  # type: ignore[arg-type,comparison-overlap]
    assert made == [(uri, "factory")]
