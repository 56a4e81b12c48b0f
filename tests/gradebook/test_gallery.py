"""The gallery: which pictures are shown, whose, and how marks get from it into the gradebook."""

import asyncio
import base64
import csv
import hashlib
import io
import json
import re
import sys
from pathlib import Path
from urllib.parse import urlencode, urlparse

import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from PIL import Image
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from autograder.commands import run
from autograder.course.solution import Solution, read_solutions
from autograder.demo import samples
from autograder.gradebook.gallery import (
    MOST_PICTURES,
    WIDTH,
    Entry,
    entry,
    in_gallery,
    page,
)
from autograder.gradebook.gallery_server import GalleryServer
from autograder.gradebook.hand_marks import HandMark, read_marks
from autograder.grading.records import Question
from autograder.sandbox.reading import Reader
from autograder.submission.find import Submission
from autograder.submission.pictures import MAX_SIDE
from pset.course import course_file, read_course
from tests.gradebook.conftest import ASSIGNMENT, QUESTION, Course
from tests.pages.browser import open_page
from tests.pages.payloads import EVERYTHING

SCRIPT = EVERYTHING.encode("utf-8", "replace").decode()  # nbformat writes no half characters


def picture(colour: str, size: tuple[int, int] = (40, 30), kind: str = "PNG") -> NotebookNode:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    data = base64.b64encode(buffer.getvalue()).decode()
    mime = f"image/{kind.lower()}"
    return new_output("display_data", data={mime: data, "text/plain": ""})


def colours(data: str) -> tuple[int, ...]:
    image = Image.open(io.BytesIO(base64.b64decode(data)), formats=["JPEG"])
    return tuple(round(value / 128) for value in image.convert("RGB").getpixel((5, 5)))


def with_pictures(solution: Solution) -> NotebookNode:
    """A notebook with a red picture for each figure that is a student's; the chosen one is blue."""
    notebook = samples.right(solution)
    for cell in notebook.cells:
        if cell.cell_type == "code" and re.search(r'"1\.9_\w+"', cell.source):
            cell.outputs = [picture("blue" if "1.9_chosen" in cell.source else "red")]
    return notebook


def hand_in(folder: Path, notebook: NotebookNode | bytes, student: str = "ada") -> Submission:
    path = samples.hand_in(folder, student, ASSIGNMENT, notebook)
    return Submission(student, ASSIGNMENT, path.parent)


def test_the_assignments_with_pictures_are_the_courses_choice() -> None:
    assert in_gallery(read_course(course_file())) == [
        "04_image_to_image",
        "05_inpainting",
        "06_visual_anagrams",
        "07_hybrid_images",
        "09_text",
        "10_strokes_and_video",
        "11_inverse_problems",
        "12_factorized",
        "13_views",
        "14_composition",
        "15_prompt_to_prompt",
        "16_train",
        "17_real_image",
        "18_depth",
    ]


def test_the_chosen_picture_comes_first(solution: Solution, tmp_path: Path, reader: Reader) -> None:
    found = entry(hand_in(tmp_path, with_pictures(solution)), solution, reader)
    names = [shown.name for shown in found.pictures]
    assert names == ["1.9_chosen", "1.9_old_man_campfire", "1.9_flower_cat"]
    assert [colours(shown.data) for shown in found.pictures] == [(0, 0, 2), (2, 0, 0), (2, 0, 0)]
    assert [shown.name for shown in found.chosen] == ["1.9_chosen"]
    assert found.remark == ""
    (question,) = found.questions
    assert question.exercise == QUESTION
    assert "Any picture with a reason" in question.answer


def test_a_students_own_pictures_are_shown_last(
    solution: Solution, tmp_path: Path, reader: Reader
) -> None:
    notebook = with_pictures(solution)
    for source in ('both_ways(x, "a", "b", "1.9_my_pair")', "display(chosen)"):
        notebook.cells.append(new_code_cell(source, outputs=[picture("lime")]))
    names = [shown.name for shown in entry(hand_in(tmp_path, notebook), solution, reader).pictures]
    assert names[-2:] == ["1.9_my_pair", "unnamed"]


def test_what_everybody_has_is_not_shown(tmp_path: Path, reader: Reader) -> None:
    editing = read_solutions()["04_image_to_image"]
    notebook = samples.right(editing)
    for cell in notebook.cells:
        if cell.cell_type == "code" and re.search(r'"1\.7_\w+"', cell.source):
            cell.outputs = [picture("red")]
    path = samples.hand_in(tmp_path, "ada", editing.assignment, notebook)
    found = entry(Submission("ada", editing.assignment, path.parent), editing, reader)
    names = [shown.name for shown in found.pictures]
    assert "1.7_originals" not in names
    assert "1.7_prompts" in names


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "is empty"), (b"{", "damaged"), (b"%PDF-1.7", "is a PDF")],
)
def test_a_file_that_cannot_be_read_is_said(
    solution, tmp_path, data: bytes, says: str, reader: Reader
) -> None:
    found = entry(hand_in(tmp_path, data), solution, reader)
    assert says in found.remark
    assert found.pictures == []


def test_a_notebook_without_outputs_is_said(
    solution: Solution, tmp_path: Path, reader: Reader
) -> None:
    found = entry(hand_in(tmp_path, samples.right(solution)), solution, reader)
    assert "without outputs" in found.remark
    assert found.questions[0].answer


def test_pictures_are_drawn_anew_within_limits(
    solution: Solution, tmp_path: Path, reader: Reader
) -> None:
    secret = b"<script>alert(1)</script>"
    hidden = picture("red")
    data = base64.b64decode(hidden["data"]["image/png"]) + secret
    hidden["data"]["image/png"] = base64.b64encode(data).decode()
    notebook = with_pictures(solution)
    cell = next(c for c in notebook.cells if "1.9_chosen" in c.source and c.cell_type == "code")
    cell.outputs = [hidden, picture("blue", (3000, 20), "JPEG")]
    found = entry(hand_in(tmp_path, notebook), solution, reader)
    decoded = [base64.b64decode(shown.data) for shown in found.chosen]
    assert len(decoded) == 2
    assert all(secret not in data for data in decoded)
    assert max(Image.open(io.BytesIO(data)).width for data in decoded) == WIDTH
    cell.outputs = [picture("red")] * 500
    assert len(entry(hand_in(tmp_path, notebook), solution, reader).pictures) == MOST_PICTURES


@pytest.mark.parametrize(
    "output",
    [
        None,
        {"data": {"image/png": 7}},
        {"data": {"image/png": "%%%"}},
        {"data": {"image/png": base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 99).decode()}},
        {"data": {"image/svg+xml": "<svg/>"}},
        {"data": {"image/png": picture("red", kind="JPEG")["data"]["image/jpeg"]}},
        picture("red", (MAX_SIDE + 1, 1)),
        picture("red", (6000, 6000)),
    ],
)
def test_what_is_no_picture_or_too_large_is_left_out(output: object, reader: Reader) -> None:
    cells = [{"cell_type": "code", "source": "", "outputs": [output, picture("blue")]}]
    with reader.open(json.dumps({"cells": cells}).encode(), "a.ipynb") as file:
        numbers = [o.picture for o in file.cells()[0].outputs if o.picture is not None]
        drawn = [file.picture(number, 100) for number in numbers]
    assert [p.getpixel((0, 0)) for p in drawn if p] == [(0, 0, 255)]


def hostile(solution: Solution) -> NotebookNode:
    notebook = with_pictures(solution)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = SCRIPT
        elif cell.outputs:
            cell.outputs[0]["data"]["text/html"] = SCRIPT
    return notebook


@pytest.mark.browser
def test_script_in_a_submission_does_not_run_in_the_gallery(
    solution, tmp_path: Path, reader: Reader
) -> None:
    entries = [entry(hand_in(tmp_path, hostile(solution), "<b>ada"), solution, reader)]
    file = tmp_path / "gallery.html"
    file.write_text(page(solution, entries), encoding="utf-8", errors="replace")
    opened = open_page(file)
    assert opened.ran == set()
    assert opened.title == f"{ASSIGNMENT}: gallery"
    assert opened.tags["script"] == 1
    assert opened.tags["img"] == 3
    assert "alert(1)" in opened.text


def test_the_pages_own_script_is_the_one_that_is_allowed(solution: Solution) -> None:
    html = page(solution, [])
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html
    served = page(solution, [], action="/marks")
    assert "<script" not in served
    assert "script-src" not in served


@pytest.mark.browser
def test_the_page_saves_what_the_command_reads(
    solution: Solution, tmp_path: Path, reader: Reader
) -> None:
    entries = [
        entry(hand_in(tmp_path, with_pictures(solution), who), solution, reader) for who in "ab"
    ]
    mark = HandMark(assignment=ASSIGNMENT, student="b", question=QUESTION, score=1)
    html = page(solution, entries, [mark])
    typed = """
      <script>
        URL.createObjectURL = (blob) => { blob.text().then((text) =>
          document.documentElement.setAttribute("data-saved", btoa(text))); return "#"; };
        document.querySelector("input[type=number]").value = "2.5";
        document.querySelector("textarea").value = 'Well, "yes"';
        document.getElementById("save").click();
      </script>"""
    html = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", html, flags=re.DOTALL)
    file = tmp_path / "typed.html"
    file.write_text(html.replace("</body>", f"{typed}</body>"), encoding="utf-8")
    saved = re.search(r'data-saved="([^"]+)"', open_page(file).dom)
    table = tmp_path / "marks.csv"
    table.write_bytes(base64.b64decode(saved[1]))
    assert [(m.student, m.question, m.score, m.comment) for m in read_marks(table)] == [
        ("a", QUESTION, 2.5, 'Well, "yes"'),
        ("b", QUESTION, 1.0, ""),
    ]
    assert next(csv.reader(table.open())) == [
        "assignment", "student", "question", "score", "comment",
    ]  # fmt: skip


class Visitor:
    """A browser, as far as the server can tell."""

    def __init__(self, course: Course, solution: Solution) -> None:
        def html(action: str) -> str:
            entries = [
                entry(course.hand_in("ada", with_pictures(solution)), solution, course.reader)
            ]
            return page(solution, entries, course.gradebook.given(ASSIGNMENT), action)

        self.server = GalleryServer({ASSIGNMENT: html}, course.gradebook.give)
        self.address = self.server.addresses[ASSIGNMENT]
        self.marks = self.address.removesuffix(ASSIGNMENT) + "marks"

    async def get(self, address: str, **headers: str) -> HTTPResponse:
        return await AsyncHTTPClient().fetch(address, headers=headers, raise_error=False)

    async def post(
        self, score: str, comment: str = "", address: str = "", sheet: str = "1", **headers: str
    ) -> HTTPResponse:
        fields = {f"score 1 {QUESTION}": score, f"comment 1 {QUESTION}": comment}
        body = urlencode(
            {"assignment": ASSIGNMENT, "sheet": sheet, "student 1": "ada", "shown 1": "ada"}
            | {f"was {field}": "" for field in fields}
            | fields
        )
        return await AsyncHTTPClient().fetch(
            address or self.marks, method="POST", body=body, headers=headers, raise_error=False
        )


def given(course: Course) -> tuple[float | None, str]:
    (mark,) = course.gradebook.given(ASSIGNMENT)
    return mark.score, mark.comment


def test_marks_go_from_the_page_into_the_gradebook(course: Course, solution: Solution) -> None:
    course.keep(course.hand_in("ada"))

    async def visit() -> None:
        visitor = Visitor(course, solution)
        assert visitor.address.startswith("http://127.0.0.1:")
        shown = (await visitor.get(visitor.address)).body.decode()
        action = urlparse(visitor.marks).path
        assert f'action="{action}"' in shown
        said = await visitor.post("2.5", "<b>Both</b>")
        assert said.code == 200
        assert "1 mark and 1 comment" in said.body.decode()
        assert given(course) == (2.5, "<b>Both</b>")
        again = (await visitor.get(visitor.address)).body.decode()
        assert 'value="2.5"' in again
        assert "&lt;b&gt;Both" in again
        for wrong, says in (("4", "between 0 and 3"), ("many", "a number")):
            said = await visitor.post(wrong)
            assert said.code == 400
            assert says in said.body.decode()
        assert given(course) == (2.5, "<b>Both</b>")

    asyncio.run(visit())


def test_nobody_else_can_give_marks(course: Course, solution: Solution) -> None:
    course.keep(course.hand_in("ada"))

    async def visit() -> None:
        visitor = Visitor(course, solution)
        base = f"http://127.0.0.1:{visitor.server.port}"
        token = visitor.address.split("/")[3]
        assert len(token) > 40
        for address in (f"{base}/marks", f"{base}/{token[:-1]}x/marks", f"{base}//marks"):
            assert (await visitor.post("3", address=address)).code == 404
        assert (await visitor.get(f"{base}/{ASSIGNMENT}")).code == 404
        assert (await visitor.get(f"{base}/{token}/../../etc/passwd")).code == 404
        assert (await visitor.post("3", Host="example.org")).code == 403
        assert (await visitor.get(visitor.address, Host="example.org")).code == 403
        assert given(course) == (None, "")
        visitor.server.stop()

    asyncio.run(visit())


def test_the_command_writes_a_page_with_the_marks_so_far(course, solution, monkeypatch, capsys):
    course.keep(course.hand_in("ada", with_pictures(solution)))
    mark = HandMark(assignment=ASSIGNMENT, student="ada", question=QUESTION, score=1.5)
    course.gradebook.give([mark])
    out = course.folder / "gallery"
    arguments = ["gallery", course.folder / "submitted", "--course", course.folder]
    monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments)])
    assert run() == 0
    assert 'value="1.5"' in (out / f"{ASSIGNMENT}.html").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["autograder", *map(str, arguments[:2]), "--serve"])
    assert run() == 2
    assert "name it with --course" in capsys.readouterr().err


def test_only_what_was_changed_on_a_page_is_saved(course: Course, solution: Solution) -> None:
    """Two assistants with the same page open don't undo each other's marks."""
    course.keep(course.hand_in("ada"))

    async def visit() -> None:
        visitor = Visitor(course, solution)

        async def save(sheet: str, score: str, comment: str = "") -> str:
            return (await visitor.post(score, comment, sheet=sheet)).body.decode()

        assert "1 mark" in await save("one", "2")
        assert "Nothing has changed" in await save("two", "")
        assert "1 comment" in await save("two", "", "Good")
        assert given(course) == (2, "Good")
        assert "Nothing has changed" in await save("one", "2")
        assert "1 mark" in await save("one", "3")
        assert "1 mark" in await save("one", "2")
        assert "not taken back" in await save("one", "")
        assert given(course) == (2, "Good")
        visitor.server.stop()

    asyncio.run(visit())


def fields(html: str) -> dict[str, str]:
    """The fields of a page's form, with what is in them."""
    found = re.findall(r'<input type="(?:hidden|number)" name="([^"]+)"[^>]*?value="([^"]*)"', html)
    return dict(found)


def test_one_form_has_everybody_and_says_who_waits(solution: Solution) -> None:
    entries = [
        Entry("ada", questions=[Question(exercise=QUESTION, max_points=3, answer="Because.")]),
        Entry("bob", questions=[Question(exercise=QUESTION, max_points=3, answer="Because.")]),
        Entry("eve", questions=[Question(exercise=QUESTION, max_points=3, answer="")]),
    ]
    zero = HandMark(assignment=ASSIGNMENT, student="bob", question=QUESTION, score=0)
    html = page(solution, entries, [zero], action="/marks")
    assert html.count("<form") == html.count("<button") == 1
    assert [fields(html)[f"student {k}"] for k in (1, 2, 3)] == ["ada", "bob", "eve"]
    scores = [fields(html)[f"score {k} {QUESTION}"] for k in (1, 2, 3)]
    assert scores == ["", "0", ""], "a 0 is only there where somebody gave it"
    assert html.count("not marked yet") == 1
    assert html.count("no points, unless you give some") == 1


def test_an_automatic_0_is_no_mark_by_hand(course: Course) -> None:
    course.keep(course.hand_in("ada"), answer="")
    assert given(course) == (None, "")


def test_anonymous_pages_show_numbers_in_an_order_of_their_own(
    solution: Solution, tmp_path: Path, reader: Reader
) -> None:
    students = [f"student-{k:02}" for k in range(20)]
    entries = [
        Entry(student, questions=[Question(exercise=QUESTION, max_points=3, answer="x")])
        for student in students
    ]
    html = page(solution, entries, action="/marks", anonymous=True)
    shown = re.sub("<[^>]+>", "", html)
    assert not any(student in shown for student in students)
    order = [fields(html)[f"student {k}"] for k in range(1, 21)]
    assert sorted(order) == students
    assert order not in (students, students[::-1])
    again = page(solution, entries[::-1], action="/marks", anonymous=True)
    assert [fields(again)[f"student {k}"] for k in range(1, 21)] == order

    path = tmp_path / "ada" / ASSIGNMENT / "ada_lovelace.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    submission = Submission("ada", ASSIGNMENT, path.parent)
    assert "ada_lovelace" in entry(submission, solution, reader).remark
    assert "ada" not in entry(submission, solution, reader, anonymous=True).remark
