"""What is closed at the end of a `with` block, however the block ends."""

from types import TracebackType
from typing import Self


class Closing:
    """A context manager whose end is its own `close`."""

    def close(self) -> None:
        """End what has been started, and remove what it left."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
