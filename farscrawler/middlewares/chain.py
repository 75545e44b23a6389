"""The chain of downloader middlewares, which awaits only what has to be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.middleware import DownloaderMiddlewareManager
from scrapy.exceptions import _InvalidOutput
from scrapy.http import Request, Response
from scrapy.utils.defer import ensure_awaitable
from scrapy.utils.python import global_object_name

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class DirectMiddlewareManager(DownloaderMiddlewareManager):
    """Scrapy's chain of downloader middlewares, for which an answer, a request or None is done when it is returned.

    Scrapy 2.19 makes a coroutine of whatever a method returns and awaits it, sixteen times a page. A chain with a
    method that asks for the spider, as of old, is left to Scrapy.
    """

    async def _process_request(
        self, request: Request, download_func: Callable[[Request], Coroutine[Any, Any, Response]]
    ) -> Response | Request:
        if self._mw_methods_requiring_spider:
            return await super()._process_request(request, download_func)
        for method in filter(None, self.methods["process_request"]):
            found = method(request=request)
            if found is not None and not isinstance(found, (Response, Request)):
                found = await _awaited(method, found)
            if found is not None:
                return _checked(method, found)
        return await download_func(request)

    async def _process_response(self, response: Response | Request, request: Request) -> Response | Request:
        if self._mw_methods_requiring_spider or not isinstance(response, Response):
            return await super()._process_response(response, request)
        for method in filter(None, self.methods["process_response"]):
            found = method(request=request, response=response)
            if not isinstance(found, Response):
                found = _checked(method, await _awaited(method, found))
                if isinstance(found, Request):
                    return found
            response = found
        return response


async def _awaited(method: Callable[..., Any], found: Any) -> Any:
    return await ensure_awaitable(found, _warn=global_object_name(method))


def _checked(method: Callable[..., Any], found: Any) -> Response | Request:
    """Return an answer or a request. Raise Scrapy's own error for anything else."""
    if not isinstance(found, (Response, Request)):
        raise _InvalidOutput(f"Middleware {method.__qualname__} must return Response or Request, got {type(found)}")
    return found
