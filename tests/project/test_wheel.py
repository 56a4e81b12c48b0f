"""What students install: everything they need, and nothing from `solutions/`."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import pset

print(pset.__file__)
model = pset.load_model()
embeds = model.prompt_embeds("a high quality photo")
x = pset.noise((1, 3, 64, 64))
assert model.unet(x, 990, encoder_hidden_states=embeds, return_dict=False)[0].shape[1] == 6


def forward(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t] ** 0.5 * im + (1 - alphas_cumprod[t]) ** 0.5 * noise


assert pset.check("1.1") == 10
"""


@pytest.fixture(scope="module")
def wheel(wheel_path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(wheel_path)


def names(wheel: zipfile.ZipFile) -> set[str]:
    return set(wheel.namelist())


def test_it_carries_what_students_need(wheel):
    assert {
        "pset/__init__.py",
        "pset/py.typed",
        "pset/checks/notebook.py",
        "pset/play/board.js",
        "pset/play/player.js",
        "pset/_assets/course.toml",
        "pset/_assets/images/cat.png",
        "pset/_assets/references/1.1.safetensors",
        "pset/_assets/references/manifest.json",
        "pset/_assets/small/pictures.npz",
        "pset/_assets/pocket-if/stage-1/model_index.json",
        "pset/_assets/pocket-if/stage-2/model_index.json",
        "pset/_assets/pocket-if/README.md",
    } <= names(wheel)
    assert any(n.endswith("unet/diffusion_pytorch_model.safetensors") for n in names(wheel))


def test_it_carries_nothing_else(wheel):
    tops = {name.split("/")[0] for name in names(wheel)}
    assert tops == {"pset", next(t for t in tops if t.endswith(".dist-info"))}
    text = b"".join(wheel.read(n) for n in names(wheel) if n.endswith((".py", ".toml", ".json")))
    for word in (b"BEGIN SOLUTION", b"BEGIN HIDDEN", b"solutions.mistakes"):
        assert word not in text


def test_it_runs_where_only_it_is_installed(wheel, tmp_path):
    """Unpacked, away from the checkout: the model loads, and a check judges."""
    wheel.extractall(tmp_path)
    script = tmp_path / "try_it.py"
    script.write_text(SCRIPT)
    run = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert str(tmp_path) in run.stdout
    assert "right" in run.stdout
