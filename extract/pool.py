"""Worker processes of which each may die, hang or run out of memory, and only its own task is lost.

`concurrent.futures` and `multiprocessing.Pool` give up all tasks when one process dies, loky the same, and pebble,
which does not, is LGPL; so here is the little that is needed: one task at a time goes to each worker through a pipe, a
worker that dies or exceeds its time is ended and replaced. Where the system can fork, workers share the loaded grammar
with the parent and start at once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

MEMORY_LIMIT: Final = 4 << 30  # bytes of address space of one worker, where the system can hold a process to it
_FORK: Final = sys.platform == "linux"

Task = TypeVar("Task")
Result = TypeVar("Result")


class Died(Struct, frozen=True):
    """A task without a result, and why."""

    reason: str


class Pool(Generic[Task, Result]):
    """`workers` processes that all do the same work. Use it as a context manager.

    `make` is called once in each process and gives the function that does one task; it must raise nothing. Without
    fork (macOS, Windows) `make`, tasks and results must be picklable; with it, tasks and results only.
    """

    def __init__(
        self, make: Callable[[], Callable[[Task], Result]], *, workers: int, time_limit: float | None = None
    ) -> None:
        self._make = make
        self._size = workers
        self._time_limit = time_limit
        self._context: Any = multiprocessing.get_context("fork" if _FORK else "spawn")
        self._workers: list[_Worker] = []

    def __enter__(self) -> Pool[Task, Result]:
        """Nothing is started before there is a task."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End all workers, whatever they are doing."""
        for worker in self._workers:
            worker.end(kill=True)
        self._workers.clear()

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Result | Died]]:
        """Every task with its result, as they come in; tasks are taken only when a worker is free.

        A worker that is done has its next task before its result is handed on: it does not wait for what is done there.
        """
        coming = iter(tasks)
        idle: list[_Worker] = []
        results: list[tuple[Task, Result | Died]] = []
        more = True
        while True:
            while more and (idle or len(self._workers) < self._size):
                task = next(coming, None)
                if task is None:
                    more = False
                    break
                worker = idle.pop() if idle else self._start()
                if not worker.give(task, self._time_limit):  # it died while it was idle
                    self._workers.remove(worker)
                    worker.end(kill=True)
                    worker = self._start()
                    worker.give(task, self._time_limit)
            yield from results
            results.clear()
            busy = [worker for worker in self._workers if worker.task is not None]
            if not busy:
                return
            until = min((worker.until for worker in busy if worker.until is not None), default=None)
            timeout = None if until is None else max(0.0, until - time.monotonic())
            ready = set(wait([worker.pipe for worker in busy], timeout))
            for worker in busy:
                if worker.pipe in ready:
                    done, result = worker.take()
                elif worker.until is not None and time.monotonic() >= worker.until:
                    done, result = False, Died(f"took longer than {self._time_limit:g} seconds; raise --time-limit")
                    worker.end(kill=True)
                else:
                    continue
                task = worker.task
                worker.task = None
                if done:
                    idle.append(worker)
                else:
                    self._workers.remove(worker)
                results.append((task, result))

    def _start(self) -> _Worker:
        worker = _Worker(self._context, self._make, [other.pipe for other in self._workers])
        self._workers.append(worker)
        return worker


class _Worker:
    """One process, the pipe to it, and the task it is at."""

    def __init__(self, context: Any, make: Callable[[], Callable[[Any], Any]], others: list[Connection]) -> None:
        self.pipe: Connection
        self.pipe, theirs = context.Pipe()
        inherited = [self.pipe, *others] if _FORK else []
        self.process = context.Process(target=_work, args=(theirs, make, inherited, os.getpid()), daemon=True)
        self.process.start()
        theirs.close()
        self.task: Any = None
        self.until: float | None = None

    def give(self, task: Any, time_limit: float | None) -> bool:
        """Send a task; false when the process is no longer there."""
        try:
            self.pipe.send(task)
        except OSError:
            return False
        self.task = task
        self.until = None if time_limit is None else time.monotonic() + time_limit
        return True

    def take(self) -> tuple[bool, Any]:
        """The result that has come in, or what became of the process."""
        try:
            return True, self.pipe.recv()
        except (EOFError, OSError):
            self.end(kill=False)
            return False, Died(_end_of(self.process.exitcode))

    def end(self, *, kill: bool) -> None:
        """End the process and wait until it is gone."""
        if kill:
            self.process.kill()
        self.process.join()
        self.pipe.close()


def _end_of(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        cause = ", most likely for want of memory" if name == "SIGKILL" else ""
        return f"the process that read it was ended by {name}{cause}; the others were not touched"
    return f"the process that read it ended by itself (exit code {code}); the others were not touched"


def _work(pipe: Connection, make: Callable[[], Callable[[Any], Any]], inherited: list[Connection], parent: int) -> None:
    """What a worker does all its life: a task in, a result out, until the pipe is closed at the other end."""
    for other in inherited:  # else no worker would ever see that the parent is gone
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    _die_with(parent)
    _limit_memory()
    work = make()
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        result = work(task)
        try:
            pipe.send(result)
        except OSError:
            return


def _die_with(parent: int) -> None:
    """Be ended with the parent, even if that is killed: nothing writes into a folder another run has."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
