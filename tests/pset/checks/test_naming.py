"""How a message is counted: it names the mistake, says nothing of it, or says something false."""

from types import SimpleNamespace

import pytest

from tests.pset.checks.naming.said import labels, naming, pattern


def said(message: str, label: str, tmp_path, status: str = "wrong") -> str:
    path = tmp_path / "labels.txt"
    path.write_text(f"# a comment\n\n[1.1]\nanswer: {label}\n", encoding="utf-8")
    return naming(SimpleNamespace(status=status, message=message), labels(path)["1.1", "answer"])


FACT = (
    "Not quite, and it doesn't match any of the common mistakes we check for. It's right for t = 3."
)


@pytest.mark.parametrize(
    ("message", "label", "counts_as"),
    [
        ("It looks as if a square root is missing around 1 − ᾱ_t.", "no root", "named"),
        ("It looks as if a square root is missing around 1 − ᾱ_t.", "sign", "false"),
        ("It looks as if a square root is missing around ᾱ_t.", "sign ~ no root", "unnamed"),
        (FACT, "no root", "unnamed"),
        (f"{FACT} You've mirrored `im` left to right.", "no root", "false"),
        (
            "Your function gives the same result for another `t`. Do you use it?",
            "unused t",
            "named",
        ),
        (
            "Your function gives the same result for another `t`. Do you use it?",
            "unused s",
            "unnamed",
        ),
        ("You've swapped `a` and `b`.", "b and a swapped", "named"),
        ("You've swapped `a` and `b`.", "/swapped `b`/", "false"),
        # What's said where nothing was found is no finding, whatever words are in it.
        (
            "Your result is close to the expected one, but not close enough: look for something "
            "small, such as a rounding, a clamp, or the last step.",
            "clamped",
            "unnamed",
        ),
    ],
)
def test_a_message_is_counted_by_the_answers_label(message, label, counts_as, tmp_path):
    assert said(message, label, tmp_path) == counts_as


def test_a_pattern_does_not_reach_into_the_next_sentence(tmp_path):
    message = "You've clamped `x`. Look at the sign of `y`: it's the wrong one."
    assert said(message, "/clamped.*sign/", tmp_path) == "false"
    assert said(message, "/sign.*wrong/", tmp_path) == "named"


def test_a_right_verdict_is_no_refusal(tmp_path):
    assert said("Right.", "no root", tmp_path, status="right") == "accepted"


def test_an_idea_must_be_defined():
    assert pattern("unused seed").count("`seed`") > 1
    with pytest.raises(ValueError, match="no idea 'no rooot'"):
        pattern("no rooot")


def test_a_name_may_come_twice_in_a_file_but_not_in_an_exercise(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("[1.1]\none: sign\n[1.2]\none: no root\n", encoding="utf-8")
    assert set(labels(path)) == {("1.1", "one"), ("1.2", "one")}
    path.write_text("[1.1]\none: sign\none: no root\n", encoding="utf-8")
    with pytest.raises(ValueError, match="another line's"):
        labels(path)
