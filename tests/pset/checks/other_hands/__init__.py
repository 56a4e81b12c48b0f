"""Answers by other hands: right and wrong answers to the course's exercises.

They were written from the text of the notebooks alone (its markdown, and the functions' signatures
and docstrings), by people who knew neither the solutions nor the checks. So they show what a check
makes of answers that it wasn't made for. A wrong answer comes with its mistake in a short sentence;
an answer to an open question does something that the text leaves to the student.

Every answer is a function with the notebook's signature; call it by position. For exercise 1.4 the
notebook asks for two functions: an answer that has its own `strided_timesteps` brings it along.
"""

from tests.pset.checks.naming.corpus import Corpus

CORPUS = Corpus(
    __name__,
    (
        *("e1_1", "e1_2", "e1_3", "score", "e1_4", "e1_5"),
        *("e1_6", "e1_7", "e1_8", "e1_9", "e1_10", "e1_11"),
    ),
)

right, wrong, open_question = CORPUS.right, CORPUS.wrong, CORPUS.open_question
