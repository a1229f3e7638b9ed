"""The wheel: built, installed into an environment of its own, run from an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source tree."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that holds the wheel, and sees this environment's other packages for its dependencies."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    (site / "dependencies.pth").write_text("\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}))
    install = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--no-deps", "--no-index", "--quiet"]
    done = subprocess.run([*install, "--force-reinstall", str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def call(environment: Path, here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment in a folder, with no help from this process's settings."""
    program, *rest = arguments
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    scripts = sysconfig.get_path("scripts", vars={"base": str(environment)})
    return subprocess.run(
        [str(Path(scripts) / program), *rest],
        cwd=here, env={**env, "PYTHONUTF8": "1"}, capture_output=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


def test_wheel_holds_what_the_source_tree_holds(root: Path, wheel: Path) -> None:
    """Every module, pattern, model and page file of the tree is in the wheel, the type marker and licence too."""
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {path.relative_to(root).as_posix() for path in (root / "extract").rglob("*.py")}
    data = {
        f"extract/_data/{path.relative_to(root).as_posix()}"
        for folder in ("patterns", "models")
        for path in (root / folder).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    assets = {path.relative_to(root).as_posix() for path in (root / "extract" / "review" / "assets").iterdir()}
    assert modules | data | assets | {"extract/py.typed"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "corpus", "benchmarks"))]


def test_installed_package_runs_from_an_empty_folder(environment: Path, tmp_path: Path, report: str) -> None:
    """The installed `extract` reads a report with its own patterns, not with those of the source tree."""
    (tmp_path / "report.txt").write_text(report, encoding="utf-8")
    (empty := tmp_path / "empty").mkdir()
    code = "import extract, extract.patterns as p; print(extract.__file__); print(p.default_folder())"
    for line in call(environment, empty, "python", "-c", code).stdout.splitlines():
        assert Path(line).resolve().is_relative_to(environment.resolve()), line
    done = call(environment, empty, "extract", "run", str(tmp_path / "report.txt"), "-o", "out", "--html")
    assert done.returncode == 0, done.stderr
    assert (empty / "out" / "review.html").stat().st_size > 0
    document = json.loads((empty / "out" / "report.json").read_text(encoding="utf-8"))
    assert [quantity["text"] for quantity in document["quantities"]] == [
        "2350.16万元", "442.66万元", "23.21%", "1.07万人", "130%",
    ]  # fmt: skip


def test_installed_package_checks_its_patterns(environment: Path, tmp_path: Path) -> None:
    """The installed `extract check` finds the built-in patterns in order."""
    done = call(environment, tmp_path, "extract", "check")
    assert done.returncode == 0, done.stdout + done.stderr
