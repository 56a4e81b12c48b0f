"""Late work: rules, dates, and where the time of handing in comes from."""

import os
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from autograder.commands.tables import print_class
from autograder.errors import CommandError
from autograder.grading.feedback import feedback_page
from autograder.grading.late import HandIn, LatePolicy, Rules, handed_in
from autograder.grading.records import (
    Mark,
    Record,
    as_gradescope,
    load_record,
    save_record,
    write_grades,
)

NAME = "01_denoising"
DUE = datetime(2027, 2, 5, 23, 59, tzinfo=timezone(timedelta(hours=-5)))
POLICY = LatePolicy(Rules(grace_minutes=15, penalty_per_day=0.1, maximum_penalty=0.5), {NAME: DUE})

shares = st.floats(0, 1)
rules = st.builds(
    Rules, grace_minutes=st.floats(0, 3000), penalty_per_day=shares, maximum_penalty=shares
)
spans = st.timedeltas(timedelta(days=-30), timedelta(days=30))


def share(policy: LatePolicy, late_by: timedelta, **more: timedelta) -> float:
    return policy.lateness(NAME, HandIn(DUE + late_by), **more).share


@given(rules, spans)
def test_in_time_costs_nothing_and_late_at_most_the_maximum(rules: Rules, late_by: timedelta):
    cost = share(LatePolicy(rules, {NAME: DUE}), late_by)
    assert 0 <= cost <= rules.maximum_penalty
    if late_by <= timedelta(minutes=rules.grace_minutes):
        assert cost == 0
    else:
        assert cost >= min(rules.penalty_per_day, rules.maximum_penalty)


@given(rules, spans, spans)
def test_later_never_costs_less(rules: Rules, one: timedelta, other: timedelta):
    policy = LatePolicy(rules, {NAME: DUE})
    assert share(policy, min(one, other)) <= share(policy, max(one, other))


@given(rules, spans)
def test_a_day_more_costs_a_days_penalty(rules: Rules, late_by: timedelta):
    days = rules.days(late_by)
    if days:
        assert rules.days(late_by + timedelta(days=1)) == days + 1


@given(rules, spans, spans)
def test_an_extension_moves_the_date(rules: Rules, late_by: timedelta, extension: timedelta):
    policy = LatePolicy(rules, {NAME: DUE})
    assert share(policy, late_by + extension, extension=extension) == share(policy, late_by)


@given(spans, st.integers(-720, 840))
def test_the_time_zone_in_which_it_is_written_makes_no_difference(late_by: timedelta, offset: int):
    moment = DUE + late_by
    elsewhere = moment.astimezone(timezone(timedelta(minutes=offset)))
    one, other = (POLICY.lateness(NAME, HandIn(time)) for time in (moment, elsewhere))
    assert (one.days, one.share) == (other.days, other.share)


@pytest.mark.parametrize(
    ("minutes", "days", "cost"),
    [
        (-1, 0, 0.0),
        (15, 0, 0.0),
        (16, 1, 0.1),
        (24 * 60 + 15, 1, 0.1),
        (24 * 60 + 16, 2, 0.2),
        (4 * 24 * 60 + 20, 5, 0.5),
        (40 * 24 * 60, 40, 0.5),
    ],
)
def test_the_rules_of_the_course_as_one_reads_them(minutes: int, days: int, cost: float):
    late = POLICY.lateness(NAME, HandIn(DUE + timedelta(minutes=minutes)))
    assert (late.days, late.share) == (days, pytest.approx(cost))
    assert bool(late.remark) == (days > 0)


def test_an_unknown_time_costs_nothing_and_is_said(tmp_path: Path):
    os.utime(tmp_path, (4e9, 4e9))  # a file's own date is not asked
    (tmp_path / "x.ipynb").touch()
    late = POLICY.lateness(NAME, handed_in(tmp_path))
    assert late.share == 0
    assert "there's no timestamp.txt" in late.unknown
    assert "No late penalty" in late.unknown
    assert late.remark == "", "the student can't help it"


def test_unknown_times_are_said_once_with_a_count(tmp_path: Path, capsys):
    missing = POLICY.lateness(NAME, handed_in(tmp_path))
    (tmp_path / "timestamp.txt").write_text("soon")
    odd = POLICY.lateness(NAME, handed_in(tmp_path))
    known = POLICY.lateness(NAME, HandIn(DUE))
    records = [
        Record(student=f"s{k}", assignment=NAME, key="k", marks=[], late=late)
        for k, late in enumerate([missing] * 20 + [odd, known])
    ]
    print_class(Console(width=200), records)
    said = capsys.readouterr().out
    assert said.count("there's no timestamp.txt") == 1
    assert "20 of 22: We don't know when" in said
    assert "1 of 22 (s20): We don't know when" in said
    assert b"timestamp" not in feedback_page(records[0], [])


def test_without_a_date_nothing_is_late(tmp_path: Path):
    late = LatePolicy(POLICY.rules, {}).lateness(NAME, handed_in(tmp_path))
    assert (late.share, late.remark) == (0, "")


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-06 16:59:00.000000 UTC\n",
        "2027-02-06 16:59:00 UTC",
        "2027-02-06 11:59:00 EST",
        "2027-02-06 17:59:00.000000 Europe/Zurich",
        "2027-02-06T11:59:00-05:00",
        "2027-02-06 08:59:00 -0800",
    ],
)
def test_a_timestamp_with_a_time_zone_is_read(tmp_path: Path, text: str):
    (tmp_path / "timestamp.txt").write_text(text)
    assert handed_in(tmp_path).time == datetime(2027, 2, 6, 16, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"soon",
        b"2027-02-06 16:59:00",
        b"2027-02-06 16:59:00 Mars/Base",
        b"9" * 99,
        b"9999-12-31 23:59:00 UTC",  # there is no such time further east
        b"0001-01-01T00:00:00+00:00",
    ],
)
def test_any_other_timestamp_is_unknown_and_said(tmp_path: Path, content: bytes):
    (tmp_path / "timestamp.txt").write_bytes(content)
    found = handed_in(tmp_path)
    assert found.time is None
    assert "timestamp.txt doesn't contain" in found.remark


def test_a_timestamp_that_is_a_link_is_not_followed(tmp_path: Path):
    (tmp_path / "elsewhere").write_text("2027-02-06 16:59:00 UTC")
    (tmp_path / "timestamp.txt").symlink_to(tmp_path / "elsewhere")
    assert handed_in(tmp_path).time is None


@pytest.mark.parametrize(
    ("due", "says"),
    [
        (datetime(2027, 2, 5, 23, 59), "has no time zone"),
        (date(2027, 2, 5), "isn't a date with a time"),
        ("2027-02-05T23:59:00-05:00", "quotation marks"),
    ],
)
def test_a_date_that_can_be_misread_is_refused(due: object, says: str):
    with pytest.raises(CommandError, match=says):
        LatePolicy.of({"assignments": [{"name": NAME, "due": due}]})


@pytest.mark.parametrize(
    "late",
    [{"penalty_per_day": 10}, {"grace_minutes": -1}, {"maximum_penalty": "half"}, {"grace": 5}],
)
def test_a_rule_that_is_none_is_refused_by_name(late: dict):
    with pytest.raises(CommandError, match=next(iter(late))):
        LatePolicy.of({"assignments": [], "late": late})


def test_the_penalty_is_in_the_record_and_in_all_that_is_made_of_it(tmp_path: Path):
    mark = Mark(
        exercise="1.1", title="t", function="f", status="right", points=10, max_points=10,
        message="Right.",
    )  # fmt: skip
    late = POLICY.lateness(NAME, HandIn(DUE + timedelta(days=1, hours=1)))
    record = Record(student="ada", assignment=NAME, key="k", marks=[mark], late=late)
    assert (record.score, record.penalty, record.total) == (10, 2, 8)
    save_record(tmp_path, record)
    assert load_record(tmp_path) == record
    assert as_gradescope(record)["score"] == 8
    assert "2 days late" in as_gradescope(record)["output"]
    write_grades(tmp_path / "grades.csv", [record])
    first, line = (tmp_path / "grades.csv").read_text().splitlines()
    row = dict(zip(first.split(","), line.split(","), strict=False))
    assert (row["total"], row["late_penalty"], row["1.1"]) == ("8.0", "2.0", "10.0")
