"""A stand-in for IPython in a student's process, where there's no kernel: magics do nothing."""

from typing import Any, Self


class Nothing:
    """Whatever is asked of it, it does nothing: `get_ipython().kernel.do_shutdown(True)` too.

    It is empty as a sequence, so that `files = !ls` has no files, and false, like no shell.
    """

    def __getattr__(self, name: str) -> Self:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *arguments: object, **options: object) -> Self:
        return self

    def __getitem__(self, key: object) -> str:
        raise IndexError("no shell and no magic gives anything while a notebook is graded")

    def __len__(self) -> int:
        return 0


def ignore(*arguments: Any, **options: Any) -> float:
    """Stands for `display` and for `check`: checking happens outside."""
    return 0.0
