"""The compose file and the image of deploy/container are sound, and agree with the code and the docs."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from scrapy.cmdline import ScrapyArgumentParser

from docs import generate
from farscrawler import settings
from farscrawler.cli.project_file import PREFIX
from farscrawler.locations import Server, location_of
from tests.support import ROOT

yaml = pytest.importorskip("yaml", reason="the compose file is read with PyYAML, which is not installed")
FOLDER = ROOT / "deploy" / "container"
IMAGE = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("schedule", "worker")
#: What Docker Compose knows of a service, of what is used here: a typing error is no key of its own.
KEYS = {
    "build", "command", "depends_on", "environment", "healthcheck", "image", "init", "mem_limit", "ports", "restart",
    "shm_size", "stop_grace_period", "volumes",
}  # fmt: skip
SECONDS = {"s": 1, "m": 60}


def seconds(text: str) -> int:
    return int(text[:-1]) * SECONDS[text[-1]]


def parsed(words: list[str]) -> None:
    """Check the words of a command with its parser."""
    command, _ = generate.commands()[words[0]]
    parser = ScrapyArgumentParser(conflict_handler="resolve", exit_on_error=False)
    command.add_options(parser)
    _, rest = parser.parse_known_args(words[1:])
    assert not [word for word in rest if word.startswith("-")], words


def test_the_services_have_keys_that_there_are() -> None:
    assert set(COMPOSE) == {"name", "services", "volumes", "x-farscrawler"}
    assert set(SERVICES) == {"db", *OURS}
    for name, service in SERVICES.items():
        assert set(service) <= KEYS, name
        assert set(service["healthcheck"]) <= {"test", "interval", "timeout", "retries", "start_period"}
        for key in ("interval", "timeout", "start_period"):
            assert seconds(service["healthcheck"].get(key, "0s")) >= 0
        for needed, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in SERVICES[needed]


def test_every_volume_is_declared_and_every_declared_one_is_used() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert used == set(COMPOSE["volumes"])
    assert all(volume.partition(":")[2].startswith("/") for one in SERVICES.values() for volume in one["volumes"])


@pytest.mark.parametrize("name", OURS)
def test_the_commands_and_health_checks_are_commands_of_ours(name: str) -> None:
    service = SERVICES[name]
    parsed(service["command"])
    assert service["command"][0] == name
    kind, program, *words = service["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "farscrawler")
    parsed(words)


@pytest.mark.parametrize("name", OURS)
def test_the_variables_are_settings_and_the_address_is_that_of_the_database(name: str) -> None:
    variables = {**SERVICES[name]["environment"]}
    assert re.fullmatch(r"\$\{DB_PASSWORD:\?.+\}", variables.pop("PGPASSWORD"))
    assert all(hasattr(settings, one.removeprefix(PREFIX)) and one.startswith(PREFIX) for one in variables)
    address = variables["FARSCRAWLER_ARCHIVE"].replace("${DB_HOST:-db}", "db")
    place = location_of(address)
    assert isinstance(place, Server)
    db = SERVICES["db"]["environment"]
    assert str(place) == f"postgresql://{db['POSTGRES_USER']}@db/{db['POSTGRES_DB']}"  # no password in it
    assert "--encoding=UTF8" in db["POSTGRES_INITDB_ARGS"]


def test_a_stop_may_take_as_long_as_a_pause_the_site_has_asked_for() -> None:
    assert seconds(SERVICES["worker"]["stop_grace_period"]) >= settings.RETRY_WAIT_MAX + 2 * settings.DOWNLOAD_TIMEOUT


def test_the_image_copies_files_that_there_are_and_installs_what_a_database_needs() -> None:
    steps = [shlex.split(line) for line in IMAGE.splitlines() if line and not line.startswith("#")]
    copied = [word for words in steps if words[0] == "COPY" for word in words[1:-1]]
    assert all((ROOT / one).exists() for one in copied)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {f"!{one}" for one in copied} <= set(ignored)
    assert ["RUN", "pip", "install", "--no-cache-dir", "/src[postgres]", "&&", "rm", "-r", "/src"] in steps
    assert ["ENTRYPOINT", "[farscrawler]"] in steps
    (folder,) = [words[1] for words in steps if words[0] == "WORKDIR"]
    assert all(f"state:{folder}" in SERVICES[name]["volumes"] for name in OURS)
    build = SERVICES["worker"]["build"]
    assert (FOLDER / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).read_text(encoding="utf-8") == IMAGE
