"""Players: whole pages without a browser's help, and with one they do what the slider says."""

import html
import io
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch
from PIL import Image

import pset
from pset._notebook.data_uri import from_uri
from pset.play.player import Player
from tests.pset.browsing import ask_browser


def film() -> pset.Film:
    with pset.Film(pset.noise((1, 3, 64, 64)), 90) as film:
        for t in (60, 30, 0):
            film(pset.noise((1, 3, 64, 64), seed=t), t)
    return film


@cache
def players() -> dict[str, Player]:
    cat, coffee = pset.photo("cat"), pset.photo("coffee")
    both = torch.cat([cat, coffee])
    return {
        "slider": pset.slider([both, -both, both / 2], ["1", "<b>&\"'", "20"], "i_start",
                              pset.rows([both])),
        "film": film().player(),
        "turning": pset.turning(cat),
        "rotating": pset.turning(cat[0], how="rotate"),
        "distance": pset.growing_distance(cat),
        "animation": pset.animation([both, -both], ["a & b", "back"]),
    }  # fmt: skip


class Elements(HTMLParser):
    """The elements of a piece of HTML, and whether what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.found.append((tag, dict(attributes)))
        if tag not in ("img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", ["slider", "film", "turning", "rotating", "distance", "animation"])
def test_a_player_is_one_picture_with_everything_in_it(kind: str):
    bundle = players()[kind]._repr_mimebundle_()
    still = Image.open(io.BytesIO(bundle["image/png"]))
    assert min(still.size) > 50
    assert "Player" in bundle["text/plain"]

    elements = Elements()
    elements.feed(bundle["text/html"])
    assert not elements.open
    ((tag, attributes),) = elements.found
    assert tag == "img"
    assert len(attributes["alt"]) > 5
    shown = from_uri(attributes["src"])
    assert shown.shape[-2:] == (still.height, still.width)
    # Nothing from elsewhere, nothing with a name that another output could have.
    page = re.sub(r"base64,[A-Za-z0-9+/=]*", "", html.unescape(bundle["text/html"]))
    assert not re.search(r"https?:|//[a-z]|@import|url\(", page)
    assert "id" not in attributes


def told(player: Player) -> dict:
    """What the page's script is given."""
    elements = Elements()
    elements.feed(player._repr_mimebundle_()["text/html"])
    ((_, attributes),) = elements.found
    script = attributes["onload"]
    return json.loads(script[script.rindex(")(this, ") + len(")(this, ") : -1])


def test_a_film_keeps_every_step_of_one_image_and_returns_it_unchanged():
    x = pset.noise((1, 3, 64, 64))
    film = pset.Film(x, 990)
    for t in range(960, -1, -30):
        assert film(x, t) is x
    frames = told(film.player())["frames"]
    assert [f["caption"] for f in frames] == [f"t = {t}" for t in range(990, -1, -30)]


def test_a_film_keeps_what_the_image_was_like_then():
    x = torch.zeros(1, 3, 8, 8)
    film = pset.Film(x, 30)
    x += 1
    film(x, 0)
    first, last = told(film.player())["pictures"]
    assert float(from_uri(first).max()) < 0.1
    assert float(from_uri(last).min()) > 0.9


def test_of_several_images_a_film_keeps_the_steps_of_the_still():
    x = pset.noise((3, 3, 16, 16))
    film = pset.Film(x, 330, every=5)
    for t in range(300, -1, -30):
        film(x, t)
    frames = told(film.player())["frames"]
    assert [f["caption"] for f in frames] == ["t = 330", "t = 300", "t = 150", "t = 0"]


def test_a_film_does_not_hide_an_error_in_the_loop():
    with pytest.raises(ZeroDivisionError), pset.Film(torch.zeros(1, 3, 8, 8), 990):
        raise ZeroDivisionError


def test_a_picture_turns_to_what_an_anagram_is_read_as():
    cat = pset.photo("cat")
    frames = told(pset.turning(cat))["frames"]
    assert frames[0]["transform"] == "none"
    assert frames[-1]["transform"].endswith("rotateX(180deg)")
    assert [frames[0]["caption"], frames[-1]["caption"]] == ["upright", "upside down"]


def test_distance_makes_the_picture_small_without_leaving_out_pixels():
    stripes = torch.ones(1, 3, 64, 64)
    stripes[..., ::2] = -1
    told_about = told(pset.growing_distance(stripes))
    widths = [f["width"] for f in told_about["frames"]]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == 256
    far = from_uri(told_about["pictures"][-1])
    assert far.shape[-1] == widths[-1] == 16
    assert float(far.abs().max()) < 0.1  # black and white stripes, seen from afar, are grey


def test_what_cannot_be_played_is_said():
    cat = pset.photo("cat")
    with pytest.raises(ValueError, match="at least two frames"):
        pset.slider([cat], ["1"], "i_start", pset.rows([cat]))
    with pytest.raises(ValueError, match="2 positions and 1 captions"):
        pset.slider([cat, cat], ["1"], "i_start", pset.rows([cat]))
    with pytest.raises(ValueError, match="'flip' or 'rotate'"):
        pset.turning(cat, how="shake")
    with pytest.raises(ValueError, match="one image"):
        pset.turning(torch.cat([cat, cat]))


def test_the_still_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PSET_FIGURES", str(tmp_path))
    pset.turning(pset.photo("cat"), name="turned")
    pset.growing_distance(pset.photo("cat"), name="far")
    assert {path.name for path in tmp_path.iterdir()} == {"turned.png", "far.png"}


def test_an_animation_is_published_still_and_moving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PSET_FIGURES", str(tmp_path))
    video = pset.noise((4, 3, 8, 8))
    pset.animation([video, -video], ["one", "two"], name="clip", milliseconds=120, scale=2)
    assert {path.name for path in tmp_path.iterdir()} == {"clip.png", "clip_moving.png"}
    with Image.open(tmp_path / "clip_moving.png") as moving:
        assert moving.n_frames == 6  # 0 1 2 3 2 1
        assert moving.info["duration"] == 120
        assert moving.size == (2 * (8 + 2 + 8), 2 * 8)


def test_videos_of_different_lengths_do_not_play_in_step():
    video = pset.noise((4, 3, 8, 8))
    with pytest.raises(ValueError, match="same length"):
        pset.animation([video, video[:3]], ["one", "two"])


@pytest.mark.browser
def test_in_a_browser_the_slider_changes_the_picture_and_nothing_leaks(tmp_path: Path):
    made = players()
    body = "".join(player._repr_mimebundle_()["text/html"] for player in made.values())
    script = """
        const hosts = [...document.querySelectorAll("[data-pset-player]")];
        const players = hosts.map((host) => {
            const root = host.shadowRoot;
            const [picture, slider] = [root.querySelector("img"), root.querySelector("input")];
            const look = () => [picture.src, picture.style.transform, picture.style.width].join();
            const seen = [];
            for (let k = 0; k <= slider.max; k++) {
                slider.value = k;
                slider.dispatchEvent(new Event("input"));
                seen.push([look(), root.querySelector("output").textContent, picture.alt]);
            }
            return {seen, label: root.querySelector("label").textContent};
        });
        const others = Object.keys(window).filter((name) => /pset|film|still/.test(name));
        const ids = document.querySelectorAll("body [id]").length;
        const stills = document.querySelectorAll("body > img").length;
        return {players, others, ids, stills};
    """
    found = ask_browser(tmp_path, body, script)
    assert len(found["players"]) == len(made) == found["stills"]
    assert found["others"] == []
    assert found["ids"] == 0
    for player, in_page in zip(made.values(), found["players"], strict=True):
        assert in_page["label"] == player.label
        looks, captions, alts = zip(*in_page["seen"], strict=True)
        assert list(captions) == [frame.caption for frame in player.frames]
        assert list(alts) == [f"{player.label}: {frame.caption}" for frame in player.frames]
        assert len(set(looks)) == len(player.frames)


@pytest.mark.browser
def test_in_a_browser_it_plays_and_stops(tmp_path: Path):
    body = pset.turning(pset.photo("cat"))._repr_mimebundle_()["text/html"]
    script = """
        const root = document.querySelector("[data-pset-player]").shadowRoot;
        const [button, slider] = [root.querySelector("button"), root.querySelector("input")];
        const wait = (time) => new Promise((done) => setTimeout(done, time));
        const seen = [slider.value, button.textContent];
        button.click();
        seen.push(button.textContent);
        await wait(3000);
        seen.push(slider.value, button.textContent);
        button.click();
        await wait(3000);
        seen.push(slider.value);
        return seen;
    """
    found = ask_browser(tmp_path, body, script)
    assert found == ["0", "▶ Play", "⏸ Pause", "36", "▶ Play", "0"]
