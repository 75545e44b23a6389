"""A headless Chromium that is driven over two pipes, by its own protocol: no driver and no port beside it."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FOUND = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(_FOUND is None, reason="there is no Chromium: apt-get install chromium")
_QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync",
)  # fmt: skip
#: Pixels below which a screen is that of a phone.
_PHONE = 600


class Chromium:
    """A browser with one tab; ``asked`` are the addresses that it has requested, ``errors`` what its console says."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = os.fdopen(write, "wb"), os.fdopen(read, "rb")
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self._loaded = False
        self.asked: list[str] = []
        self.errors: list[str] = []
        target = self.say("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.say("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.say(f"{domain}.enable")

    def say(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give the browser a command, and return its answer."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        self._write.write(json.dumps(message).encode() + b"\0")
        self._write.flush()
        while (told := self._next()).get("id") != number:
            pass
        assert "error" not in told, told
        result: dict[str, Any] = told["result"]
        return result

    def _next(self) -> dict[str, Any]:
        """Return the next message; what it says of the tab is kept."""
        letters = bytearray()
        while (one := self._read.read(1)) != b"\0":
            assert one, "Chromium has ended"
            letters += one
        told: dict[str, Any] = json.loads(letters)
        said = told.get("params", {})
        match told.get("method"):
            case "Network.requestWillBeSent":
                self.asked.append(said["request"]["url"])
            case "Log.entryAdded":
                self.errors.append(said["entry"]["text"])
            case "Runtime.exceptionThrown" | "Runtime.consoleAPICalled":
                self.errors.append(json.dumps(said))
            case "Page.loadEventFired":
                self._loaded = True
        return told

    def open(self, url: str) -> None:
        """Go to an address, and wait until the page is loaded with all it needs."""
        self._loaded = False
        self.say("Page.navigate", url=url)
        self._until_loaded()

    def follow(self, selector: str) -> None:
        """Click on a link, and wait until its page is loaded."""
        self._loaded = False
        self.value(f"document.querySelector({json.dumps(selector)}).click()")
        self._until_loaded()

    def _until_loaded(self) -> None:
        while not self._loaded:
            self._next()

    def value(self, expression: str) -> Any:
        """Return the value of JavaScript in the page."""
        told = self.say("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def close(self) -> None:
        """Close the pipes, by which the browser ends."""
        self._write.close()
        self._read.close()

    def show_as(self, *, width: int, height: int = 844, dark: bool = False) -> None:
        """Give the tab the size of a screen (pixels), and the colours that its user likes."""
        self.say(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < _PHONE
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.say("Emulation.setEmulatedMedia", features=[scheme])


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """Start a browser with a new profile, and end it with the block."""
    assert _FOUND is not None
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    words = [_FOUND, *_QUIET, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
    # It reads commands from descriptor 3, and answers into 4.
    process = subprocess.Popen(
        ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "bash", *words],  # as in PATH
        pass_fds=(theirs_in, theirs_out), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs_in)
    os.close(theirs_out)
    browser = None
    try:
        browser = Chromium(ours_out, ours_in)
        yield browser
    finally:
        if browser is not None:
            browser.close()
        process.kill()
        process.wait()
