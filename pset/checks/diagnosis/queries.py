"""What was asked of a stand-in, one image at a time, so that two ways of asking can be compared.

Somebody asks about a batch at once, somebody else about each image by itself; one with two prompts
in one call, another in two calls. In the end the same images meet the same prompts at the same
timesteps. So a call is taken apart into queries, one for each image, and queries that follow each
other with the same numbers make a moment, in which order doesn't matter.
"""

from collections.abc import Iterator, Sequence

import torch

from pset.checks.diagnosis.sketch import sketch
from pset.checks.watching import Query, Sight

SMALL = 16
"""Buckets of the sketch of one image."""


MOST = 1000
"""Queries that are compared."""

Moment = list[Query]


def queries(sights: Sequence[Sight]) -> list[Query]:
    """One query for each image of each call, as far as they're `usable`."""
    found: list[Query] = []
    for sight in sights[: usable(sights)]:
        batch = max((len(x) for x in sight.tensors.values() if x.ndim == 4), default=1)
        for k in range(batch):
            rows = dict(_rows(sight, k, batch))
            found.append(
                Query(
                    sight.who,
                    sight.numbers,
                    {name: sketch(row, SMALL) for name, row in rows.items()},
                    rows,
                    tuple(_row(answer, k, batch) for answer in sight.answers),
                )
            )
    return found


def usable(sights: Sequence[Sight]) -> int:
    """How many sights, from the first, are finite and few enough to be compared."""
    rows = 0
    for k, sight in enumerate(sights):
        rows += max((len(x) for x in sight.tensors.values() if x.ndim == 4), default=1)
        tensors = (*sight.tensors.values(), *sight.answers)
        if rows > MOST or not all(bool(torch.isfinite(x).all()) for x in tensors):
            return k
    return len(sights)


def _rows(sight: Sight, k: int, batch: int) -> Iterator[tuple[str, torch.Tensor]]:
    """The k-th image's part of each tensor; two images, one behind the other, apart."""
    for name, x in sight.tensors.items():
        row = _row(x, k, batch)
        if row.ndim == 3 and row.shape[0] == 6:
            yield f"{name}[:, :3]", row[:3]
            yield f"{name}[:, 3:]", row[3:]
        else:
            yield name, row


def _row(x: torch.Tensor, k: int, batch: int) -> torch.Tensor:
    """The k-th image's part of a tensor; all of it where it has no batch's axis."""
    if x.ndim < 2 or len(x) not in (1, batch):
        return x
    return x[k if len(x) == batch else 0]


def moments(found: Sequence[Query], who: str) -> list[Moment]:
    """The queries to one stand-in, in runs of the same numbers."""
    runs: list[Moment] = []
    for query in found:
        if query.who != who:
            continue
        if runs and runs[-1][0].numbers == query.numbers:
            runs[-1].append(query)
        else:
            runs.append([query])
    return runs


def folded(runs: list[Moment], length: int) -> list[Moment]:
    """Several passes through the same numbers, one after the other, as if they'd gone in step.

    Args:
        runs: of one stand-in.
        length: of one pass.
    """
    if length == 0 or len(runs) <= length or len(runs) % length:
        return runs
    passes = [runs[k : k + length] for k in range(0, len(runs), length)]
    if any([m[0].numbers for m in one] != [m[0].numbers for m in passes[0]] for one in passes[1:]):
        return runs
    return [[query for moment in same for query in moment] for same in zip(*passes, strict=True)]


def steps(found: Sequence[Query]) -> list[list[Moment]]:
    """All queries in the order in which they were made, in runs: a step, and whom it asks."""
    runs: list[list[Moment]] = []
    for query in found:
        if runs and runs[-1][0][0].numbers == query.numbers:
            for moment in runs[-1]:
                if moment[0].who == query.who:
                    moment.append(query)
                    break
            else:
                runs[-1].append([query])
        else:
            runs.append([[query]])
    for run in runs:
        run.sort(key=lambda moment: moment[0].who)
    return runs


ALIKE = 3e-3
"""Relative difference of the sketches of one image: steps add up what two computers round."""


def close(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two sketches are of the same image."""
    scale = max(float(one.norm()), 1e-6)
    return one.shape == other.shape and float((one - other).norm()) <= ALIKE * scale


def alike(one: Query, other: Query) -> bool:
    """Whether two queries are about the same image, with the same prompt."""
    return all(
        name in other.sketches and close(s, other.sketches[name])
        for name, s in one.sketches.items()
    )
