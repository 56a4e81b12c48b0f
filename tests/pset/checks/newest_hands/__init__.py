"""Answers by the newest hands, written after the diagnosis and without a look at it.

Like those in `tests/pset/checks/unseen_hands`, they were written from the text of the notebooks
alone. They're about part 1 of the course.
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
