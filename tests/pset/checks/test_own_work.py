"""An exercise's own answer in `pset` doesn't count as doing it; everything else may be used."""

from operator import attrgetter
from types import SimpleNamespace

import pytest
import torch

import pset
from pset.assets import assets_dir
from pset.checks import ALL_CHECKS, own_work
from pset.checks.calling import call
from pset.checks.judging import Verdict
from pset.checks.notebook import verdict_on
from pset.checks.own_work import Borrowed, withdrawn, withdrawn_for
from solutions.mistakes import mistakes_of
from solutions.variants import variants_of

LOOP = "def iterative_denoise(*arguments):\n    return {}(*arguments)"
WAYS = {
    "as it is": ("import pset", "pset.iterative_denoise"),
    "its module": ("import pset.sampling", "pset.sampling.iterative_denoise"),
    "another name": ("from pset import iterative_denoise as f", "f"),
    "kept in a list": ("import pset\nkept = [pset.iterative_denoise]", "kept[0]"),
    "getattr": ("import pset", "getattr(pset, 'iterative' + '_denoise')"),
    "importlib": ("import importlib", "importlib.import_module('pset').iterative_denoise"),
    "partial": (
        "import functools, pset\nf = functools.partial(pset.iterative_denoise)",
        "f",
    ),
    "a check's stand-in": (
        "from pset.checks.stand_ins import BUILDERS\nf = BUILDERS['denoise']([[0.0] * 9]).func",
        "f",
    ),
}


def verdict(exercise: str, function) -> Verdict:
    return verdict_on(exercise, function, assets_dir() / "references")


def refused(exercise: str, function) -> str:
    found = verdict(exercise, function)
    assert (found.status, found.points) == ("borrowed", 0), found.message
    return found.message


@pytest.mark.parametrize("way", WAYS)
def test_the_loop_is_not_an_answer_by_whatever_name(way: str) -> None:
    before, expression = WAYS[way]
    namespace: dict = {}
    exec(f"{before}\n{LOOP.format(expression)}", namespace)
    assert "pset.iterative_denoise" in refused("1.4", namespace["iterative_denoise"])


def test_it_is_not_hidden_by_except_exception() -> None:
    def iterative_denoise(image, *rest):
        try:
            return pset.iterative_denoise(image, *rest)
        except Exception:
            return image

    refused("1.4", iterative_denoise)


def test_guidance_is_not_an_answer_but_the_earlier_loop_may_be_used() -> None:
    def by_the_course(image, i_start, model, prompt_embeds, null_embeds, scale=7):
        embeds = {"": null_embeds, "x": prompt_embeds}
        stand_in = SimpleNamespace(unet=model.unet, prompt_embeds=embeds.__getitem__)
        estimate = pset.guided(stand_in, "x", scale)
        return pset.iterative_denoise(image, i_start, estimate, model.alphas_cumprod)

    assert "pset.guided" in refused("1.6", by_the_course)
    assert all(verdict("1.6", variant).status == "right" for variant in variants_of("1.6"))


def test_helpers_of_the_checks_are_no_answers() -> None:
    from pset.checks.inputs import noised

    assert "noised" in refused("1.1", lambda im, t, alphas_cumprod, noise: noised(im, t, noise))


def test_a_density_that_knows_its_score_is_no_answer() -> None:
    def score(x_t, t, model, prompt_embeds):
        with torch.enable_grad():
            x = x_t.clone().requires_grad_()
            return torch.autograd.grad(model.log_density(x, t, prompt_embeds).sum(), x)[0]

    assert "log_density" in refused("score", score)


def test_answers_are_named_as_students_know_them() -> None:
    for check in ALL_CHECKS.values():
        for name, function in check.answers.items():
            assert attrgetter(name.removeprefix("pset."))(pset) is function


@pytest.mark.parametrize("exercise", [e for e, check in ALL_CHECKS.items() if check.answers])
def test_right_answers_and_known_mistakes_do_not_need_what_is_withdrawn(exercise: str) -> None:
    check = ALL_CHECKS[exercise]
    case = check.cases(pset.SEED)[0]
    for function in (*variants_of(exercise), *mistakes_of(exercise).values()):
        if function not in check.answers.values():
            outcome = call(function, case, 60, check.answers)
            assert outcome.status == "returned", function.__name__


def test_what_is_withdrawn_comes_back_whatever_happens() -> None:
    image, t = torch.zeros(1, 3, 4, 4), 30
    with (
        pytest.raises(Borrowed, match=r"^pset\.iterative_denoise$"),
        withdrawn({"pset.iterative_denoise": pset.iterative_denoise}),
    ):
        pset.iterative_denoise(image, 0)
    given = pset.checks.stand_ins.estimate([[0.0] * 9])
    alphas_cumprod = pset.ClosedFormModel().alphas_cumprod
    assert pset.iterative_denoise(image, 0, given, alphas_cumprod, [t, 0]).shape == image.shape


def test_a_function_of_the_students_own_under_the_same_name_is_theirs(monkeypatch) -> None:
    (own, *_) = (v for v in variants_of("1.4") if v is not pset.iterative_denoise)
    monkeypatch.setattr(pset, "iterative_denoise", own)
    assert verdict("1.4", lambda *arguments: pset.iterative_denoise(*arguments)).status == "right"


def test_a_course_can_switch_the_rule_off(monkeypatch, tmp_path) -> None:
    course = tmp_path / "course.toml"
    monkeypatch.setattr(own_work, "course_file", lambda: course)
    try:
        for text, on in (("", True), ("[rules]\nown_work = false\n", False)):
            course.write_text(text)
            own_work.own_work_is_asked_for.cache_clear()
            assert bool(withdrawn_for(ALL_CHECKS["1.4"])) is on
            status = "borrowed" if on else "right"
            assert verdict("1.4", pset.iterative_denoise).status == status
        course.write_text("[rules]\nown_work = 'no'\n")
        own_work.own_work_is_asked_for.cache_clear()
        with pytest.raises(ValueError, match=r"own_work in course\.toml must be true or false"):
            withdrawn_for(ALL_CHECKS["1.4"])
    finally:
        own_work.own_work_is_asked_for.cache_clear()
