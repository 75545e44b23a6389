"""Run the cases of a reader in a process of its own, with limits of its own, and say what came of them."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.fuzz.mutate import mutated

if TYPE_CHECKING:
    from tests.fuzz.reader import Reader

MIB = 1024 * 1024
#: What a reader may take beyond what the process has when it begins: the whole promise is 400 MB a process.
MEMORY = 300 * MIB
#: CPU time of one case; the slowest take a tenth of it.
CPU_SECONDS = 5.0
_WARM = 5


@dataclass(slots=True)
class Finding:
    """A case that a reader did not stand: it raised, or took too much."""

    reader: str
    case: int
    what: str


@dataclass(slots=True)
class Result:
    """What came of the cases of a reader: ``peak`` beyond its beginning (bytes), ``slowest`` its CPU time (s).

    ``cpu`` is that of all cases, the damage included: the clock of some systems is too coarse for a single one.
    """

    reader: str
    cases: int = 0
    findings: list[Finding] = field(default_factory=list)
    peak: int = 0
    slowest: float = 0.0
    slowest_case: int = 0
    cpu: float = 0.0


class TooSlowError(BaseException):
    """A case takes more CPU time than it may."""


def case_of(reader: Reader, seed: int, case: int) -> tuple[str, bytes]:
    """Return name and bytes of a case: a sample, damaged as often as the dice say, packed again where it was packed."""
    dice = Random(f"{seed} {reader.name} {case}")
    samples = reader.samples()
    sample = dice.choice(samples)
    data = mutated(dice, sample.data, [one.data for one in samples])
    if sample.pack is None:
        return sample.name, data
    if dice.random() < 0.5:  # the outside is damaged
        return sample.name, mutated(dice, sample.pack(sample.data), [sample.data])
    return sample.name, sample.pack(data)


def run(reader: Reader, cases: range, seed: int) -> Result:
    """Run the cases of a reader; a process that dies of one goes on with the next."""
    total = Result(reader.name)
    progress = mmap.mmap(-1, 8)
    first = cases.start
    while first < cases.stop:
        progress[:8] = struct.pack("q", first)
        found = _in_child(reader, range(first, cases.stop), seed, progress)
        last = first + found.cases - 1
        if found.cases < cases.stop - first:  # killed: by the limit of CPU time, or by a crash
            (last,) = struct.unpack("q", progress[:8])
            found.cases = last - first + 1
            found.findings.append(Finding(reader.name, last, "the process was killed"))
        total.cases += found.cases
        total.findings += found.findings
        total.peak = max(total.peak, found.peak)
        total.cpu += found.cpu
        if found.slowest > total.slowest:
            total.slowest, total.slowest_case = found.slowest, found.slowest_case
        first = last + 1
    return total


def _in_child(reader: Reader, cases: range, seed: int, progress: mmap.mmap) -> Result:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        code = 1
        try:
            with os.fdopen(write, "w", encoding="utf-8") as told:
                told.write(json.dumps(asdict(_all(reader, cases, seed, progress))))
            code = 0
        except BaseException:  # noqa: BLE001  # it must not go on as its parent
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as told:
        said = told.read()
    os.waitpid(pid, 0)
    if not said:
        return Result(reader.name)
    result = Result(**json.loads(said))
    result.findings = [Finding(**one) for one in result.findings]  # type: ignore[arg-type]  # they are dicts
    return result


def _all(reader: Reader, cases: range, seed: int, progress: mmap.mmap) -> Result:
    result = Result(reader.name)
    with tempfile.TemporaryDirectory() as place:
        for sample in reader.samples()[:_WARM]:  # what a first case loads is none of its cost
            with contextlib.suppress(Exception):
                _read(reader, Path(place), sample.name, sample.pack(sample.data) if sample.pack else sample.data)
        held = _held()
        _reset_peak()
        resource.setrlimit(resource.RLIMIT_AS, (_mapped() + MEMORY, _mapped() + MEMORY))
        signal.signal(signal.SIGPROF, _too_slow)
        began = time.process_time()
        for case in cases:
            progress[:8] = struct.pack("q", case)
            name, data = case_of(reader, seed, case)
            spent = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
            resource.setrlimit(resource.RLIMIT_CPU, (spent + 4 * int(CPU_SECONDS + 1), resource.RLIM_INFINITY))
            begun = time.process_time()
            what = _attempt(reader, Path(place), name, data)
            took = time.process_time() - begun
            result.cases += 1
            if took > result.slowest:
                result.slowest, result.slowest_case = took, case
            if what is not None:
                result.findings.append(Finding(reader.name, case, what))
        result.peak = max(0, _peak() - held)
        result.cpu = time.process_time() - began
    return result


def _attempt(reader: Reader, place: Path, name: str, data: bytes) -> str | None:
    """Read one case; return what went wrong, None for nothing."""
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        _read(reader, place, name, data)
    except TooSlowError:
        return f"more than {CPU_SECONDS} s of CPU time: {_where()}"
    except Exception as error:  # noqa: BLE001  # finding them is what this is for
        return f"{type(error).__name__}: {str(error)[:200]} ({_where()})"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def _read(reader: Reader, place: Path, name: str, data: bytes) -> None:
    with contextlib.suppress(*reader.own):
        reader.read(data, name, place)


def _where() -> str:
    """Return the last places of ours in the traceback of the error that is handled."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    ours = [frame for frame in frames if "farscrawler" in Path(frame.filename).parts]
    return " < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(ours[-4:]))


def _too_slow(*_: object) -> None:
    raise TooSlowError


def _held() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def _mapped() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def _reset_peak() -> None:
    with contextlib.suppress(OSError):  # a kernel without it: the peak is that of the samples too
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    return int(Path("/proc/self/status").read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) * 1024
