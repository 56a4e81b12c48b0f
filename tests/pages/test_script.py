"""Nothing that a student wrote runs in the browser of whoever opens a page."""

import json
from pathlib import Path

import pytest
import torch

from autograder.course.solution import read_solutions
from autograder.gradebook.class_report import class_reports, render
from autograder.gradebook.gallery import Entry, Shown
from autograder.gradebook.gallery import page as gallery_page
from autograder.gradebook.hand_marks import HandMark
from autograder.grading.feedback import feedback_page
from autograder.grading.records import Mark, Question, Record
from autograder.submission.notebook import Unreadable
from autograder.submission.read import read_cells, to_notebook
from autograder.text import printable
from pset.assets import assets_dir
from pset.checks import ALL_CHECKS, calling, report
from pset.checks.judging import Judge, Verdict
from pset.checks.references import load_references
from pset.checks.report import data_uri
from tests.pages.browser import find_browser, open_page
from tests.pages.payloads import EVERYTHING, PAYLOADS

pytestmark = pytest.mark.browser

POLICY = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">"
CHECK = ALL_CHECKS["1.1"]


def raises(im, t, alphas_cumprod, noise):
    """A student's function, whose exception carries the markup."""
    raise type("<script>x</script>", (Exception,), {})(EVERYTHING)


def notebook() -> bytes:
    """With markup in a heading, an answer, the code and every kind of output."""
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": EVERYTHING},
        {
            "output_type": "display_data",
            "metadata": {},
            "data": dict.fromkeys(("text/html", "image/svg+xml", "text/plain"), EVERYTHING),
        },
        {"output_type": "error", "ename": EVERYTHING, "evalue": EVERYTHING, "traceback": []},
    ]
    code = {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": outputs}
    asked = {"nbgrader": {"grade_id": "question-1.1-question"}}
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": f"# {EVERYTHING}"},
        {**code, "source": f"x = ({EVERYTHING}"},
        {"cell_type": "markdown", "metadata": asked, "source": EVERYTHING},
    ]
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(content).encode()


@pytest.fixture(scope="module")
def graded() -> tuple[Record, list[Verdict]]:
    """A record in which everything that a student can choose is markup."""
    read = to_notebook(read_cells(notebook(), "a.ipynb")[0], "a.ipynb", [])
    answer = read.answers["question-1.1-question"]
    with pytest.raises(Unreadable) as unreadable:
        read_cells(b"{", EVERYTHING)
    cases = CHECK.cases(180)
    references = load_references(assets_dir() / "references", "1.1")
    judge = Judge(CHECK, cases, references, 10)
    outcome = calling.call(raises, cases[0], 5)
    failed = judge.verdict([outcome])
    assert "<script>" in failed.message, "the page gets it as it is, and has to escape it"
    wrong = judge.verdict([calling.Outcome("returned", c.arguments["im"]) for c in cases])
    assert wrong.pictures
    wrong.message = wrong.case = wrong.title = EVERYTHING
    odd = dict.fromkeys([EVERYTHING, '" onerror="x'], wrong.pictures["yours"])
    wrong.pictures |= odd
    verdicts = [failed, wrong]
    record = Record(
        student=EVERYTHING,
        assignment="01_denoising",
        key="k",
        marks=[Mark.of(verdict, "same") for verdict in verdicts],
        questions=[Question(exercise="1.1-question", max_points=2, answer=answer)],
        notes=[printable(str(unreadable.value)), EVERYTHING],
        suspicious=[EVERYTHING],
    )
    return record, verdicts


@pytest.fixture(scope="module")
def pages(graded, tmp_path_factory) -> dict[str, Path]:
    """Each page that shows something of a student's."""
    folder = tmp_path_factory.mktemp("pages")
    record, verdicts = graded
    (folder / "feedback.html").write_bytes(feedback_page(record, verdicts))
    refused = record.model_copy(update={"student": "b", "trouble": EVERYTHING})
    other = record.model_copy(update={"student": f"other {EVERYTHING}"})
    (folder / "class.html").write_bytes(render(class_reports([record, refused, other])))
    (folder / "block.html").write_text(
        "<!DOCTYPE html><title>1</title>"
        + "".join(report.as_html(verdict) for verdict in verdicts)
        .encode("utf-8", "replace")
        .decode()
    )
    return {path.name: path for path in folder.glob("*.html")}


def test_nothing_runs_in_the_gallery(tmp_path: Path) -> None:
    """It has a script and a form of its own, and those only."""
    answer = Question(exercise="1.9-question", max_points=3, answer=EVERYTHING)
    shown = Shown(EVERYTHING, data_uri(torch.zeros(3, 8, 8)).split(",")[1])
    entries = [
        Entry(EVERYTHING, [shown, Shown("1.9_chosen", shown.data)], [answer], EVERYTHING),
        Entry("</script>" + EVERYTHING, [], [answer.model_copy(update={"answer": None})]),
    ]
    given = [
        HandMark(
            assignment="06_visual_anagrams",
            student=EVERYTHING,
            question="1.9-question",
            score=2,
            comment=EVERYTHING,
        )
    ]
    html = gallery_page(read_solutions()["06_visual_anagrams"], entries, given)
    (tmp_path / "gallery.html").write_text(html, errors="replace")
    opened = open_page(tmp_path / "gallery.html")
    assert opened.ran == set()
    assert opened.title != "taken"
    assert opened.tags["script"] == 1, "its own"
    assert opened.tags["form"] == 1, "around everybody"
    assert opened.tags["textarea"] == len(entries)
    assert "iframe" not in opened.tags
    assert "svg" not in opened.tags
    assert "{{ 7 * 7 }}" in opened.text
    assert all(link.startswith("data:image/jpeg;base64,") for link in opened.links)


@pytest.mark.parametrize("name", ["feedback.html", "class.html", "block.html"])
def test_nothing_runs(pages: dict[str, Path], name: str) -> None:
    opened = open_page(pages[name])
    assert opened.ran == set()
    assert opened.title != "taken"
    for tag in ("script", "iframe", "svg", "form", "base", "video", "details", "input"):
        assert tag not in opened.tags
    assert "<script>document.documentElement" in opened.text, "it is shown, as text"
    assert "{{ 7 * 7 }}" in opened.text
    allowed = ("data:image/png;base64,", "https://arxiv.org/abs/")
    assert [link for link in opened.links if not link.startswith(allowed)] == []
    assert opened.tags.get("meta", 0) == (0 if name == "block.html" else 3)


def test_the_payloads_are_real(tmp_path: Path) -> None:
    """The control: unescaped, in pages without a policy, every one of them runs."""
    quoted = {
        "end-of-attribute": f'<b title="{PAYLOADS["end-of-attribute"]}',
        "end-of-quote": f"<b title='{PAYLOADS['end-of-quote']}",
    }
    together = [markup for name, markup in PAYLOADS.items() if name not in quoted]
    ran = set()
    for k, markup in enumerate(["".join(together), *quoted.values()]):
        page = tmp_path / f"{k}.html"
        page.write_text(f"<!DOCTYPE html><title>1</title><p>{markup}</p>")
        opened = open_page(page)
        assert opened.title == "taken"
        ran |= opened.ran
    assert ran >= set(PAYLOADS)


def test_the_policy_alone_would_stop_them_too(tmp_path: Path) -> None:
    """The pages' second line of defence, for what somebody may forget to escape one day."""
    page = tmp_path / "page.html"
    markup = "".join(PAYLOADS.values())
    page.write_text(f"<!DOCTYPE html>{POLICY}<title>1</title><p>{markup}</p>")
    opened = open_page(page)
    assert {name for name in opened.ran if not name.startswith("handler")} == set()
    assert opened.title == "1"
    assert "script" in opened.tags, "it was not escaped here"


@pytest.mark.parametrize("name", ["feedback.html", "class.html"])
def test_every_page_has_the_policy(pages: dict[str, Path], name: str) -> None:
    assert "default-src 'none'" in pages[name].read_text()


def test_an_exception_of_a_students_is_text_on_a_terminal(graded) -> None:
    _, verdicts = graded
    said = [printable(report.as_text(verdict)) for verdict in verdicts]
    assert "\x1b" not in "".join(said)


def test_a_missing_browser_fails_in_ci_and_is_skipped_elsewhere(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="have to run"):
        find_browser()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="no browser on PATH"):
        find_browser()
