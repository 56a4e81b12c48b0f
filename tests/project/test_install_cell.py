"""The install cell of a released notebook, run as in Colab: everything is there but the package.

An empty virtual environment sees the packages of this one, the course's own left out, the way a
Colab machine has torch and the rest. pip may fetch nothing.
"""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from autograder.course.origin import requirement
from autograder.course.release import NOTEBOOKS
from pset.course import course_file, read_course

pytestmark = pytest.mark.slow

SOLVED = """
def forward(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t] ** 0.5 * im + (1 - alphas_cumprod[t]) ** 0.5 * noise
"""
LOOK = "import pset, sys, torch; print(pset.__file__, torch.__file__, sys.prefix, sep='\\n')"


def everything_but_the_course(folder: Path) -> Path:
    """A folder with a link to each installed package."""
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        ours = entry.name.lower().startswith(("pocket_diffusion_pset", "pset"))
        if not ours and entry.suffix != ".pth" and entry.name != "__pycache__":
            (folder / entry.name).symlink_to(entry)
    return folder


class Colab:
    """An environment of its own, a kernel in it, and a working directory with nothing in it."""

    def __init__(self, folder: Path) -> None:
        self.packages = everything_but_the_course(folder / "already-there")
        self.prefix = folder / "env"
        venv.create(self.prefix, symlinks=True)
        self.python = self.prefix / "bin" / "python"
        paths = {"base": self.prefix, "platbase": self.prefix}
        self.site = Path(sysconfig.get_path("purelib", "venv", paths))
        (self.site / "colab.pth").write_text(f"{self.packages}\n")
        self.home = folder / "content"
        self.home.mkdir()
        kernel = folder / "jupyter" / "kernels" / "colab"
        kernel.mkdir(parents=True)
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Colab"}))
        os.environ["JUPYTER_PATH"] = str(folder / "jupyter")
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("PSET_", "PYTHON"))}
        self.environment = keep | {"PIP_NO_INDEX": "1", "IPYTHONDIR": str(folder / "ipython")}

    def installed(self) -> dict[str, str]:
        """Package → version, as pip in the environment sees them."""
        command = [self.python, "-m", "pip", "list", "--format", "json"]
        run = subprocess.run(command, env=self.environment, check=True, capture_output=True)
        return {entry["name"]: entry["version"] for entry in json.loads(run.stdout)}

    def run(self, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Run a notebook to its end."""
        client = NotebookClient(
            notebook,
            kernel_name="colab",
            timeout=300,
            resources={"metadata": {"path": str(self.home)}},
        )
        return client.execute(env=self.environment)


@pytest.fixture
def colab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Colab:
    monkeypatch.setenv("JUPYTER_PATH", "")  # put back afterwards
    return Colab(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="a Colab machine runs Linux")
def test_the_install_cell_brings_the_package_and_leaves_torch_alone(
    colab: Colab, wheel_path: Path
) -> None:
    notebook = nbformat.read(NOTEBOOKS / "01_denoising.ipynb", as_version=4)
    tagged = {tag: c for c in notebook.cells for tag in c.metadata.get("tags", ()) if tag != "1.1"}
    (check,) = (c for c in notebook.cells if c.metadata.get("tags") == ["check", "1.1"])
    install = tagged["install"]
    course = read_course(course_file())["course"]
    origin = requirement(course)
    assert install.source.count(origin) == 1
    # The address is the one thing that is not there yet; the wheel is what pip builds from it.
    install.source = install.source.replace(origin, str(wheel_path))
    again = new_code_cell(install.source)
    solved, look = new_code_cell(SOLVED), new_code_cell(LOOK)
    before = colab.installed()
    assert "torch" in before
    assert "pocket-diffusion-pset" not in before

    notebook.cells = [install, tagged["setup"], solved, check, look, again]
    done = colab.run(notebook)

    after = colab.installed()
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"pocket-diffusion-pset"}
    said = "".join(str(output) for output in done.cells[3].outputs)
    assert "right, 10 of 10 points" in said
    where = done.cells[4].outputs[0].text.splitlines()
    assert where[0] == str(colab.site / "pset" / "__init__.py")
    assert where[1] == str(colab.packages / "torch" / "__init__.py")
    assert where[2] == str(colab.prefix)
    assert done.cells[5].outputs == [], "a second run has nothing to do"
