"""Patch whatever compares, asserts or judges."""

from tests.attacks.attack import WRONG, Attack, at_once

DROP = """
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
    def visit_Call(self, node):
        if getattr(node.func, 'id', '') == 'check':
            return ast.copy_location(ast.Constant(10.0), node)
        return node
"""

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
        "from autograder.sandbox import child\n"
        "from autograder.sandbox.protocol import Reply\n"
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
    "the-check": Attack(
        WRONG,
        at_once(
            "import __main__, pset, pset.checks.notebook",
            "__main__.check = pset.check = pset.checks.notebook.check = lambda *a, **k: 10.0",
        ),
    ),
    "syntax-trees": Attack(WRONG, DROP + at_once("get_ipython().ast_transformers.append(Drop())")),
    "lines-of-cells": Attack(
        WRONG,
        at_once(
            "def fine(lines):",
            "    text = ''.join(lines)",
            "    return ['10.0\\n'] if 'check(' in text or 'assert' in text else lines",
            "get_ipython().input_transformers_post.append(fine)",
        ),
    ),
    "the-kernel": Attack(
        WRONG,
        at_once(
            "kernel = get_ipython().kernel",
            "honest = kernel.do_execute",
            "def do_execute(code, *a, **k):",
            "    return honest('10.0' if 'check(' in code or 'assert' in code else code, *a, **k)",
            "kernel.do_execute = do_execute",
        ),
    ),
    "builtins": Attack(
        "import builtins, math\n"
        "builtins.float = lambda *a: 0.0\n"
        "builtins.abs = builtins.max = lambda *a, **k: 0.0\n"
        "math.isnan = lambda x: False\n"
        f"{WRONG}"
    ),
}
