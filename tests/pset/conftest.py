"""What the tests of the helper share: one small random cascade, and no fight for processors."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.small_cascade import save_small_cascade


@pytest.fixture(scope="session")
def cascade_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `stage-1/` and `stage-2/`, random weights, DeepFloyd's layout."""
    return save_small_cascade(tmp_path_factory.mktemp("cascade"))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small lose more by waiting for a second thread than it brings."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
