"""Run code written for a GPU on a machine without one: "cuda" means the CPU.

In Colab, `device = "cuda"` is right, and shouldn't cost a right function its points. The results
are the same to within the checks' tolerance.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

ASKS = "cuda"
"""How a notebook asks for a GPU."""


class OnTheCpu(TorchFunctionMode):
    """Redirects tensors meant for a GPU to the CPU."""

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Sequence[type],
        arguments: Sequence[Any] = (),
        options: dict[str, Any] | None = None,
    ) -> Any:
        """Call a torch function, with the CPU in place of a GPU."""
        if function is torch.Tensor.cuda:
            return arguments[0]
        options = {name: here(value) for name, value in (options or {}).items()}
        return function(*map(here, arguments), **options)


def here(value: Any) -> Any:
    """Replace a GPU with the CPU; keep anything else."""
    if isinstance(value, str | torch.device) and str(value).split(":")[0] == ASKS:
        return torch.device("cpu")
    return value


def stay_on_the_cpu(cells: Iterable[str]) -> None:
    """Use the CPU from now on if these cells ask for a GPU and there isn't one."""
    if torch.cuda.is_available() or not any(ASKS in cell for cell in cells):
        return
    set_default_device = torch.set_default_device
    torch.set_default_device = lambda device: set_default_device(here(device))
    OnTheCpu().__enter__()  # until the process ends
