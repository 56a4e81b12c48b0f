"""The cores that a process may really use: those it may run on, and the limits on its time."""

import os
from pathlib import Path

import pytest
import torch

import pset
from pset._model import cores
from pset._model.cores import available_cores, use_available_cores


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that makes a computer of eight cores, with these files about control groups."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)

    def make(ours: str, **files: str) -> int:
        (tmp_path / "ours").write_text(ours)
        for name, text in files.items():
            path = tmp_path / "groups" / name.replace("__", "/").replace("DOT", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return available_cores(tmp_path / "groups", tmp_path / "ours")

    return make


def test_without_limits_they_are_those_that_it_may_run_on(computer, tmp_path):
    assert available_cores(tmp_path / "none", tmp_path / "none") == 8
    assert computer("0::/\n", cpuDOTmax="max 100000\n") == 8


@pytest.mark.parametrize(
    ("quota", "expected"), [(50_000, 1), (100_000, 1), (250_000, 2), (400_000, 4), (2_000_000, 8)]
)
def test_whole_cores_count_and_one_at_least(computer, quota: int, expected: int):
    assert computer("0::/\n", cpuDOTmax=f"{quota} 100000\n") == expected
    again = {"cpu__cpuDOTcfs_quota_us": f"{quota}\n", "cpu__cpuDOTcfs_period_us": "100000\n"}
    assert computer("4:cpu,cpuacct:/\n", **again) == expected


def test_version_1_without_a_limit_and_with_both_names_of_its_folder(computer):
    free = {"cpu__cpuDOTcfs_quota_us": "-1\n", "cpu__cpuDOTcfs_period_us": "100000\n"}
    assert computer("7:memory:/a\n4:cpu:/\n", **free) == 8
    folder = "cpu,cpuacct__a__cpuDOTcfs"
    files = {f"{folder}_quota_us": "300000", f"{folder}_period_us": "100000"}
    assert computer("4:cpu,cpuacct:/a\n", **files) == 3


def test_the_groups_around_ours_limit_us_too(computer):
    files = {"user__cpuDOTmax": "200000 100000", "user__me__cpuDOTmax": "max 100000"}
    assert computer("0::/user/me\n", **files) == 2


def test_in_a_container_the_path_may_be_the_hosts(computer):
    assert computer("0::/docker/1234\n", cpuDOTmax="300000 100000") == 3


def test_a_loaded_model_lowers_the_number_of_threads_and_never_raises_it(
    monkeypatch, cascade_folder
):
    monkeypatch.setattr(cores, "available_cores", lambda: 2)
    for before, after in ((3, 2), (1, 1)):
        torch.set_num_threads(before)
        pset.load_model(cascade_folder)
        assert torch.get_num_threads() == after


def test_the_real_computer_has_a_core():
    use_available_cores()
    assert 1 <= torch.get_num_threads() <= (os.cpu_count() or 1)
