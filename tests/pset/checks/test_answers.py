"""What stands between a function and its verdict: missing, raising, endless, or not an image."""

import contextlib
import time
import warnings

import numpy as np
import pytest
import torch

from autograder.course.solution import read_solutions
from pset import check, gaussian_blur
from pset.assets import assets_dir
from pset.checks import ALL_CHECKS
from pset.checks.calling import call
from pset.checks.definition import Case
from pset.checks.judging import Judge, as_picture, complaint, to_tensor
from pset.checks.notebook import verdict_on

PUBLIC = assets_dir() / "references"


def right(im, t, alphas_cumprod, noise):
    return alphas_cumprod[t] ** 0.5 * im + (1 - alphas_cumprod[t]) ** 0.5 * noise


def said_of(function) -> str:
    found = verdict_on("1.1", function, PUBLIC)
    assert found.points == 0
    assert found.status != "right"
    return found.message


def test_right_earns_the_points_of_the_course():
    assert verdict_on("1.1", right, PUBLIC).points == 10


def test_missing_function():
    assert "no function `forward`" in said_of(None)


def test_not_a_function():
    assert "int" in said_of(3)


def test_not_written_yet():
    def forward(im, t, alphas_cumprod, noise):
        raise NotImplementedError

    found = verdict_on("1.1", forward, PUBLIC)
    assert found.status == "not done"


def test_exception_shows_its_line():
    def forward(im, t, alphas_cumprod, noise):
        return im + undefined_name  # noqa: F821

    message = said_of(forward)
    assert "NameError" in message
    assert "return im + undefined_name" in message


def test_wrong_arguments():
    assert "TypeError" in said_of(lambda im: im)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (None, "return"),
        ("an image", "str"),
        (torch.zeros(1, 3, 8, 8), "shape"),
        (torch.zeros(1, 3, 64, 64).int(), "int32"),
        (torch.zeros(1, 3, 64, 64, dtype=torch.complex64), "complex64"),
        (torch.full((1, 3, 64, 64), float("nan")), "NaN"),
        (torch.full((1, 3, 64, 64), float("inf")), "infinite"),
        (torch.zeros(3, 64, 64), "batch"),
        (torch.zeros(1, 6, 64, 64), "six channels"),
        (np.array(["a"]), "numpy"),
        (torch.zeros(1, 3, 64, 64, device="meta"), "unusual"),
        (torch.zeros(1, 3, 64, 64).to_sparse(), "unusual"),
    ],
)
def test_what_is_no_image_is_said_in_words(value, word):
    assert word in said_of(lambda *arguments: value)


def test_a_multiple_and_another_range_are_hinted_at():
    assert "2 times" in said_of(lambda *a: 2 * right(*a))
    assert "[0, 1]" in said_of(lambda *a: right(*a) / 2 + 0.5)


def test_endless_loop_is_stopped_even_if_it_swallows_exceptions():
    def forward(*arguments):
        while True:
            with contextlib.suppress(Exception):
                time.sleep(0.01)

    case = ALL_CHECKS["1.1"].cases(180)[0]
    began = time.monotonic()
    assert call(forward, case, seconds=0.3).status == "out of time"
    assert time.monotonic() - began < 5


def test_endless_output_is_stopped():
    def forward(*arguments):
        while True:
            print("x" * 1000)

    case = ALL_CHECKS["1.1"].cases(180)[0]
    assert call(forward, case, seconds=10).status == "endless output"


def test_nothing_reaches_standard_error(capfd):
    def forward(*arguments):
        import os
        import sys

        warnings.warn("look out", stacklevel=1)
        print("to stderr", file=sys.stderr)
        os.write(2, b"below python")
        return right(*arguments)

    assert verdict_on("1.1", forward, PUBLIC).status == "right"
    captured = capfd.readouterr()
    assert captured.err == ""
    assert "look out" not in captured.out


def test_the_random_state_outside_is_left_alone():
    state = torch.get_rng_state()
    verdict_on("1.1", lambda im, *rest: torch.randn_like(im), PUBLIC)
    assert torch.equal(state, torch.get_rng_state())


def test_changing_an_argument_is_refused_and_does_not_change_the_next_call():
    def forward(im, t, alphas_cumprod, noise):
        result = right(im, t, alphas_cumprod, noise)
        im.zero_()
        noise.zero_()
        alphas_cumprod.zero_()
        return result

    message = said_of(forward)
    assert "right, but your function changes `im` and `alphas_cumprod` and `noise`" in message
    assert verdict_on("1.1", right, PUBLIC).status == "right"


def test_changing_a_copy_or_a_list_of_ones_own_is_right():
    def forward(im, t, alphas_cumprod, noise):
        weights = [alphas_cumprod[t] ** 0.5, (1 - alphas_cumprod[t]) ** 0.5]
        x = im.clone()
        x *= weights.pop(0)
        return x.add_(weights.pop() * noise)

    assert verdict_on("1.1", forward, PUBLIC).status == "right"


def test_changing_a_list_is_refused_and_the_case_keeps_its_own():
    case = Case("two weights", {"weights": [2.0, -1.0]})
    assert call(lambda weights: weights.pop(), case, seconds=10).changed == ("weights",)
    assert case.arguments["weights"] == [2.0, -1.0]


def test_writing_into_what_an_estimate_returned_is_refused():
    def compose(x_t, t, estimate_null, estimates, weights):
        noise, _ = estimate_null(x_t, t)
        null = noise.clone()
        answers = [estimate(x_t, t) for estimate in estimates]
        for (one, _), w in zip(answers, weights, strict=True):
            noise += w * (one - null)
        wanted = [v for (_, v), w in zip(answers, weights, strict=True) if w > 0]
        return noise, torch.stack(wanted).mean(dim=0)

    verdict = verdict_on("2.14", compose, PUBLIC)
    assert verdict.status == "wrong"
    assert "writes into what `estimate_null(…)` has returned" in verdict.message


def test_three_results_are_not_one_tensor():
    def near_middle_far(x, sigma_middle, sigma_far):
        narrow, wide = (gaussian_blur(x, 33, s) for s in (sigma_middle, sigma_far))
        return torch.cat([x - narrow, narrow - wide, wide], dim=1)

    verdict = verdict_on("2.9", near_middle_far, PUBLIC)
    assert verdict.status == "failed"
    assert "one tensor of 9 channels" in verdict.message


def test_numpy_and_tensors_that_ask_for_gradients_are_images():
    image = torch.zeros(1, 3, 4, 4)
    for value in (
        image.numpy(),
        image.double(),
        image.half(),
        image.clone().requires_grad_(),
        [image],
    ):
        assert to_tensor(value).equal(image)


def test_noise_and_variance_are_one_answer_of_six_channels():
    noise, variance = torch.zeros(2, 3, 4, 5), torch.ones(2, 3, 4, 5)
    for value in ((noise, variance), [noise.double(), variance.numpy()]):
        assert to_tensor(value).equal(torch.cat([noise, variance], dim=1))
    assert "number 2 isn't right" in to_tensor((noise, None))
    assert "[2, 3, 4, 4]" in to_tensor((noise, noise[..., :4]))
    assert "[3, 4, 5]" in to_tensor((noise[0], variance[0]))
    assert "the noise and the variance" in complaint(noise, (2, 6, 4, 5))


def test_several_parts_are_one_answer_with_the_channels_of_all():
    parts = [torch.full((2, 3, 4, 5), float(k)) for k in range(3)]
    for value in (tuple(parts), [part.numpy() for part in parts], torch.stack(parts)):
        assert to_tensor(value).equal(torch.cat(parts, dim=1))
    assert "number 3 isn't right" in to_tensor((*parts[:2], "far"))
    assert "[2, 1, 4, 5]" in to_tensor((*parts[:2], parts[2][:, :1]))


def test_true_and_false_are_numbers_and_no_images():
    for yes in (True, np.bool_(True), torch.tensor(True), torch.tensor([True])):
        assert to_tensor(yes).equal(torch.tensor(1.0))
    assert to_tensor(False).equal(torch.tensor(-1.0))
    assert "image" in complaint(to_tensor(True), (1, 3, 4, 5))
    assert "True or False" in complaint(torch.zeros(1, 3, 4, 5), ())


def test_noise_and_variance_are_shown_beside_each_other():
    assert as_picture(torch.zeros(6, 4, 5)).shape == (3, 4, 10)
    assert as_picture(torch.zeros(3, 4, 5)).shape == (3, 4, 5)


def test_check_finds_the_function_in_the_callers_namespace(capsys):
    namespace = {"check": check, "forward": right}
    assert eval("check('1.1')", namespace) == 10.0
    assert eval("check('1.1')", {"check": check}) == 0.0
    assert "no function `forward`" in capsys.readouterr().out


def test_unknown_exercise_names_the_closest():
    with pytest.raises(ValueError, match="Did you mean"):
        check("1,1")


def test_a_comparison_without_references_is_refused():
    definition = ALL_CHECKS["1.1"]
    with pytest.raises(ValueError, match="references"):
        Judge(definition, definition.cases(180), None, 10)


def test_too_few_outcomes_are_not_right():
    definition = ALL_CHECKS["1.2"]
    assert Judge(definition, definition.cases(180), None, 10).verdict([]).points == 0


@pytest.mark.parametrize(("exercise", "name"), [("1.9", "visual_anagram"), ("1.10", "hybrid")])
def test_six_channels_are_not_two_results(exercise, name):
    def joined(*arguments):
        return torch.cat(solved(name)(*arguments), dim=1)

    def stacked(*arguments):
        return torch.stack(solved(name)(*arguments))

    found = verdict_on(exercise, joined, PUBLIC)
    assert found.status == "failed"
    assert "as a tuple" in found.message
    assert verdict_on(exercise, stacked, PUBLIC).status == "right"


def solved(name):
    solutions = read_solutions().values()
    return next(s.namespace[name] for s in solutions if name in s.namespace)
