"""The command line, one file for each command. What a command needs is imported when it runs."""

# In the order in which they are used.
from training.commands import (  # noqa: F401, I001
    pictures, ahead, tryouts, stage1, merge, stage2, judge, export, evaluate, enlarging,
    contact_sheet, card, editor_pairs, editor, editor_export, editor_sheet, everything, small_set,
    digits, features, scenes,
)  # fmt: skip
from training.commands.app import app as app
