"""What a diagnosis has found out."""

from dataclasses import dataclass, field

import torch


@dataclass(frozen=True)
class Finding:
    """One thing that's known about a wrong answer.

    Args:
        key: a short name of the evidence, for the instructor's tables: "output: negated".
        says: the sentence for the student. It points to the idea, and doesn't give the code.
        certain: the evidence explains the whole answer, on every case; otherwise it's only a fact.
        pictures: caption → `[3, H, W]`, where they say more than words.
    """

    key: str
    says: str
    certain: bool = True
    pictures: dict[str, torch.Tensor] = field(default_factory=dict)
