"""Notebooks as people really write them, graded where there is no Colab, no GPU and nobody to ask.

Each is a notebook whose function `f` is right; what doesn't concern it must not cost it.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch

from autograder.sandbox.launcher import Launcher
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.session import Session
from pset.checks.calling import Outcome
from pset.checks.definition import Case

F = "def f(x):\n    return x + 1"


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with Launcher(Limits(notebook_seconds=10, call_seconds=5, grace_seconds=1)) as launcher:
        yield launcher


@dataclass
class Graded:
    """What came of `f`, and what is said of the cells."""

    outcome: Outcome
    notes: list[str]
    absent: list[str]


def grade(launcher: Launcher, *cells: str, everything: bool = False) -> Graded:
    with Session(launcher, cells, ["f"], everything) as session:
        outcome = session.call("f", Case("", {"x": torch.ones(2)}), 5)
        assert session.is_ready
        return Graded(outcome, session.notes, session.absent)


def assert_right(graded: Graded) -> None:
    assert graded.outcome.status == "returned", (graded.outcome, graded.notes)
    assert torch.equal(graded.outcome.value, torch.full((2,), 2.0))


HARMLESS = {
    "colab's restart": f"import os\nos.kill(os.getpid(), 9)\n{F}",
    "restart by the kernel": f"get_ipython().kernel.do_shutdown(True)\n{F}",
    "restart by IPython": f"import IPython\nIPython.get_ipython().kernel.do_shutdown(True)\n{F}",
    "restart by the application": (
        f"import IPython\nIPython.Application.instance().kernel.do_shutdown(True)\n{F}"
    ),
    "os._exit": f"import os\nos._exit(0)\n{F}",
    "os.abort": f"import os\nos.abort()\n{F}",
    "raise_signal": f"import signal\nsignal.raise_signal(signal.SIGKILL)\n{F}",
    "exit": f"exit()\n{F}",
    "quit": f"quit(1)\n{F}",
    "sys.exit": f"import sys\nif True:\n    sys.exit('no GPU')\n{F}",
    "a restart in a function": f"import os\ndef go():\n    os.kill(os.getpid(), 9)\ngo()\n{F}",
    "mounting a drive": f"from google.colab import drive\ndrive.mount('/content/drive')\n{F}",
    "uploading": f"from google.colab import files\nup = files.upload()\nup['cat.png']\n{F}",
    "google.colab as a whole": f"import google.colab\ngoogle.colab.drive.mount('/x')\n{F}",
    "asking whether it is Colab": (
        "import sys\nIN_COLAB = 'google.colab' in sys.modules\n"
        f"if IN_COLAB:\n    from google.colab import drive\n{F}"
    ),
    "trying whether it is Colab": (
        "try:\n    import google.colab\n    IN_COLAB = True\nexcept ImportError:\n"
        f"    IN_COLAB = False\nassert not IN_COLAB\n{F}"
    ),
    "a folder of Colab's": f"import os\nos.chdir('/content/drive/MyDrive')\n{F}",
    "magics": f"%pip install -q einops\n!nvidia-smi\n%matplotlib inline\n%load_ext autoreload\n{F}",
    "a shell's answer": f"files = !ls\nfor name in files:\n    print(name)\n{F}",
    "IPython's own get_ipython": (
        f"from IPython import get_ipython\nget_ipython().run_line_magic('time', '1')\n{F}"
    ),
    "input": f"name = input('Your name? ')\n{F}",
    "plots": f"import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n{F}",
    "display": f"from IPython.display import display, HTML\ndisplay(HTML('x'))\n{F}",
    "await": f"import asyncio\nawait asyncio.sleep(0)\n{F}",
    "await for longer": f"import asyncio\nawait asyncio.sleep(1)\n{F}",
    "main": f"{F}\nif __name__ == '__main__':\n    f(None)",
    "hints without their import": (
        "def f(x: Tensor, y: Optional[np.ndarray] = None) -> jaxtyping.Float[Tensor, 'b']:\n"
        "    return x + 1"
    ),
    "hinted variables": f"size: Final = 3\n{F}",
    "hints switched to text": f"from __future__ import annotations\n{F}",
    "a login": f"from huggingface_hub import notebook_login, login\nlogin(token='hf_x')\n{F}",
    "an error in the same cell": f"1 / 0\n{F}",
    "a GPU for everything": (
        "import torch\ntorch.set_default_device('cuda')\n"
        "def f(x):\n    return x + torch.ones(2) * torch.tensor(1.0)"
    ),
    "a GPU by name": "def f(x):\n    return (x.to('cuda') + 1).cpu()",
    "a GPU by device": (
        "import torch\ndevice = torch.device('cuda:0')\none = torch.ones(2, device=device)\n"
        "def f(x):\n    return x.cuda() + one"
    ),
    "a GPU for a network": (
        "import torch\nnet = torch.nn.Linear(2, 2, bias=False).to('cuda').cuda()\n"
        "def f(x):\n    return x + (net(x.cuda()) * 0 + 1).detach()"
    ),
    "a GPU where there is one": (
        "import torch\ndevice = 'cuda' if torch.cuda.is_available() else 'cpu'\n"
        "def f(x):\n    return x.to(device) + 1"
    ),
    "a GPU's name": f"import torch\nprint(torch.cuda.get_device_name(0))\n{F}",
    "a GPU's model": f"import pset\nmodel = pset.load_model(device='cuda')\n{F}",
}


@pytest.mark.parametrize("everything", [False, True], ids=["needed", "everything"])
@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_not_concern_the_function_does_not_cost_it(
    launcher: Launcher, name: str, everything: bool
) -> None:
    assert_right(grade(launcher, HARMLESS[name], everything=everything))


RESTARTS = [name for name, cell in HARMLESS.items() if "exit" in name or "restart" in name]


@pytest.mark.parametrize("name", RESTARTS)
def test_a_restart_is_not_worth_a_word(launcher: Launcher, name: str) -> None:
    assert grade(launcher, HARMLESS[name], everything=True).notes == []


@pytest.mark.parametrize(
    "leave",
    [
        "os._exit(0)",
        "os.abort()",
        "os.kill(os.getpid(), 9)",
        "os.killpg(0, 15)",
        "signal.raise_signal(9)",
        "sys.exit()",
        "exit()",
        "quit()",
    ],
)
def test_a_call_that_leaves_ends_with_a_sentence_and_the_process_lives_on(
    launcher: Launcher, leave: str
) -> None:
    cell = (
        f"import os, signal, sys\ndef f(x):\n    if not x.any():\n        {leave}\n    return x + 1"
    )
    with Session(launcher, [cell], ["f"], everything=False) as session:
        left = session.call("f", Case("", {"x": torch.zeros(2)}), 5)
        assert left.status == "raised"
        assert "asks Python to exit" in left.error
        assert leave in left.error
        assert session.over is None
        assert session.call("f", Case("", {"x": torch.ones(2)}), 5).status == "returned"


def test_signals_to_others_go_where_they_went_before() -> None:
    from autograder.sandbox.leaving import no_way_out

    with no_way_out():
        os.kill(os.getpid(), 0)
        with pytest.raises(ProcessLookupError):
            os.kill(2**22 + 1, 9)
    assert os.kill.__module__ == "posix"


IMPORTS = {
    "two in a line": "import pandas_of_another_name as pd, torch",
    "two lines": "import pandas_of_another_name as pd\nimport torch",
    "two names": "from pandas_of_another_name import a, b\nimport torch",
    "a part with another name": "import pandas_of_another_name.a as pd, torch",
    "a part": "import torch, torch.nothing_of_this_name",
    "all names": "from pandas_of_another_name import *\nimport torch",
    "in an if": "if True:\n    import pandas_of_another_name\nimport torch",
    "tried": "try:\n    import pandas_of_another_name as pd\nexcept ImportError:\n    pd = None\n"
    "import torch\nassert pd is None",
}


@pytest.mark.parametrize("everything", [False, True], ids=["needed", "everything"])
@pytest.mark.parametrize("imports", IMPORTS)
def test_an_import_that_fails_costs_only_what_needs_it(
    launcher: Launcher, imports: str, everything: bool
) -> None:
    cell = f"{IMPORTS[imports]}\ndef f(x):\n    return torch.add(x, 1)"
    assert_right(grade(launcher, cell, everything=everything))


NEEDED = {
    "a module": "import missing_here\ndef f(x):\n    return missing_here.blur(x)",
    "a part": "import missing_here.parts as parts\ndef f(x):\n    return parts.blur(x)",
    "a name": "from missing_here import blur\ndef f(x):\n    return blur(x)",
    "inside": "def f(x):\n    import missing_here\n    return x",
    "a decorator": "import missing_here\n@missing_here.compile\ndef f(x):\n    return x",
    "a base": ("from missing_here import Module\nclass Net(Module):\n    pass\nf = Net()\n"),
    "through a helper": (
        "import missing_here as m\ndef g(x):\n    return m.blur(x)\ndef f(x):\n    return g(x)"
    ),
}


@pytest.mark.parametrize("way", NEEDED)
def test_a_function_that_needs_what_is_absent_says_so(launcher: Launcher, way: str) -> None:
    for everything in (False, True):
        graded = grade(launcher, NEEDED[way], everything=everything)
        assert graded.outcome.status == "raised", graded
        assert graded.outcome.absent == "missing_here", graded
        assert "No module named 'missing_here'" in graded.outcome.error
        assert "sandbox" not in graded.outcome.error
        assert way == "inside" or graded.absent == ["missing_here"]


def test_a_name_that_a_library_lacks_is_no_absent_library(launcher: Launcher) -> None:
    graded = grade(launcher, "from torch import nothing\ndef f(x):\n    return nothing(x)")
    assert "cannot import name 'nothing' from 'torch'" in graded.outcome.error
    assert (graded.outcome.absent, graded.absent) == ("", [])


def test_a_function_whose_definition_failed_says_why(launcher: Launcher) -> None:
    graded = grade(launcher, "def f(x, size=undefined_size):\n    return x")
    assert graded.outcome.status == "raised"
    assert "f was never defined: code cell 1 stopped with NameError" in graded.outcome.error


BROKEN = {
    "alone": ["def f(x):\n    return (x + 1"],
    "a merge": ["<<<<<<< HEAD\ndef f(x):\n    return x + 1\n=======\n"],
    "beside others": ["y = 1", "def g(x):\n    return x\ndef f(x:\n    return x"],
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_syntax_error_is_named_at_its_function(launcher: Launcher, case: str) -> None:
    for everything in (False, True):
        graded = grade(launcher, *BROKEN[case], everything=everything)
        assert graded.outcome.status == "raised"
        cell = f"f was never defined: code cell {len(BROKEN[case])} is not valid Python ("
        assert cell in graded.outcome.error


@pytest.mark.parametrize("cells", [[F, "def f(x:"], ["def f(x:", F], ["def other(x:", F]])
def test_a_syntax_error_costs_nothing_where_the_function_is_there(
    launcher: Launcher, cells: list[str]
) -> None:
    for everything in (False, True):
        assert_right(grade(launcher, *cells, everything=everything))


@pytest.mark.parametrize(
    "library", ["scipy.ndimage", "scipy.linalg", "skimage.filters", "matplotlib.pyplot", "PIL"]
)
def test_libraries_work_in_isolation(launcher: Launcher, library: str) -> None:
    assert_right(grade(launcher, f"import {library} as library\n{F}\nlibrary.__name__"))
