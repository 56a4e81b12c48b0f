"""The drawing board: from a stroke on the page to a tensor, and what happens where nobody draws."""

import base64
import io
import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import pset
from pset._notebook.data_uri import MAX_LENGTH, MAX_SIDE, from_uri, to_uri
from pset.images import to_pil
from tests.pset.browsing import ask_browser


def test_a_picture_survives_the_way_there_and_back():
    cat = pset.photo("cat")
    assert from_uri(to_uri(to_pil(cat))).equal(((cat + 1) * 127.5).round() / 127.5 - 1)


def test_black_white_and_transparent_are_what_they_should_be():
    pixels = np.zeros((2, 2, 4), dtype=np.uint8)
    pixels[0, :, 3] = 255  # black
    pixels[1, 0] = 255  # white; the last one is transparent
    image = from_uri(to_uri(Image.fromarray(pixels)))
    assert image.dtype == torch.float32
    assert image.tolist() == [[[[-1, -1], [1, 1]]] * 3]


def png(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def jpeg() -> bytes:
    buffer = io.BytesIO()
    to_pil(pset.photo("cat")).save(buffer, format="JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("", "has to start with"),
        (None, "has to start with"),
        ("https://example.org/drawing.png", "has to start with"),
        ("data:image/svg+xml;base64,PHN2Zy8+", "has to start with"),
        ("data:image/png;base64,", "as a PNG"),
        ("data:image/png;base64,???", "damaged"),
        ("data:image/png;base64,é", "damaged"),
        (png(b"no picture"), "as a PNG"),
        (png(base64.b64decode(to_uri(to_pil(pset.photo("cat"))).split(",")[1])[:200]), "as a PNG"),
        (png(jpeg()), "as a PNG"),
        (to_uri(Image.new("L", (MAX_SIDE + 1, 1))), "4097 × 1 pixels"),
        ("data:image/png;base64," + "A" * MAX_LENGTH, "limit is 8,000,000"),
    ],
)
def test_what_is_no_drawing_is_said(uri, message):
    with pytest.raises(ValueError, match=message):
        from_uri(uri)


def test_where_nobody_draws_it_is_the_drawing_it_began_with():
    start = pset.photo("coffee")
    board = pset.DrawingBoard(start)
    assert board.image().equal(start)
    assert board.image(32).shape == (1, 3, 32, 32)
    assert pset.DrawingBoard(start[0]).image().equal(start)


def test_a_file_takes_the_place_of_drawing(tmp_path: Path):
    path = pset.save_image(pset.photo("cat", 256), tmp_path / "cat.png")
    board = pset.DrawingBoard(pset.photo("coffee"))
    board.load(path)
    assert float((board.image() - pset.photo("cat")).abs().mean()) < 0.01
    with pytest.raises(FileNotFoundError, match=r"Did you mean cat\.png"):
        board.load(tmp_path / "cta.png")
    assert float((board.image() - pset.photo("cat")).abs().mean()) < 0.01


def test_a_board_begins_with_one_square_image():
    with pytest.raises(ValueError, match="64 × 32 pixels"):
        pset.DrawingBoard(torch.zeros(1, 3, 32, 64))
    with pytest.raises(ValueError, match="one image"):
        pset.DrawingBoard(torch.zeros(2, 3, 64, 64))


def test_a_widget_brings_the_drawing_and_a_bad_one_is_said_when_it_is_used(monkeypatch):
    pytest.importorskip("anywidget")
    monkeypatch.setattr("pset.play.board.in_notebook", lambda: True)
    board = pset.DrawingBoard(pset.photo("coffee"))
    bundle = board._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert from_uri(board._widget.start).shape == (1, 3, 256, 256)
    board._widget.drawing = to_uri(Image.new("RGB", (256, 256), "red"))  # as the page sets it
    red = torch.tensor([1.0, -1, -1])[:, None, None].expand(1, 3, 64, 64)
    torch.testing.assert_close(board.image(), red)
    board._widget.drawing = "nonsense"
    with pytest.raises(ValueError, match="has to start with"):
        board.image()


STROKE = """
    await new Promise((done) => setTimeout(done, 300));
    const root = HOST.shadowRoot;
    const canvas = root.querySelector("canvas");
    canvas.setPointerCapture = () => {};
    const box = canvas.getBoundingClientRect();
    const at = (name, x, y) => canvas.dispatchEvent(new PointerEvent(name, {
        pointerId: 1, button: 0, clientX: box.left + x + 1, clientY: box.top + y + 1,
    }));
    [...root.querySelectorAll("button")].find((b) => b.textContent === "Clear").click();
    root.querySelector("button[aria-label=black]").click();
    root.querySelector("input[type=range]").value = 40;
    at("pointerdown", 128, 20);
    at("pointermove", 128, 230);
    at("pointerup", 128, 230);
    await new Promise((done) => setTimeout(done, 300));
"""


def is_the_stroke(image: torch.Tensor) -> bool:
    """A thick black line from top to bottom on white paper."""
    line, paper = image[..., 10:54, 30:34], torch.cat([image[..., :20], image[..., 44:]], dim=-1)
    return bool((line < -0.5).all() and (paper > 0.9).all())


@pytest.mark.browser
def test_in_colab_a_stroke_reaches_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    registered = {}
    output = types.ModuleType("google.colab.output")
    output.register_callback = registered.__setitem__
    colab = types.ModuleType("google.colab")
    colab.output = output
    for name, module in {
        "google": types.ModuleType("google"), "google.colab": colab, "google.colab.output": output,
    }.items():  # fmt: skip
        monkeypatch.setitem(sys.modules, name, module)

    boards = [pset.DrawingBoard(pset.photo(name)) for name in ("cat", "coffee")]
    body = """<script>
        const calls = [];
        const google = {colab: {kernel: {invokeFunction: async (...call) => calls.push(call)}}};
    </script>""" + "".join(b._repr_mimebundle_()["text/html"] for b in boards)
    script = (
        STROKE.replace("HOST", "document.querySelectorAll('body > div')[1]")
        + """
        return {calls, said: root.querySelector("output").textContent};
    """
    )
    found = ask_browser(tmp_path, body, script)
    assert "Python has your drawing" in found["said"]
    for name, arguments, keywords in found["calls"]:
        assert keywords == {}
        registered[name](*arguments)
    assert len(registered) == 2
    assert boards[0].image().equal(pset.photo("cat"))
    assert is_the_stroke(boards[1].image())


@pytest.mark.browser
def test_without_a_way_to_python_the_page_offers_a_file(tmp_path: Path):
    board = pset.DrawingBoard(pset.photo("cat"))
    script = (
        STROKE.replace("HOST", "document.querySelector('body > div')")
        + """
        return {said: root.querySelector("output").textContent, drawn: canvas.toDataURL()};
    """
    )
    found = ask_browser(tmp_path, board._repr_mimebundle_()["text/html"], script)
    assert 'board.load("drawing.png")' in found["said"]
    drawing = tmp_path / "drawing.png"
    drawing.write_bytes(base64.b64decode(found["drawn"].split(",")[1]))
    board.load(drawing)
    assert is_the_stroke(board.image())


@pytest.mark.browser
def test_the_widgets_script_is_a_module_that_draws_and_sends(tmp_path: Path, monkeypatch):
    pytest.importorskip("anywidget")
    monkeypatch.setattr("pset.play.board.in_notebook", lambda: True)
    board = pset.DrawingBoard(pset.photo("cat"))
    board._repr_mimebundle_()
    source = json.dumps(board._widget._esm)
    start = json.dumps(board._widget.start)
    script = f"""
        const state = {{start: {start}, drawing: ""}};
        let saved = 0;
        const model = {{
            get: (key) => state[key],
            set: (key, value) => {{ state[key] = value; }},
            save_changes: () => {{ saved += 1; }},
        }};
        const file = new Blob([{source}], {{type: "text/javascript"}});
        const widget = (await import(URL.createObjectURL(file))).default;
        const el = document.createElement("div");
        document.body.append(el);
        widget.render({{model, el}});
        {STROKE.replace("HOST", "el.firstChild")}
        return {{drawing: state.drawing, saved}};
    """
    found = ask_browser(tmp_path, "", script)
    assert found["saved"] == 2  # white paper, and the stroke
    board._widget.drawing = found["drawing"]
    assert is_the_stroke(board.image())
