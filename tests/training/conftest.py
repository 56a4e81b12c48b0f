"""What the tests of training share: something in place of artwork."""

import pytest
from PIL import Image, ImageDraw

from training.data import layers, textures


@pytest.fixture
def artwork(monkeypatch):
    """A disc and a square in place of artwork and photographs, which the tests do not install."""
    image = Image.new("RGBA", (256, 256))
    pen = ImageDraw.Draw(image)
    pen.ellipse((20, 20, 236, 236), fill=(200, 60, 40, 255))
    pen.rectangle((90, 90, 160, 200), fill=(250, 240, 220, 255))
    drawn = (layers.Drawing(image), layers.Drawing(image.rotate(90), flat=True))
    monkeypatch.setattr(layers, "hands", lambda emoji, root: drawn)
    view = Image.effect_noise((300, 260), 60).convert("RGB")
    monkeypatch.setattr(textures, "photograph", lambda name, root: view)
