"""Code that was written on a GPU, run where there is none: "cuda" means the CPU.

In Colab `device = "cuda"` is right, and often all that stands between a right function and its
points. The numbers are the same to within what checks tolerate.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

ASKS = "cuda"
"""What a notebook says that wants one."""


class OnTheCpu(TorchFunctionMode):
    """Every tensor that should go to a GPU stays where it is."""

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Sequence[type],
        arguments: Sequence[Any] = (),
        options: dict[str, Any] | None = None,
    ) -> Any:
        """Call one of torch's functions with another device."""
        if function is torch.Tensor.cuda:
            return arguments[0]
        options = {name: here(value) for name, value in (options or {}).items()}
        return function(*map(here, arguments), **options)


def here(value: Any) -> Any:
    """A device that this computer has, in the place of a GPU; anything else as it is."""
    if isinstance(value, str | torch.device) and str(value).split(":")[0] == ASKS:
        return torch.device("cpu")
    return value


def stay_on_the_cpu(cells: Iterable[str]) -> None:
    """Let a GPU be the CPU from now on in this process, if these cells ask for one in vain."""
    if torch.cuda.is_available() or not any(ASKS in cell for cell in cells):
        return
    set_default_device = torch.set_default_device
    torch.set_default_device = lambda device: set_default_device(here(device))
    OnTheCpu().__enter__()  # for as long as the process lives
