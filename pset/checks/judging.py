"""Judge answers that are already plain tensors.

What the student's code returned has become a tensor before it gets here; nothing in this file
calls it, so the same lines judge in the notebook and, in another process, for a grade.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch

from pset.checks import own_work
from pset.checks.calling import ANSWER, Outcome
from pset.checks.definition import Answers, Case, Check, Reading
from pset.checks.diagnosis import Diagnosis, Finding, Wrong, diagnose, diagnose_failure, facts
from pset.checks.diagnosis.errors import cause
from pset.checks.diagnosis.sketch import ALIKE, furthest, sketch
from pset.checks.difference import difference
from pset.checks.references import References

Status = Literal["right", "wrong", "failed", "borrowed", "missing", "not done"]


@dataclass
class Verdict:
    """The result of checking one exercise.

    Args:
        exercise, title, function: of the check.
        status: "right"; "wrong" answers; "failed" to answer; "borrowed" from the course's own
            answer; "missing" function; "not done" yet.
        points, max_points: earned, and possible.
        message: the verdict in words, for the student.
        mistake: the key of the known mistake it matches, or of what a diagnosis is certain of.
        difference: the largest relative difference over the cases, where there was a comparison.
        tolerance: the largest difference allowed.
        case: the name of the test case shown.
        pictures: caption → `[3, H, W]`: the student's, the expected one, the difference.
        read: what to review; None if nothing went wrong.
    """

    exercise: str
    title: str
    function: str
    status: Status
    points: float
    max_points: float
    message: str
    mistake: str | None = None
    difference: float | None = None
    tolerance: float | None = None
    case: str | None = None
    pictures: dict[str, torch.Tensor] = field(default_factory=dict)
    read: Reading | None = None


MAX_DIMENSIONS = 8
"""A result with more is refused; a batch of images has four."""

MAX_RESULTS = 16
"""A tuple with more is refused; noise and variance are two, a split picture has some parts."""


def to_tensor(value: Any) -> torch.Tensor | str:
    """A function's return value as a plain float32 tensor on the CPU; or what's wrong with it.

    Images in a tuple or stacked become one with the channels of all, like the network's own output.
    True becomes 1, and False -1.
    """
    if value is None:
        return "Your function returns None. Did you forget the `return`?"
    if isinstance(value, bool | np.bool_) or _is_one_bool(value):
        return torch.tensor(1.0 if value else -1.0)
    if isinstance(value, tuple | list) and len(value) == 1:
        value = value[0]
    if isinstance(value, tuple | list) and 2 <= len(value) <= MAX_RESULTS:
        return _side_by_side(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "fiu":
            return f"Your function returns a numpy array of {value.dtype}, not of floats."
        value = torch.from_numpy(np.ascontiguousarray(value))
    if not isinstance(value, torch.Tensor):
        return f"Your function returns a {type(value).__name__}. It should return a tensor."
    if value.is_sparse or value.is_quantized or value.device.type == "meta":
        return "Your function returns a tensor with an unusual layout. It should be a plain one."
    if not value.is_floating_point():
        return (
            f"Your function returns a tensor of {str(value.dtype).removeprefix('torch.')}; images "
            "are floats in [-1, 1]."
        )
    if value.ndim > MAX_DIMENSIONS:
        return f"Your result has {value.ndim} dimensions; a batch of images has four."
    value = value.detach().to("cpu", torch.float32).clone()
    return torch.cat(tuple(value), dim=1) if value.ndim == 5 else value


def _is_one_bool(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.dtype == torch.bool and value.numel() == 1


def _side_by_side(values: Sequence[Any]) -> torch.Tensor | str:
    """Several images, `[B, C, H, W]` each, as one with the channels of all of them."""
    parts: list[torch.Tensor] = []
    for number, value in enumerate(values, 1):
        part = to_tensor(value)
        if isinstance(part, str):
            return f"You return {len(values)} results, and number {number} isn't right. {part}"
        parts.append(part)
    if parts[0].ndim != 4 or any(part.shape != parts[0].shape for part in parts):
        shapes = ", ".join(str(list(part.shape)) for part in parts)
        return (
            f"Your {len(parts)} results have shapes {shapes}. Each should be a batch of images, "
            "all in the same shape."
        )
    return torch.cat(parts, dim=1)


def _answer(outcome: Outcome) -> torch.Tensor:
    """The answer of an outcome that `Judge.verdict` has compared: it's an image."""
    answer = to_tensor(outcome.value)
    assert isinstance(answer, torch.Tensor)  # otherwise the verdict is "failed"
    return answer


def complaint(answer: torch.Tensor, shape: Sequence[int], parts: int = 1) -> str | None:
    """What's wrong with the shape of an answer, or with NaN and infinity in it; None if nothing.

    Args:
        answer: as `to_tensor` gives it.
        shape: of the right one.
        parts: the number of results that the function returned.
    """
    shape = tuple(shape)
    if tuple(answer.shape) != shape:
        if shape == ():
            return f"Your result has shape {list(answer.shape)}; it should be True or False."
        if answer.ndim == 0:
            kind = "an image" if len(shape) == 4 else "a"
            return (
                f"Your function returns a single number. It should return {kind} tensor with the "
                f"shape {list(shape)}."
            )
        text = f"Your result has shape {list(answer.shape)}; it should be {list(shape)}."
        if answer.ndim == 4 and parts > 1 and answer.shape[1] > shape[1]:
            text += f" You return {parts} results; only one is asked for."
        elif answer.ndim == 4 and answer.shape[1] == 6 and shape[1] == 3:
            text += " The UNet returns six channels. Which three are the noise?"
        elif answer.ndim == 4 and answer.shape[1] == 3 and shape[1] == 6:
            text += " Return two results with three channels each: the noise and the variance."
        elif tuple(answer.squeeze().shape) == tuple(torch.Size(shape)[1:]) and shape[0] == 1:
            text += " You've lost the batch dimension."
        elif answer.ndim == 4 and tuple(answer.permute(0, 3, 1, 2).shape) == shape:
            text += " Your channels come last; they should come second."
        elif answer.ndim == 4 and answer.shape[:2] == shape[:2] and answer.shape[2] < shape[2]:
            text += " A convolution without padding makes an image smaller."
        elif answer.ndim == len(shape) and answer.shape[1:] == shape[1:]:
            text += f" There should be {shape[0]} in the batch, and yours has {len(answer)}."
        return text
    if torch.isnan(answer).any():
        share = float(torch.isnan(answer).float().mean())
        return (
            f"{share:.0%} of your result is NaN. Look for a division by zero, or the square root "
            "of a negative number."
        )
    if torch.isinf(answer).any():
        return (
            "Your result has infinite values. Look for a division by zero, or a float16 overflow."
        )
    return None


def as_picture(answer: torch.Tensor) -> torch.Tensor:
    """An image `[3, H, W]` unchanged; several images, `[3n, H, W]`, side by side.

    A prompt's embedding, `[77, D]`, becomes a grey image: a token in each row; a list of numbers,
    one row.
    """
    if answer.ndim == 1:
        answer = answer[None]
    if answer.ndim == 2:
        return answer.expand(3, -1, -1)
    return torch.cat(answer.split(3), dim=-1) if len(answer) % 3 == 0 else answer


def _scale(answer: torch.Tensor, expected: torch.Tensor) -> str:
    """A hint for an unknown mistake: is the answer a multiple of the expected one, or rescaled?"""
    a, e = answer.double().flatten(), expected.double().flatten()
    factor = float(a @ e / (e @ e).clamp_min(1e-12))
    if abs(factor) > 1e-3 and difference(answer / factor, expected) < 0.02:
        if abs(factor - 1) < 0.02:
            return (
                "Your result is close to the expected one, but not close enough: look for "
                "something small, such as a rounding, a clamp, or the last step."
            )
        return (
            f"Your result is about {factor:.3g} times the expected one: a factor is missing, or "
            "there's one too many."
        )
    low, high = float(answer.min()), float(answer.max())
    elow, ehigh = float(expected.min()), float(expected.max())
    return (
        f"Your values run from {low:.3g} to {high:.3g}; they should run from {elow:.3g} to "
        f"{ehigh:.3g}."
    )


RIGHT = "Right."
UNKNOWN = "Not quite, and it doesn't match any of the common mistakes we check for."
NOT_APART = (
    "You return one tensor of {channels} channels. Whoever calls your function expects "
    "{count} results, with {each} channels each: return them as a tuple."
)
IN_PLACE = (
    "Your result is right, but your function changes {names} in place, so that whoever called it "
    "goes on with a different image. Work on a copy: `x = x + y` makes one, `x += y` doesn't."
)


ALSO_IN_PLACE = (
    "Besides, your function changes {names} in place: whoever uses that afterwards, perhaps your "
    "own next line, gets something else. Work on a copy."
)

IN_AN_ANSWER = (
    "Your result is right, but your function writes into what {names} has returned. Whoever asks "
    "the same again may be given that very tensor. Work on a copy: `x = x + y` makes one, `x += y` "
    "doesn't."
)


def _outside(outcomes: Sequence[Outcome]) -> str:
    """A hint for a function that doesn't only use its arguments."""
    names = sorted({name for outcome in outcomes for name in outcome.outside})[:4]
    if not names:
        return ""
    return (
        f"Your function also uses {', '.join(f'`{name}`' for name in names)} from the notebook. "
        "Does it have an argument that it should use instead?"
    )


class Judge:
    """Judges the outcomes of one check, and explains the verdict.

    Args:
        check: the definition.
        cases: of the seed that was used.
        references: expected values for the same cases; None for a check by properties.
        max_points: what a right answer earns.
    """

    def __init__(
        self,
        check: Check,
        cases: Sequence[Case],
        references: References | None,
        max_points: float,
    ) -> None:
        self.check, self.cases, self.references = check, cases, references
        self.max_points = max_points
        if references is None and check.properties is None:
            raise ValueError(f"Exercise {check.exercise} is judged by comparison: give references.")

    def verdict(self, outcomes: Sequence[Outcome]) -> Verdict:
        """The verdict on one outcome per case.

        There may be fewer outcomes than cases if the last one isn't "returned": after a failure,
        the function isn't called again.
        """
        answers: list[torch.Tensor] = []
        for case, outcome in zip(self.cases, outcomes, strict=False):
            if outcome.status != "returned":
                return self._unanswered(case, outcome)
            answer = to_tensor(outcome.value)
            if isinstance(answer, str):
                return self._verdict("failed", answer, case)
            problem = complaint(answer, self._shape(len(answers), case), outcome.parts)
            if problem is None and outcome.parts == 1 < self.check.parts:
                channels, count = answer.shape[1], self.check.parts
                problem = NOT_APART.format(count=count, channels=channels, each=channels // count)
            if problem:
                return self._verdict("failed", problem, case)
            answers.append(answer)
        if len(answers) != len(self.cases):
            return self._verdict("failed", "Your function wasn't called on every case.")
        if self.check.properties is not None:
            verdict = self._by_properties(answers)
        else:
            verdict = self._by_comparison(answers)
        return self._in_place(outcomes) or verdict if verdict.status == "right" else verdict

    def diagnosis(self, verdict: Verdict, outcomes: Sequence[Outcome]) -> Diagnosis | None:
        """What to ask a function that's wrong in an unknown way, or fails; None if nothing."""
        if self.references is None or verdict.mistake:
            return None
        if verdict.status == "wrong":
            return diagnose(self._wrong(outcomes))
        if (
            verdict.status == "failed"
            and outcomes
            and outcomes[-1].status in ("returned", "raised")
        ):
            names = [case.name for case in self.cases[: len(outcomes)]]
            if verdict.case in names:
                place = names.index(verdict.case)
                return diagnose_failure(self.cases[place], place, self.references)
        return None

    def explained(
        self, verdict: Verdict, found: Finding | None, outcomes: Sequence[Outcome]
    ) -> Verdict:
        """The verdict with what a diagnosis has found, and with what's plain to see otherwise."""
        if verdict.status == "failed":
            return (
                replace(verdict, message=f"{verdict.message}\n{found.says}") if found else verdict
            )
        if found is not None and found.certain:
            message = found.says
        else:
            wrong = self._wrong(outcomes)
            known = [found.says] if found else [UNKNOWN, self._scale(outcomes)]
            known.append(
                facts.partly_right(
                    wrong.cases, wrong.answers, wrong.expected, wrong.tolerance, wrong.parts
                )
            )
            known.append(_outside(outcomes))
            message = " ".join(fact for fact in known if fact)
        if changed := sorted({name for outcome in outcomes for name in outcome.changed}):
            names = " and ".join(f"`{name}`" for name in changed)
            message += f" {ALSO_IN_PLACE.format(names=names)}"
        return replace(
            verdict,
            message=message,
            mistake=found.key if found and found.certain else None,
            pictures=verdict.pictures | (found.pictures if found else {}),
        )

    def _wrong(self, outcomes: Sequence[Outcome]) -> Wrong:
        assert self.references is not None
        answers = [_answer(outcome) for outcome in outcomes]
        return Wrong(self.cases, answers, self.references, self.check.tolerance, self.check.parts)

    def _in_place(self, outcomes: Sequence[Outcome]) -> Verdict | None:
        """The verdict on right answers whose function changes what it was given."""
        for case, outcome in zip(self.cases, outcomes, strict=True):
            if outcome.changed:
                own = [name for name in outcome.changed if not name.endswith(ANSWER)]
                text = IN_PLACE if own else IN_AN_ANSWER
                names = " and ".join(f"`{name}`" for name in own or outcome.changed)
                return self._verdict("wrong", text.format(names=names), case, mistake="in_place")
        return None

    def _differences(self, outcomes: Sequence[Outcome]) -> list[float]:
        assert self.references is not None
        pairs = zip(outcomes, self.references.expected, strict=True)
        return [difference(_answer(outcome), e) for outcome, e in pairs]

    def _scale(self, outcomes: Sequence[Outcome]) -> str:
        assert self.references is not None
        differences = self._differences(outcomes)
        worst = max(range(len(differences)), key=differences.__getitem__)
        return _scale(_answer(outcomes[worst]), self.references.expected[worst])

    def _shape(self, index: int, case: Case) -> tuple[int, ...]:
        if self.references is not None:
            return tuple(self.references.expected[index].shape)
        if "shape" in case.about:
            return tuple(case.about["shape"])
        first = next(v for v in case.arguments.values() if isinstance(v, torch.Tensor))
        return tuple(first.shape)

    def _unanswered(self, case: Case, outcome: Outcome) -> Verdict:
        name = self.check.function
        match outcome.status:
            case "not done":
                return self._verdict("not done", f"You haven't implemented `{name}` yet.")
            case "missing":
                text = f"There's no function `{name}`. Run its cell first. Or was it renamed?"
                return self._verdict("missing", text)
            case "borrowed":
                text = own_work.sentence(self.check, outcome.error)
                return self._verdict("borrowed", text)
            case "unusable":
                return self._verdict("failed", outcome.error, case)
            case "raised":
                parts = [f"`{name}` stopped with an error.", outcome.error]
                parts += [cause(outcome.error), _outside([outcome])]
                return self._verdict("failed", "\n".join(filter(None, parts)), case)
            case _:
                return self._verdict("failed", f"`{name}` was stopped. {outcome.error}", case)

    def _by_properties(self, answers: Answers) -> Verdict:
        assert self.check.properties is not None
        found = self.check.properties(self.cases, answers)
        if found is None:
            return self._verdict("right", RIGHT, points=self.max_points)
        keys = {m.key for m in self.check.mistakes}
        given = [
            next((v for v in case.arguments.values() if isinstance(v, torch.Tensor)), None)
            for case in self.cases
        ]
        # A dot on grey proves a lot and shows little, so the liveliest input is shown.
        shown = max(
            range(len(given)), key=lambda n: 0.0 if (g := given[n]) is None else float(g.std())
        )
        verdict = self._verdict(
            "wrong",
            self.check.mistake(found).says if found in keys else found,
            self.cases[shown],
            mistake=found if found in keys else None,
        )
        image = given[shown]
        if image is not None and answers[shown].ndim == 4:  # otherwise it's True or False
            verdict.pictures = {"given": image[0], "yours": answers[shown][0]}
        return verdict

    def _by_comparison(self, answers: Answers) -> Verdict:
        assert self.references is not None
        expected = self.references.expected
        differences = [difference(a, e) for a, e in zip(answers, expected, strict=True)]
        worst = max(range(len(differences)), key=differences.__getitem__)
        if differences[worst] <= self.check.tolerance:
            return self._verdict(
                "right",
                RIGHT,
                points=self.max_points,
                difference=differences[worst],
                tolerance=self.check.tolerance,
            )
        key = self.recognised(answers)
        message = self.check.mistake(key).says if key is not None else UNKNOWN
        verdict = self._verdict(
            "wrong",
            message,
            self.cases[worst],
            mistake=key,
            difference=differences[worst],
            tolerance=self.check.tolerance,
        )
        if expected[worst].ndim == 1:
            return verdict  # a list of numbers isn't a picture
        yours, truth = as_picture(answers[worst][0]), as_picture(expected[worst][0])
        # Signed, around grey, and amplified to fill the range, so that you can see small ones.
        off = yours - truth
        # A score isn't an image: scale it to the range of one.
        size = float(truth.abs().mean())
        scale = 2 * size if size > 1 else 1.0
        verdict.pictures = {
            "yours": yours / scale,
            "expected": truth / scale,
            "difference": off / off.abs().max().clamp_min(1e-12),
        }
        return verdict

    def recognised(self, answers: Answers) -> str | None:
        """The known mistake whose values these are, on every case; the closest if several fit."""
        assert self.references is not None
        lengths = [float(e.double().norm()) for e in self.references.expected]
        sketches = [sketch(answer) for answer in answers]
        fits = {}
        for key, rows in self.references.mistakes.items():
            worst = furthest(sketches, rows, lengths)
            if worst <= ALIKE * self.check.tolerance:
                fits[key] = worst
        if fits:
            return min(fits, key=fits.__getitem__)
        for mistake in self.check.mistakes:
            if mistake.recognise and all(
                mistake.recognise(c, a) for c, a in zip(self.cases, answers, strict=True)
            ):
                return mistake.key
        return None

    def _verdict(
        self,
        status: Status,
        message: str,
        case: Case | None = None,
        points: float = 0.0,
        mistake: str | None = None,
        difference: float | None = None,
        tolerance: float | None = None,
    ) -> Verdict:
        return Verdict(
            exercise=self.check.exercise,
            title=self.check.title,
            function=self.check.function,
            status=status,
            points=points,
            max_points=self.max_points,
            message=message,
            mistake=mistake,
            difference=difference,
            tolerance=tolerance,
            case=case.name if case else None,
            read=None if status in ("right", "not done", "borrowed") else self.check.read,
        )
