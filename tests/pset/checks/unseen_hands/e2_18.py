"""Answers to 2.18, instruction pairs."""

import torch
from torch.nn.functional import cosine_similarity, normalize

from tests.pset.checks.unseen_hands import right, wrong


@right("2.18")
def from_products(images, edited_images, texts, edited_texts):
    def cosine(a, b):
        return (a * b).sum(dim=1) / (a.norm(dim=1) * b.norm(dim=1))

    changes = edited_images - images, edited_texts - texts
    return torch.stack([cosine(images, edited_images), cosine(*changes)], dim=1)


@right("2.18")
def pair_after_pair(images, edited_images, texts, edited_texts):
    scores = torch.zeros(len(images), 2)
    for k in range(len(images)):
        scores[k, 0] = cosine_similarity(images[k], edited_images[k], dim=0)
        scores[k, 1] = cosine_similarity(
            images[k] - edited_images[k], texts[k] - edited_texts[k], dim=0
        )
    return scores


@wrong("2.18", "Doesn't divide the changes by their lengths, so it isn't a cosine.")
def product_of_changes(images, edited_images, texts, edited_texts):
    similarity = (images * edited_images).sum(dim=1)
    direction = ((edited_images - images) * (edited_texts - texts)).sum(dim=1)
    return torch.stack([similarity, direction], dim=1)


@wrong("2.18", "Compares the edited picture with the edited caption, not the changes.")
def fits_the_caption(images, edited_images, texts, edited_texts):
    similarity = cosine_similarity(images, edited_images)
    direction = cosine_similarity(edited_images, edited_texts)
    return torch.stack([similarity, direction], dim=1)


@wrong("2.18", "Compares the captions for the similarity, not the pictures.")
def similarity_of_captions(images, edited_images, texts, edited_texts):
    similarity = cosine_similarity(texts, edited_texts)
    direction = cosine_similarity(edited_images - images, edited_texts - texts)
    return torch.stack([similarity, direction], dim=1)


@wrong("2.18", "Returns the directional similarity first.")
def direction_first(images, edited_images, texts, edited_texts):
    similarity = cosine_similarity(images, edited_images, dim=1)
    direction = cosine_similarity(edited_images - images, edited_texts - texts, dim=1)
    return torch.stack([direction, similarity], dim=1)


@wrong("2.18", "One of the two changes points from after to before.")
def against_the_change(images, edited_images, texts, edited_texts):
    similarity = cosine_similarity(images, edited_images)
    direction = cosine_similarity(images - edited_images, edited_texts - texts)
    return torch.stack([similarity, direction], dim=1)


@wrong("2.18", "Returns the scores as [2, N].")
def lying_down(images, edited_images, texts, edited_texts):
    similarity = cosine_similarity(images, edited_images)
    direction = cosine_similarity(edited_images - images, edited_texts - texts)
    return torch.stack([similarity, direction])


@wrong("2.18", "Normalises over the pairs instead of over each embedding.")
def normalised_over_pairs(images, edited_images, texts, edited_texts):
    changed = normalize(edited_images - images, dim=0)
    wanted = normalize(edited_texts - texts, dim=0)
    similarity = (images * edited_images).sum(dim=1)
    return torch.stack([similarity, (changed * wanted).sum(dim=1)], dim=1)


@wrong("2.18", "Compares each picture with the edited pictures of all pairs.")
def with_all_pairs(images, edited_images, texts, edited_texts):
    changed = normalize(edited_images - images, dim=1)
    wanted = normalize(edited_texts - texts, dim=1)
    similarity = (images @ edited_images.T).mean(dim=1)
    direction = (changed @ wanted.T).mean(dim=1)
    return torch.stack([similarity, direction], dim=1)


@wrong("2.18", "Adds the two embeddings where it should subtract: a sum, not a change.")
def sums_for_changes(images, edited_images, texts, edited_texts):
    similarity = cosine_similarity(images, edited_images)
    direction = cosine_similarity(edited_images + images, edited_texts + texts)
    return torch.stack([similarity, direction], dim=1)


@wrong("2.18", "Sets negative scores to 0.")
def not_below_zero(images, edited_images, texts, edited_texts):
    similarity = cosine_similarity(images, edited_images)
    direction = cosine_similarity(edited_images - images, edited_texts - texts)
    return torch.stack([similarity, direction], dim=1).clamp(min=0)
