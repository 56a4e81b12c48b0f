"""What these tests share: a launcher with short limits."""

import os
from collections.abc import Iterator

import pytest

from autograder.challenge import contest
from autograder.challenge.contest import Challenge
from autograder.sandbox.launcher import COMPETE, Launcher
from tests.challenge.entries import SETTINGS


@pytest.fixture(scope="session")
def challenge() -> Challenge:
    return Challenge(SETTINGS, 30.0, 20261126)


@pytest.fixture(scope="session")
def launcher(challenge: Challenge) -> Iterator[Launcher]:
    """With a secret in the grader's environment, that nobody may find."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contest, "GRACE_SECONDS", 3)
        patch.setitem(os.environ, "A_COURSE_SECRET", "canary")
        with Launcher(challenge.limits, work=COMPETE) as launcher:
            launcher.warm()
            yield launcher
