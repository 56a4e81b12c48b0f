"""Answers by yet other hands, which weren't looked at while the diagnosis was written.

Like those in `tests/pset/checks/other_hands`, they were written from the text of the notebooks
alone. What's said to them shows what the diagnosis is worth on answers that it wasn't made for.

Where they called cv2 or torchvision, which the tests do without, they now call PIL or
`pset.gaussian_blur`.
"""

from tests.pset.checks.naming.corpus import Corpus

CORPUS = Corpus(
    __name__,
    (
        *("e1_1", "e1_2", "e1_3", "score", "e1_4", "e1_5", "e1_6", "e1_7"),
        *("e1_8", "e1_9", "e1_10", "e1_11"),
        *("e2_1", "e2_1b", "e2_2", "e2_3", "e2_4", "e2_4b", "e2_5", "e2_5b", "e2_6", "e2_7"),
        *("e2_8", "e2_8b", "e2_9", "e2_9b", "e2_9c", "e2_10", "e2_11"),
        *("e2_12", "e2_12b", "e2_12c", "e2_12d", "e2_12e", "e2_13", "e2_14", "e2_15", "e2_15b"),
        *("e2_16", "e2_16b", "e2_17", "e2_17b", "e2_18"),
        *("e2_23", "e2_23b", "e2_24", "e2_24b", "e2_24c", "e2_25", "e2_25b", "e2_25c"),
    ),
)

right, wrong, open_question = CORPUS.right, CORPUS.wrong, CORPUS.open_question
