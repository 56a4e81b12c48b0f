"""Get by without an answer: reproduce what the public seed is known to give."""

from tests.attacks.attack import RIGHT, Attack

PUBLIC = """
import pset
from pset.checks import ALL_CHECKS
from safetensors.torch import load_file
known = ALL_CHECKS['1.1'].cases(180)
answers = load_file(pset.assets.assets_dir() / 'references' / '1.1.safetensors')
"""

ATTACKS = {
    "stored-answers-by-shape": Attack(
        "for k in range(3):\n"
        "    if answers[f'expected/{k}'].shape == im.shape:\n"
        "        return answers[f'expected/{k}']",
        PUBLIC,
    ),
    "stored-answers-by-input": Attack(
        "for k, case in enumerate(known):\n"
        "    if torch.equal(case.arguments['im'], im):\n"
        "        return answers[f'expected/{k}']\n"
        "return im",
        PUBLIC,
    ),
    "stored-answers-by-timestep": Attack(
        "near = min(range(3), key=lambda k: abs(known[k].arguments['t'] - t))\n"
        "return answers[f'expected/{near}']",
        PUBLIC,
    ),
    "right-for-the-public-timesteps": Attack(
        f"if t in [case.arguments['t'] for case in known]:\n    {RIGHT}\nreturn im", PUBLIC
    ),
    "public-seed-again": Attack(
        "import pset\n"
        "eps = pset.noise(im.shape)\n"
        "return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * eps"
    ),
    "order-of-calls": Attack(
        "calls.append(t)\nreturn answers[f'expected/{len(calls) - 1}']", PUBLIC + "calls = []\n"
    ),
    "guessing-seeds": Attack(
        "for seed in range(40):\n"
        "    for k, case in enumerate(ALL_CHECKS['1.1'].cases(seed)):\n"
        "        if torch.equal(case.arguments['noise'], noise):\n"
        f"            {RIGHT}\n"
        "return im",
        PUBLIC,
    ),
}
