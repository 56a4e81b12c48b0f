"""Tamper with what a notebook says about itself."""

import copy

from tests.attacks.attack import EACH, WRONG, Attack, Notebook

FULL = 2 * EACH


def _nbgrader(**more: object) -> dict[str, object]:
    return {
        "schema_version": 3,
        "grade": True,
        "solution": False,
        "locked": False,
        "task": False,
        "grade_id": "check-1.1",
        "points": 10,
        "cell_type": "code",
        **more,
    }


def _set(**more: object):
    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            cell["metadata"] = {"nbgrader": _nbgrader(**more)}

    return change


def _duplicate(notebook: Notebook) -> None:
    notebook["cells"] += [copy.deepcopy(cell) for cell in notebook["cells"]]


def _claim(notebook: Notebook) -> None:
    notebook["metadata"] = {
        "score": 100,
        "nbgrader": {"points": 100},
        "kernelspec": {"name": "../../bin/sh", "argv": ["touch", "/tmp/planted"]},
        "language_info": {"name": "sh"},
    }


def _own_check(notebook: Notebook) -> None:
    source = "def check(*a, **k):\n    return 10\ncheck('1.1')\n"
    cell = {"cell_type": "code", "source": source, "metadata": {"nbgrader": _nbgrader(points=100)}}
    notebook["cells"].append(cell)


def _outputs(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": "Right. 10 of 10 points"},
                {"output_type": "error", "ename": "a", "evalue": 1, "traceback": None},
            ]


def _odd_types(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = ["nbgrader", {"nbgrader": 1}]
    notebook["metadata"] = "all mine"
    notebook["nbformat"], notebook["nbformat_minor"] = 4, "1000"


def _no_checks(notebook: Notebook) -> None:
    notebook["cells"] = [c for c in notebook["cells"] if "check(" not in c["source"]]


def _only_text(notebook: Notebook) -> None:
    """The check cells are still there, but nothing runs them."""
    for cell in notebook["cells"]:
        if "check(" in cell["source"]:
            cell["cell_type"] = "raw"
            del cell["outputs"], cell["execution_count"]


def _no_metadata(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def _swapped_ids(notebook: Notebook) -> None:
    """The check that is right counts for the exercise that is not."""
    names = {"check-1-1": "check-1-2", "check-1-2": "check-1-1"}
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        about["grade_id"] = names.get(about.get("grade_id"), about.get("grade_id"))


def _not_nbgraders(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 99


ATTACKS = {
    "no-checks": Attack(points=FULL, change=_no_checks),
    "checks-as-text": Attack(points=FULL, change=_only_text),
    "no-metadata": Attack(points=FULL, change=_no_metadata),
    "swapped-ids": Attack(WRONG, change=_swapped_ids),
    "another-version": Attack(points=FULL, change=_not_nbgraders),
    "many-points": Attack(WRONG, change=_set(points=1000)),
    "negative-points": Attack(WRONG, change=_set(points=-1000)),
    "endless-points": Attack(WRONG, change=_set(points=float("inf"))),
    "same-id-everywhere": Attack(points=FULL, change=_set()),
    "no-grade": Attack(points=FULL, change=_set(grade=False, solution=True, grade_id="")),
    "locked": Attack(points=FULL, change=_set(locked=True, task=True)),
    "checksum": Attack(points=FULL, change=_set(checksum="0" * 32, grade_id="../../planted")),
    "duplicated-cells": Attack(points=FULL, change=_duplicate),
    "claims": Attack(WRONG, change=_claim),
    "own-check": Attack(WRONG, change=_own_check),
    "outputs": Attack(WRONG, change=_outputs),
    "odd-types": Attack(points=FULL, change=_odd_types),
}
