"""Every attack, in every way of isolation that this computer offers."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.errors import CommandError
from autograder.sandbox.layers.options import LANDLOCK, NAMESPACES, Isolation
from benchmarks.attacks_on_nbgrader import FOUND, what_happened
from tests.attacks.arena import CANARY, Arena, Battle, arena
from tests.attacks.attack import EACH
from tests.attacks.corpus import CORPUS, FAMILIES, LINKS
from tests.attacks.script import MARKUP

pytestmark = pytest.mark.slow

WAYS = {
    "all-layers": Isolation(),
    "without-namespaces": Isolation(off=(NAMESPACES,)),
    "without-landlock": Isolation(off=(LANDLOCK,)),
}
_battles: dict[str, Battle | str] = {}


@pytest.fixture(scope="session")
def course() -> Iterator[Arena]:
    """One course for all."""
    with tempfile.TemporaryDirectory(prefix="pset-arena-") as folder, arena(Path(folder)) as place:
        yield place


@pytest.fixture(
    scope="session",
    params=[pytest.param(way, marks=pytest.mark.xdist_group(f"attacks {way}")) for way in WAYS],
)
def battle(request: pytest.FixtureRequest, course: Arena) -> Battle:
    """All attacks, graded in one way of isolation."""
    way = request.param
    if way not in _battles:
        try:
            _battles[way] = course.fight(WAYS[way])
        except CommandError as error:
            _battles[way] = str(error)
    found = _battles[way]
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.mark.parametrize("student", CORPUS)
def test_an_attack_earns_what_its_honest_code_does(battle: Battle, student: str) -> None:
    record, attack = battle.records[student], CORPUS[student]
    (forward,) = (mark for mark in record.marks if mark.exercise == "1.1")
    assert record.score == attack.points, (forward.status, forward.message, record.notes)
    assert attack.says in forward.message
    assert CANARY not in battle.told[student]


@pytest.mark.parametrize("student", [*CORPUS, *LINKS])
def test_the_next_submission_is_untouched(battle: Battle, student: str) -> None:
    record = battle.witnesses[student]
    assert record.score == record.max_score == 2 * EACH, record
    assert record.notes == []


@pytest.mark.parametrize("student", LINKS)
def test_what_is_no_file_is_not_read(battle: Battle, student: str) -> None:
    record = battle.records[student]
    assert record.score == 0
    assert record.trouble
    assert CANARY not in battle.told[student]


def test_nobody_is_reached(battle: Battle) -> None:
    assert battle.visits == []


def test_nothing_goes_on_running(battle: Battle) -> None:
    assert battle.survivors == []
    assert battle.same_parent


def test_nothing_is_left_or_changed(battle: Battle) -> None:
    assert battle.planted == []


@pytest.mark.parametrize("name", FAMILIES["script"])
def test_nothing_in_a_page_is_live(battle: Battle, name: str) -> None:
    told = battle.told[f"script-{name}"]
    page = told[told.index("<!DOCTYPE html>") :] if "<!DOCTYPE" in told else told
    page = page.split("</html>")[0]
    for markup in MARKUP:
        assert markup not in page
    assert "<script" not in page
    assert not set("\x1b\x07\x9b\u202e\u2066\x00") & set(told)


def test_every_family_has_five() -> None:
    assert all(len(attacks) >= 5 for attacks in FAMILIES.values())


@pytest.mark.parametrize("family", FAMILIES)
def test_five_of_every_family_are_known_to_succeed_elsewhere(family: str) -> None:
    """What `benchmarks.attacks_on_nbgrader` has measured: these attacks are real."""
    found = json.loads(FOUND.read_text())["nbgrader"]
    names = [f"{family}-{name}" for name in FAMILIES[family]]
    names += [name for name in LINKS if name.startswith(f"{family}-")]
    assert set(names) <= found.keys()
    assert sum(bool(what_happened(name, found[name])) for name in names) >= 5
