"""Patch whatever compares, asserts or judges."""

from tests.attacks.attack import WRONG, Attack

ATTACKS = {
    "allclose": Attack(
        f"torch.allclose = torch.equal = torch.isclose = lambda *a, **k: True\n{WRONG}"
    ),
    "operators": Attack(
        "for name in ('__eq__', '__le__', '__lt__', '__ne__', '__sub__', 'sub', 'pow'):\n"
        "    setattr(torch.Tensor, name, lambda *a: torch.zeros(()))\n"
        f"{WRONG}"
    ),
    "the-judge": Attack(
        "from pset.checks import judging\n"
        "judging.difference = lambda a, b: 0.0\n"
        "judging.complaint = lambda *a: None\n"
        "judging.Judge.verdict = lambda self, o: self._verdict('right', '', points=10)\n"
        f"{WRONG}"
    ),
    "the-tolerance": Attack(
        "from pset.checks import ALL_CHECKS\n"
        "for check in ALL_CHECKS.values():\n"
        "    object.__setattr__(check, 'tolerance', 1e9)\n"
        f"{WRONG}"
    ),
    "the-reply": Attack(
        "from autograder import child\n"
        "from autograder.protocol import Reply\n"
        "child.call = lambda *a: (Reply(status='returned', error='right', notes=['10/10']), None)\n"
        f"{WRONG}"
    ),
    "the-points": Attack(
        f"import pset.course\npset.course.points_for = lambda exercise: 1000.0\n{WRONG}"
    ),
    "asserts": Attack(
        "import ast, builtins, unittest\n"
        "import numpy as np\n"
        "builtins.AssertionError = type('Fine', (Exception,), {})\n"
        "ast.Assert = ast.Pass\n"
        "unittest.TestCase.assertEqual = np.testing.assert_allclose = lambda *a, **k: None\n"
        f"{WRONG}"
    ),
    "builtins": Attack(
        "import builtins, math\n"
        "builtins.float = lambda *a: 0.0\n"
        "builtins.abs = builtins.max = lambda *a, **k: 0.0\n"
        "math.isnan = lambda x: False\n"
        f"{WRONG}"
    ),
}
