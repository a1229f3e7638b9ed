"""A Spark cluster on this machine for tests: a standalone master and workers on loopback, and runs on it."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

LOOPBACK = "127.0.0.1"
PATIENCE = 60  # seconds for a Java process to come up


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        port: int = one.getsockname()[1]
        return port


def environment(scratch: Path, *, java: str = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC") -> dict[str, str]:
    """The environment of Spark's processes: loopback alone, and all that they leave in one folder.

    `java` are options of every Java process; those of the tests make it start fast.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_"))}
    scratch.mkdir(parents=True, exist_ok=True)
    return {
        **kept, "SPARK_LOCAL_IP": LOOPBACK, "SPARK_LOCAL_DIRS": str(scratch), "SPARK_LOCAL_HOSTNAME": LOOPBACK,
        "TMPDIR": str(scratch), "SPARK_DAEMON_MEMORY": "256m",
        "JAVA_TOOL_OPTIONS": java,
    }  # fmt: skip


class Cluster:
    """A master and some workers of one core each. Use it as a context manager; no process is left behind."""

    def __init__(self, folder: Path, *, workers: int = 2, **options: str) -> None:
        spec = importlib.util.find_spec("pyspark")
        assert spec is not None
        assert spec.origin is not None
        self._class = Path(spec.origin).parent / "bin" / "spark-class"
        self.folder = folder
        self.env = environment(folder / "scratch", **options)
        self._count = workers
        self._page = free_port()
        self.master = f"spark://{LOOPBACK}:{free_port()}"
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Cluster:
        """Start all, and wait until the master knows every worker."""
        try:
            port = self.master.rpartition(":")[2]
            self._start("master.Master", "--host", LOOPBACK, "--port", port, "--webui-port", str(self._page))
            self._wait(lambda: self.state() is not None, "the master does not answer")
            for number in range(self._count):
                self._start(
                    "worker.Worker", "--host", LOOPBACK, "--port", "0", "--webui-port", "0", "--cores", "1",
                    "--memory", "1200m", "--work-dir", str(self.folder / f"worker{number}"), self.master,
                )  # fmt: skip
            self._wait(lambda: len((self.state() or {})["workers"]) == self._count, "a worker did not come")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End every process."""
        self.stop()

    def state(self) -> dict[str, Any] | None:
        """What the master tells of its workers and applications; null while it does not answer."""
        connection = http.client.HTTPConnection(LOOPBACK, self._page, timeout=5)
        try:
            connection.request("GET", "/json/")
            told: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, ValueError):
            return None
        finally:
            connection.close()
        return told

    def kill_worker(self, number: int) -> None:
        """End a worker as a machine ends that loses its power: no word to anybody."""
        worker = self.processes[1 + number]
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    def executors(self, number: int) -> list[Path]:
        """The folders of the executors that a worker has started."""
        return sorted((self.folder / f"worker{number}").glob("app-*/*"))

    def stop(self) -> None:
        """End every process, executors too: they are in the group of their worker."""
        for process in reversed(self.processes):
            end(process)
        self.processes.clear()

    def _start(self, name: str, *arguments: str) -> None:
        log = (self.folder / f"{name}-{len(self.processes)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [self._class, f"org.apache.spark.deploy.{name}", *arguments],
                env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)

    def _wait(self, ready: Any, words: str) -> None:
        until = time.monotonic() + PATIENCE
        while not ready():
            logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.log"))
            assert time.monotonic() < until, f"{words}\n{logs}"
            assert all(process.poll() is None for process in self.processes), f"a process ended\n{logs}"
            time.sleep(0.2)


def spark_run(
    *arguments: str, master: str, folder: Path, env: dict[str, str], log: Path, memory: str = "512m"
) -> subprocess.Popen[bytes]:
    """Start `extract run --engine spark` in a folder, all on loopback; what it prints goes to `log`."""
    conf = {
        "spark.ui.enabled": "false", "spark.driver.host": LOOPBACK, "spark.driver.bindAddress": LOOPBACK,
        "spark.executor.memory": memory, "spark.sql.shuffle.partitions": "4",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }  # fmt: skip
    words = [part for key, value in conf.items() for part in ("--conf", f"{key}={value}")]
    command = "from extract.cli import main; main()"
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-c", command, "run", "--engine", "spark", "--master", master, *words, *arguments],
            cwd=folder, env=env, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all in its group, if they are still there."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def records(path: Path) -> list[dict[str, Any]]:
    """The rows of a Parquet file or folder, sorted: Spark gives them in any order."""
    import pyarrow.parquet

    return sorted(pyarrow.parquet.read_table(path).to_pylist(), key=repr)
