"""Imports run one way: read from the source, without importing anything."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import dropwhile, takewhile
from pathlib import Path

import pytest

from autograder.paths import ROOT

PACKAGES = ("pset", "solutions", "autograder", "training", "tests")
Graph = Mapping[str, frozenset[str]]


@cache
def graph() -> Graph:
    """Module → modules of ours that it imports, inside functions and for type checkers too."""
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    return {name: frozenset(_imports(name, path, files)) for name, path in files.items()}


def _imports(name: str, path: Path, files: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        found = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} has a relative import, which this test can't follow"
            # `from a import b` imports the module a.b, if there is one, and a otherwise.
            parts = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [part if part in files else str(node.module) for part in parts]
        yield from (module for module in found if module in files and module != name)


def edges(*packages: str) -> Iterator[tuple[str, str]]:
    """Importing and imported module, for all modules of these packages."""
    for name, imported in graph().items():
        if name.split(".")[0] in packages:
            yield from ((name, other) for other in sorted(imported))


@cache
def layers(package: str) -> list[str]:
    """The package's folders, the uppermost first: CONTRIBUTING.md has them in a table."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = text.partition(f"nside `{package}/`")[2].splitlines()
    table = dropwhile(lambda line: not line.startswith("|"), lines)
    rows = takewhile(lambda line: line.startswith("|"), table)
    folders = [found[1] for row in rows if (found := re.match(r"\| `([a-z/]+)/` \|", row))]
    return [f"{package}.{folder.replace('/', '.')}" for folder in folders]


def layer_of(module: str, package: str) -> int | None:
    """The number of the innermost folder that holds a module, from above; None for the top's."""
    holding = [f for f in layers(package) if module == f or module.startswith(f"{f}.")]
    return layers(package).index(max(holding, key=len)) if holding else None


def circle(graph: Graph) -> list[str]:
    """Modules that import each other in a circle; empty if there's none."""
    done: set[str] = set()
    way: list[str] = []

    def visit(module: str) -> list[str]:
        if module in way:
            return way[way.index(module) :]
        if module in done:
            return []
        way.append(module)
        for other in sorted(graph.get(module, ())):
            if found := visit(other):
                return found
        way.pop()
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := visit(module))), [])


def test_a_circle_would_be_found():
    line = {"a": frozenset({"b", "c"}), "b": frozenset({"c"}), "c": frozenset[str]()}
    assert circle(line) == []
    assert circle(line | {"c": frozenset({"b"})}) == ["b", "c"]


def test_imports_inside_functions_are_seen():
    assert "pset.model" in graph()["pset.checks.stand_ins"]


@pytest.mark.parametrize("package", ["autograder", "training"])
def test_every_folder_has_its_place(package: str):
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / package).rglob("__init__.py")
        if path.parent != ROOT / package
    }
    assert folders == set(layers(package))


@pytest.mark.parametrize("package", ["autograder", "training"])
def test_imports_run_downward(package: str):
    upward = []
    for module, other in edges(package):
        ours, theirs = layer_of(module, package), layer_of(other, package)
        if ours is not None and theirs is not None and theirs < ours:
            upward.append(f"{module} imports {other}")
    assert upward == []


@pytest.mark.parametrize("package", ["pset", "training"])
def test_there_are_no_circles(package: str):
    assert circle({name: graph()[name] for name, _ in edges(package)}) == []


def test_the_helper_package_imports_none_of_the_others():
    assert [edge for edge in edges("pset") if not edge[1].startswith("pset")] == []


def test_nothing_imports_the_tests():
    others = [package for package in PACKAGES if package != "tests"]
    assert [edge for edge in edges(*others) if edge[1].split(".")[0] == "tests"] == []


def test_the_grader_does_not_need_the_training():
    assert [edge for edge in edges("autograder") if edge[1].startswith("training")] == []


def test_the_top_of_the_grader_is_for_all_its_folders():
    top = {path.stem for path in (ROOT / "autograder").glob("*.py")} - {"__init__", "__main__"}
    for name in top:
        module = f"autograder.{name}"
        assert not graph()[module], f"{module} is at the bottom: it imports nothing of ours"
        users = [user for user, used in edges("autograder") if used == module]
        folders = {layer_of(user, "autograder") for user in users} - {None}
        assert len(folders) > len(layers("autograder")) / 3, f"{module}: move it to its users"
