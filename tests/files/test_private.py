"""Files that only their owner may read."""

import os
import sys
from pathlib import Path

import pytest

from autograder.files.private import write_private


@pytest.mark.skipif(sys.platform == "win32", reason="there, a file has no such rights")
def test_nobody_else_may_read_it_at_any_time(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "new" / "secret"
    seen = []
    replace = os.replace

    def watched(partial: Path, whole: Path) -> None:
        seen.append(partial.stat().st_mode & 0o777)
        replace(partial, whole)

    monkeypatch.setattr(os, "replace", watched)
    old = os.umask(0)
    try:
        write_private(path, b"one")
        path.with_name("secret.partial").write_bytes(b"left behind, for everyone to read")
        write_private(path, b"two")
    finally:
        os.umask(old)
    assert path.read_bytes() == b"two"
    assert [*seen, path.stat().st_mode & 0o777] == [0o600] * 3
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "secret"
    write_private(path, b"old")

    def full(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no room"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
