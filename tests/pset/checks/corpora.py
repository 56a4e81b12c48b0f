"""All answers by other hands, by the name of their folder."""

from tests.pset.checks import newest_hands, other_hands, unseen_hands
from tests.pset.checks.naming.corpus import Corpus

CORPORA: dict[str, Corpus] = {
    "other_hands": other_hands.CORPUS,
    "unseen_hands": unseen_hands.CORPUS,
    "newest_hands": newest_hands.CORPUS,
}
