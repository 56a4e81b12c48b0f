"""Seeded noise, images in and out, figures."""

import numpy as np
import pytest
import torch
from PIL import Image

import pset
from pset.figures import save_figure
from pset.images import from_pil


def test_noise_comes_from_the_seed_alone():
    state = torch.get_rng_state()
    first = pset.noise((2, 3, 8, 8))
    torch.randn(5)
    assert pset.noise((2, 3, 8, 8)).equal(first)
    assert not pset.noise((2, 3, 8, 8), seed=181).equal(first)
    torch.set_rng_state(state)
    pset.noise((3,))
    assert torch.get_rng_state().equal(state)


def test_noise_is_standard_normal():
    eps = pset.noise((100, 3, 32, 32))
    assert abs(float(eps.mean())) < 0.01
    assert abs(float(eps.std()) - 1) < 0.01


def test_step_noise_does_not_depend_on_the_order_of_draws():
    forwards = {t: pset.step_noise((1, 3, 8, 8), t) for t in (960, 930, 900)}
    backwards = {t: pset.step_noise((1, 3, 8, 8), t) for t in (900, 930, 960)}
    assert all(forwards[t].equal(backwards[t]) for t in forwards)


def test_step_noise_differs_between_timesteps_and_seeds():
    draws = [pset.step_noise((4,), t, seed) for t in range(0, 1000, 30) for seed in (180, 181)]
    draws.append(pset.noise((4,)))
    assert len({tuple(d.tolist()) for d in draws}) == len(draws)


def test_an_image_survives_the_way_out_and_in(tmp_path):
    image = pset.photo("cat")
    path = pset.save_image(image, tmp_path / "new folder" / "cat.png")
    assert pset.read_image(path, size=None).equal(image_in_256_steps(image))


def image_in_256_steps(image):
    return ((image + 1) * 127.5).round() / 127.5 - 1


def test_reading_crops_the_centre_and_resizes(tmp_path):
    pixels = np.zeros((40, 100, 3), dtype=np.uint8)
    pixels[:, 30:70] = 255
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    image = pset.read_image(tmp_path / "wide.png", size=20)
    assert image.shape == (1, 3, 20, 20)
    assert float(image.min()) > 0.99


def test_transparency_becomes_white():
    assert float(from_pil(Image.new("RGBA", (4, 4), (0, 0, 0, 0))).min()) == 1


def test_a_wrong_path_names_the_closest(tmp_path):
    (tmp_path / "castle.png").touch()
    with pytest.raises(FileNotFoundError, match=r"Did you mean castle\.png"):
        pset.read_image(tmp_path / "castel.png")


def test_a_file_that_is_no_picture(tmp_path):
    (tmp_path / "notes.png").write_text("not a picture")
    with pytest.raises(ValueError, match="can't be read as a picture"):
        pset.read_image(tmp_path / "notes.png")


def test_an_unknown_photo_names_those_there_are():
    with pytest.raises(
        ValueError, match=r"Did you mean 'coffee'\? The photographs are astronaut, cat"
    ):
        pset.photo("cofee")


def test_a_batch_is_not_one_picture():
    with pytest.raises(ValueError, match="one by one"):
        pset.to_pil(torch.zeros(2, 3, 4, 4))


def test_figures_are_the_same_bytes_each_time(tmp_path):
    def draw(name):
        images = torch.rand(9, 3, 8, 8, generator=torch.Generator().manual_seed(1))
        figure = pset.show(images, [f"t = {k}" for k in range(9)])
        return save_figure(figure, tmp_path / name).read_bytes()

    assert draw("a.png") == draw("b.png")


def test_figures_are_saved_where_asked(tmp_path, monkeypatch):
    pset.show(pset.photo("cat"), ["a cat"], name="cat")
    assert not list(tmp_path.iterdir())
    monkeypatch.setenv("PSET_FIGURES", str(tmp_path))
    pset.show(pset.photo("cat"), ["a cat"], name="cat")
    assert [p.name for p in tmp_path.iterdir()] == ["cat.png"]


def test_a_figure_shows_itself_in_a_notebook():
    assert pset.show(pset.photo("cat"))._repr_png_().startswith(b"\x89PNG")


def test_rows_put_each_image_in_its_place():
    red = torch.tensor([1.0, -1, -1])[:, None, None].expand(3, 8, 8)
    figure = pset.rows([[red, -red], [-red]], row_titles=["one", "two"])
    axes = figure.axes
    shown = [axis.images[0].get_array()[0, 0].tolist() if axis.images else None for axis in axes]
    assert shown == [[255, 0, 0], [0, 255, 255], [0, 255, 255], None]
