"""The guided estimate, against two runs of the same network and the formula written out."""

import pytest
import torch

import pset

PROMPT, NULL = [0.3, -0.2, 0.1, 0.4, 0.0, -0.3, 0.2, 0.1, 0.0], [-0.1] * 9


class World(pset.ClosedFormModel):
    """A closed form whose prompts are texts."""

    def prompt_embeds(self, prompt):
        texts = [prompt] if isinstance(prompt, str) else prompt
        means = {"": NULL, "this": PROMPT, "that": PROMPT[::-1]}
        return torch.cat([super(World, self).prompt_embeds([means[text]]) for text in texts])


@pytest.mark.parametrize("scale", [0.0, 1.0, 7.0])
def test_formula(scale):
    model, x_t = World(), pset.noise((2, 3, 8, 12))
    u, c = (model.unet(x_t, 400, model.prompt_embeds(text))[0] for text in ("", "this"))
    noise, variance = pset.guided(model, "this", scale)(x_t, 400)
    torch.testing.assert_close(noise, u[:, :3] + scale * (c[:, :3] - u[:, :3]))
    torch.testing.assert_close(variance, c[:, 3:])


def test_a_prompt_for_each_image():
    model, x_t = World(), pset.noise((2, 3, 8, 12))
    noise, variance = pset.guided(model, ["this", "that"])(x_t, 400)
    for k, prompt in enumerate(["this", "that"]):
        alone = pset.guided(model, prompt)(x_t[k : k + 1], 400)
        torch.testing.assert_close((noise[k : k + 1], variance[k : k + 1]), alone)
