"""The challenge's leaderboard: who comes first, and names that may be anything."""

import pytest

from autograder.challenge.entry import Entry
from autograder.challenge.leaderboard import ANONYMOUS, leaderboard, names, shown_name
from autograder.gradebook.class_report import class_reports, render, render_leaderboard
from autograder.grading.records import Mark, Record
from pset.challenge.settings import installed_settings
from tests.pages.payloads import PAYLOADS

SETTINGS = installed_settings()


def entry(called: str = "", distance: float = 3.0, calls: float = 20, **more) -> Entry:
    return Entry(key="k", called=called, distance=distance, calls=calls, **more)


def test_the_best_comes_first_and_equals_share_a_rank() -> None:
    entries = [
        entry("far", distance=60),
        entry("good"),
        entry("copies", distance=0.1, copies=1.0),
        entry("failed", status="raised"),
        entry("as good"),
    ]
    places = leaderboard(entries, SETTINGS, 30)
    assert [(p.rank, p.name) for p in places] == [
        (1, "good"), (1, "as good"), (3, "far"), (4, "copies"),
    ]  # fmt: skip
    assert places[-1].points == 0
    assert places[0].points == round(30 * SETTINGS.share(3.0, 20, 0), 2) > 0 == places[2].points


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ("  Ada \n Lovelace\t", "Ada Lovelace"),
        ("", ANONYMOUS),
        ("\u200b\u202e", ANONYMOUS),
        ("Anonymous", ANONYMOUS),
        ("x\x1b[2Jy\u202ez", "x[2Jyz"),
        ("Z" + "\u0335" * 50 + "o", "Z\u0335\u0335o"),
        ("नमस्ते", "नमस्ते"),
        ("W" * 500, "W" * 9 + "…" + "W" * 20),
    ],
)
def test_a_name_fits_on_a_line(chosen: str, shown: str) -> None:
    assert shown_name(chosen) == shown


def test_nobody_can_take_another_ones_name() -> None:
    shown = names(["Ada", "ada ", "ＡＤＡ", "Ada (1)", "", "", "Ben"])
    assert shown[3:] == ["Ada (1)", ANONYMOUS, ANONYMOUS, "Ben"]
    named = [name for name in shown if name != ANONYMOUS]
    assert len({name.casefold() for name in named}) == len(named)
    assert "Ada" not in shown


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_no_name_is_live_on_a_page(payload: str) -> None:
    mark = Mark(exercise="challenge", title="t", function="train", status="right", points=1,
                max_points=30, message="m")  # fmt: skip
    record = Record(student="s", assignment="16_train", key="k", marks=[mark],
                    entry=entry(payload))  # fmt: skip
    (report,) = class_reports([record])
    for page in (render([report]), render_leaderboard(report.places)):
        text = page.decode().split("</style>")[1]
        assert "<script" not in text
        assert "<img" not in text
        assert "3.00" in text
