"""The helper module of the problem set: models, noise, pictures, checks.

import pset

model = pset.load_model()                 # the pocket model; a DeepFloyd IF id works as well
x_t = pset.noise((1, 3, 64, 64))          # seed 180, the same on every machine
prompt_embeds = model.prompt_embeds("a high quality photo")
output = model.unet(x_t, 990, encoder_hidden_states=prompt_embeds, return_dict=False)[0]
"""

from pset.checks.notebook import check
from pset.closed_form import ClosedFormModel
from pset.images import read_image, resize, save_image, photo, photo_names, to_pil
from pset.model import load_model
from pset.seeded_noise import SEED, noise, step_noise
from pset.figures import film_strip, publish, rows, show

__all__ = [
    "SEED",
    "ClosedFormModel",
    "check",
    "film_strip",
    "load_model",
    "noise",
    "publish",
    "read_image",
    "resize",
    "rows",
    "save_image",
    "show",
    "step_noise",
    "photo",
    "photo_names",
    "to_pil",
]

__version__ = "0.1.0"
