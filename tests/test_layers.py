"""The shape of the code: which module may import which, and what no module of the library may do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "extract"

# The data's way through the modules. An import may only point to the left; see CONTRIBUTING.md.
ORDER = (
    "records", "numbers", "patterns", "source",
    "quantities", "columns", "word_tables", "grids", "headings", "lines", "numbering", "outline",
    "section_features", "section_model", "classify",
    "captions", "cell_values", "table_readings", "bands", "table_rows", "tables", "table_prose",
    "dates", "places", "names", "entities", "document",
    "template_language", "templates", "word_borders", "indicators", "phrases", "reading", "lists", "frames",
    "metrics", "drafts", "pairs", "changes", "breakdowns", "relations", "audit", "table_records", "assemble",
    "pipeline", "schema", "output_tables", "write", "panel", "pool", "exports", "readers", "spacy_pipe",
    "section_scores", "marks", "marked", "agreement", "evaluate", "train", "model_card", "held_out",
    "annotation", "examples", "explain", "check", "inputs", "journal", "run", "spark", "table_list", "findings",
    "review", "view", "spark_command", "api", "cli",
)  # fmt: skip
RANK = {module: rank for rank, module in enumerate(ORDER)}
MODULES = sorted(PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    """`extract/metrics.py` and `extract/metrics/roles.py` are both of the layer module `metrics`."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path) -> set[str]:
    """The modules of the package that a file imports, wherever in the file the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: write imports in full (from extract.records import …)"
            if node.module == "extract":
                found.update(alias.name for alias in node.names)
            elif node.module is not None and node.module.startswith("extract."):
                found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found.update(alias.name.split(".")[1] for alias in node.names if alias.name.startswith("extract."))
    return found - {"__version__", module_name(path)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_left(path: Path) -> None:
    """A module imports only what stands to the left of it."""
    name = module_name(path)
    used = imports(path)
    if name == "__init__":
        return
    unknown = sorted(({name} | used) - RANK.keys())
    assert not unknown, f"{path.name}: add {unknown} to ORDER in tests/test_layers.py, after all that it imports"
    wrong = sorted(other for other in used if RANK[other] > RANK[name])
    assert not wrong, f"extract/{path.name} imports {wrong}, which stand to its right; move what is shared to the left"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_library_does_not_print(path: Path) -> None:
    """Only the command line speaks to the terminal, and it does so with click."""
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    prints = [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
    assert not prints, f"extract/{path.name}: print in lines {prints}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_module_fits_in_one_reading(path: Path) -> None:
    """A module has some 400 lines, 500 at the very most."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 500, f"extract/{path.name} has {lines} lines; split it"
