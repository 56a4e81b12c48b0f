"""Python expressions as a reader of the notebook would write them."""

import ast
import copy
from collections.abc import Collection

SYMBOLS = {
    "alpha_bar": "ᾱ_t",
    "alpha_bar_prev": "ᾱ_t′",
    "alpha": "α_t",
    "beta": "β_t",
    "alphas_cumprod[t]": "ᾱ_t",
    "alphas_cumprod[t_prev]": "ᾱ_t′",
    "model.alphas_cumprod[t]": "ᾱ_t",
    "t_prev": "t′",
    "sigma": "σ",
    "x_t": "x_t",
    "x_T": "x_T",
    "t": "t",
    "noise_estimate": "ε",
    "noise_c": "ε_c",
    "noise_u": "ε_u",
}
"""Names of the course's formulas."""

WORDS = {
    "noise": "the noise",
    "conditional": "the conditional estimate",
    "unconditional": "the unconditional estimate",
    "output": "the network's output",
    "x_0": "the clean estimate",
    "x": "the current image",
    "variance": "the variance",
    "known": "the known pixels",
}
"""Names that a student need not have chosen, in words."""

LONGEST = 44


class Formula(ast.NodeTransformer):
    """Names by their symbols, roots as √."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(SYMBOLS.get(node.id, node.id), node.ctx), node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        known = SYMBOLS.get(ast.unparse(node))
        return ast.Name(known, ast.Load()) if known else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        inner = rooted(node)
        if inner is None:
            return self.generic_visit(node)
        text = ast.unparse(self.visit(inner))
        return ast.Name(f"√{text}" if text.isidentifier() else f"√({text})", ast.Load())


def rooted(node: ast.expr) -> ast.expr | None:
    """The expression whose square root this is; None if it's no square root."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("torch" | "math" | "np"), "sqrt"), [inner]):
            return inner
        case ast.Call(ast.Attribute(inner, "sqrt"), []):
            return inner
        case ast.BinOp(inner, ast.Pow(), ast.Constant(0.5)):
            return inner
    return None


def shown(node: ast.AST, parameters: Collection[str] = ()) -> str:
    """An expression for a sentence: a symbol, a formula, words, or code in backticks.

    Args:
        node: the expression.
        parameters: of the function, which the student knows by their names.
    """
    text = ast.unparse(node)
    if isinstance(node, ast.Constant):
        return text
    if text in SYMBOLS:
        return SYMBOLS[text]
    if text in parameters:
        return f"`{text}`"
    if text in WORDS:
        return WORDS[text]
    if isinstance(node, ast.Name):
        return f"what our solution calls `{text}`"
    formula = ast.unparse(ast.fix_missing_locations(Formula().visit(copy.deepcopy(node))))
    formula = formula.replace(" - ", " − ").replace(" * ", "·").replace(" ** 2", "²")
    if len(formula) > LONGEST:
        return "one of its terms"
    return formula if any(symbol in formula for symbol in "ᾱαβσ√") else f"`{formula}`"
