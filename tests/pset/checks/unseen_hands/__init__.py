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
    ),
)

right, wrong, open_question = CORPUS.right, CORPUS.wrong, CORPUS.open_question
