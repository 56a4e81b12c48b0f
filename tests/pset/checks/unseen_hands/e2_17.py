"""Answers to 2.17, added words."""

import difflib
from functools import lru_cache

import torch

from tests.pset.checks.unseen_hands import open_question, right, wrong


def _common(words, edited_words):
    """Pairs (i, j) of a longest common subsequence, from its table."""
    n, m = len(words), len(edited_words)
    longest = [[0] * (m + 1) for _ in range(n + 1)]
    for i in reversed(range(n)):
        for j in reversed(range(m)):
            if words[i] == edited_words[j]:
                longest[i][j] = longest[i + 1][j + 1] + 1
            else:
                longest[i][j] = max(longest[i + 1][j], longest[i][j + 1])
    i = j = 0
    pairs = []
    while i < n and j < m:
        if words[i] == edited_words[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


@right("2.17")
def by_a_table(source, edited, words, edited_words):
    result = edited.clone()
    for i, j in _common(words, edited_words):
        result[..., j] = source[..., i]
    return result


@right("2.17")
def by_recursion(source, edited, words, edited_words):
    @lru_cache(None)
    def best(i, j):
        if i == len(words) or j == len(edited_words):
            return ()
        options = [best(i + 1, j), best(i, j + 1)]
        if words[i] == edited_words[j]:
            options.insert(0, ((i, j), *best(i + 1, j + 1)))
        return max(options, key=len)

    partner = {j: i for i, j in best(0, 0)}
    columns = [
        source[..., partner[j]] if j in partner else edited[..., j]
        for j in range(len(edited_words))
    ]
    return torch.stack(columns, dim=-1)


@open_question("2.17", "difflib looks for the longest block first: not always the most words.")
def with_difflib(source, edited, words, edited_words):
    result = edited.clone()
    matcher = difflib.SequenceMatcher(None, words, edited_words, autojunk=False)
    for i, j, size in matcher.get_matching_blocks():
        result[..., j : j + size] = source[..., i : i + size]
    return result


@wrong("2.17", "Compares words in the same places only, so words that have moved count as new.")
def same_place(source, edited, words, edited_words):
    result = edited.clone()
    for k, (a, b) in enumerate(zip(words, edited_words)):
        if a == b:
            result[..., k] = source[..., k]
    return result


@wrong("2.17", "Looks each word up by itself: repeated words all get the first one's map.")
def first_occurrence(source, edited, words, edited_words):
    result = edited.clone()
    for j, word in enumerate(edited_words):
        if word in words:
            result[..., j] = source[..., words.index(word)]
    return result


@wrong("2.17", "Leaves the maps of new words at zero.")
def new_words_zero(source, edited, words, edited_words):
    result = torch.zeros_like(edited)
    for i, j in _common(words, edited_words):
        result[..., j] = source[..., i]
    return result


@wrong("2.17", "It's the other way round: puts the edited prompt's maps into the source's.")
def into_the_source(source, edited, words, edited_words):
    result = source.clone()
    for i, j in _common(words, edited_words):
        result[..., i] = edited[..., j]
    return result


@wrong("2.17", "Takes each word's next occurrence in the source, which can skip many common words.")
def greedy(source, edited, words, edited_words):
    result = edited.clone()
    at = 0
    for j, word in enumerate(edited_words):
        if word in words[at:]:
            i = words.index(word, at)
            result[..., j] = source[..., i]
            at = i + 1
    return result


@wrong("2.17", "Writes into the edited prompt's own maps.")
def into_edited(source, edited, words, edited_words):
    for i, j in _common(words, edited_words):
        edited[..., j] = source[..., i]
    return edited


@wrong("2.17", "Takes the mean of both maps for common words.")
def both_maps(source, edited, words, edited_words):
    columns = list(edited.unbind(dim=-1))
    for i, j in _common(words, edited_words):
        columns[j] = (source[..., i] + edited[..., j]) / 2
    return torch.stack(columns, dim=-1)


@wrong("2.17", "Divides the words' maps by their sum, so they aren't the source's any more.")
def adds_up_to_one(source, edited, words, edited_words):
    result = edited.clone()
    for i, j in _common(words, edited_words):
        result[..., j] = source[..., i]
    return result / result.sum(dim=-1, keepdim=True)


@wrong("2.17", "Lists the common words' maps first and the new ones after them, in a new order.")
def new_words_last(source, edited, words, edited_words):
    pairs = _common(words, edited_words)
    taken = [j for _, j in pairs]
    new = [j for j in range(len(edited_words)) if j not in taken]
    return torch.cat([source[..., [i for i, _ in pairs]], edited[..., new]], dim=-1)
