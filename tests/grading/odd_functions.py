"""Functions that students write, or might: what happens to each in the place of exercise 1.1."""

from dataclasses import dataclass

HEAD = "def forward(im, t, alphas_cumprod, noise):\n"


@dataclass(frozen=True)
class Odd:
    """One function.

    Args:
        source: of its cell.
        status: of its verdict; "right" earns the points.
        says: words that the message holds.
    """

    source: str
    status: str = "failed"
    says: str = ""


def body(lines: str, before: str = "") -> str:
    """A cell with `forward` of this body."""
    indented = "".join(f"    {line}\n" for line in lines.strip().splitlines())
    return before + HEAD + indented


ODD = {
    "endless-loop": Odd(body("while True:\n    pass"), says="hadn't finished"),
    "swallows-interrupts": Odd(
        body(
            "while True:\n    try:\n        while True:\n            pass\n"
            "    except BaseException:\n        pass"
        ),
        says="hadn't finished",
    ),
    "endless-print": Odd(
        body("while True:\n    print('noise' * 100)"), says="printed more than 1 MB"
    ),
    "exit": Odd(body("exit()"), says="SystemExit"),
    "hard-exit": Odd(body("import os\nos._exit(0)"), says="asks Python to exit"),
    "crash": Odd(body("import ctypes\nctypes.string_at(0)"), says="crashed"),
    "borrowed": Odd(
        body("return noised(im, t, noise)", "from pset.checks.inputs import noised\n\n\n"),
        "borrowed",
        "does this exercise for you",
    ),
    "exception": Odd(body("return im + undefined_thing"), says="undefined_thing"),
    "nan": Odd(body("return im * float('nan')"), says="NaN"),
    "wrong-shape": Odd(body("return im[:, :1]"), says="shape"),
    "none": Odd(body("im * 1"), says="None"),
    "text": Odd(body("return 'image'"), says="str"),
    "missing": Odd("pass\n", "missing", "no function `forward`"),
    "renamed": Odd("def my_forward(*arguments):\n    return 1\n", "missing", "renamed"),
    "not-a-function": Odd("forward = 3\n", says="not a function"),
    "huge": Odd(
        body("import torch\nreturn torch.zeros(1, 3, 4000, 4000)"), says="too large for an answer"
    ),
    "html-in-error": Odd(
        body("raise ValueError('<script>alert(1)</script>\\x1b[2J')"), says="ValueError: <script>"
    ),
    "writes-everywhere": Odd(
        body(
            "import os\n"
            "for d in range(3, 60):\n"
            "    try:\n"
            "        os.write(d, b'pset' + b'\\xff' * 500)\n"
            "    except OSError:\n"
            "        pass\n"
            "return im"
        ),
        says="Its process sent",
    ),
    "lying-tensor": Odd(
        body(
            "return Equal(im)",
            "import torch\n\n\nclass Equal(torch.Tensor):\n"
            "    @classmethod\n"
            "    def __torch_function__(cls, function, types, args=(), kwargs=None):\n"
            "        return torch.tensor(True)\n\n\n",
        ),
    ),
    "patched-comparison": Odd(
        body(
            "torch.allclose = lambda *a, **k: True\n"
            "torch.Tensor.__sub__ = lambda a, b: a * 0\n"
            "return im",
            "import torch\n\n\n",
        ),
        "wrong",
    ),
    "public-answers": Odd(
        body(
            "answers = load_file(pset.assets.assets_dir() / 'references' / '1.1.safetensors')\n"
            "for k in range(3):\n"
            "    if answers[f'expected/{k}'].shape == im.shape:\n"
            "        return answers[f'expected/{k}']",
            "import pset\nfrom safetensors.torch import load_file\n\n\n",
        ),
        "wrong",
    ),
    "numpy": Odd(
        body(
            "a = np.float64(alphas_cumprod[t])\n"
            "return np.sqrt(a) * im.numpy() + np.sqrt(1 - a) * noise.numpy()",
            "import numpy as np\n\n\n",
        ),
        "right",
    ),
    "other-names": Odd(
        "def forward(clean, step, bars, eps):\n"
        "    kept = bars[step]\n"
        "    return kept**0.5 * clean + eps * (1 - kept) ** 0.5\n",
        "right",
    ),
    "helpers-in-the-cell": Odd(
        "weights = []\n"
        "weights.append(lambda a: a.sqrt())\n"
        "weights.append(lambda a: (1 - a).sqrt())\n\n\n"
        "def forward(im, t, alphas_cumprod, noise):\n"
        "    signal, spread = (w(alphas_cumprod[t]) for w in weights)\n"
        "    return signal * im + spread * noise\n",
        "right",
    ),
    "changes-its-input": Odd(
        body(
            "a = alphas_cumprod[t].clone()\n"
            "im *= a.sqrt()\nim += (1 - a).sqrt() * noise\nalphas_cumprod *= 0\nreturn im"
        ),
        "wrong",
        says="changes `im` and `alphas_cumprod` in place",
    ),
}
