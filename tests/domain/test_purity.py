"""The rules can be read and run alone: the standard library, each other and our errors, and no clock."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[2] / "app/domain").glob("*.py"))
OURS = ("app.domain", "app.errors")
CLOCKS = {"now", "today", "utcnow", "time", "monotonic"}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_rule_imports_the_standard_library_only(path: Path) -> None:
    for name in imported(ast.parse(path.read_text())):
        assert name.startswith(OURS) or name.split(".")[0] in sys.stdlib_module_names, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_rule_reads_no_clock(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            assert not (node.func.attr in CLOCKS and owner in ("datetime", "date", "time")), ast.unparse(node)
