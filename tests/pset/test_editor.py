"""The pocket model's editor: it's what was trained, and the notebook guides it as the paper."""

import pytest
import torch

import pset
from autograder.course.solution import read_solutions
from pset.assets import assets_dir
from pset.thresholding import thresholded
from training.commands.app import average
from training.judging import editing
from training.method import editor as method

CLOSE = {"atol": 2e-4, "rtol": 1e-3}  # float32 in another memory layout


@pytest.fixture(scope="module")
def editor():
    return pset.load_editor("cpu")


@torch.inference_mode()
def test_it_is_the_trained_network_on_its_own_stage_1(editor):
    folder = assets_dir() / "pocket-if"
    stage_1 = average(None, folder / "stage-1")
    nets = method.load(stage_1, folder / "editor" / "editor.safetensors")
    x = pset.noise((2, 6, 32, 32))
    embeds = editor.prompt_embeds(["make it a cat", "add a hat"])
    theirs = nets["unet"](x, 500, encoder_hidden_states=embeds).sample
    torch.testing.assert_close(editor.unet(x, 500, embeds).sample, theirs, **CLOSE)
    changed = stage_1["unet"](x[:, :3], 500, encoder_hidden_states=embeds).sample - theirs
    assert changed.abs().mean() > 0.01, "it isn't stage I any longer"


def instructed(*arguments):
    """The notebook's own function; it's in a cell that students don't write."""
    cells = read_solutions()["15_prompt_to_prompt"].source.cells
    text = next(cell.text for cell in cells if "def instructed" in cell.text)
    namespace = {"torch": torch, "pset": pset}
    exec(text[: text.index("# Put your own picture")], namespace)
    return namespace["instructed"](*arguments)


@torch.inference_mode()
def test_the_notebook_guides_it_by_the_papers_equation(editor):
    pictures, x_t = pset.noise((2, 3, 32, 32), 1).clamp(-1, 1), pset.noise((2, 3, 32, 32), 2)
    said = ["make it a cat", "add a hat"]
    ours = instructed(editor, pictures, said, 1.3, 4.0)(x_t, 700)
    theirs = thresholded(editor, editing.guided(editor, pictures, said, 1.3, 4.0))(x_t, 700)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, **CLOSE)


@torch.inference_mode()
def test_a_picture_and_an_instruction_both_count(editor):
    x_t, embeds = pset.noise((1, 3, 64, 64), 3), editor.prompt_embeds("make it at night")
    robot, horse = (pset.editor.GAIN * pset.scene(name) for name in ("robot", "horse"))
    told = [editor.unet(torch.cat([x_t, x], 1), 600, embeds).sample for x in (robot, horse)]
    untold = editor.unet(torch.cat([x_t, robot], 1), 600, editor.prompt_embeds("")).sample
    assert (told[0] - told[1]).abs().mean() > 0.02
    assert (told[0] - untold).abs().mean() > 0.005


def test_an_unknown_word_is_named(editor):
    with pytest.raises(pset.UnknownWordError, match="blorp"):
        editor.prompt_embeds("turn it into a blorp")


def test_loading_leaves_no_trace(capfd):
    before = torch.random.get_rng_state()
    pset.load_editor("cpu")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_gpu_asked_for_and_not_there():
    with pytest.raises(pset.ModelUnavailable, match="cuda"):
        pset.load_editor("cuda")
