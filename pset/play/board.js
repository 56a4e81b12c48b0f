(host, start, send) => {
  const SIDE = 256;
  const COLOURS = {
    black: "#222222", white: "#ffffff", red: "#c8323c", orange: "#e8902c", yellow: "#f2d544",
    green: "#5a8c46", blue: "#3c6ec8", "light blue": "#aad7f0", brown: "#784b28", pink: "#e9a5b8",
  };
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  host.setAttribute("data-lm-suppress-shortcuts", "true");
  const root = host.attachShadow({ mode: "open" });
  const style = make("style", {
    textContent: `
      :host { display: block; margin: .5em 0; font: 14px/1.4 system-ui, sans-serif; color: inherit }
      canvas { width: ${SIDE}px; height: ${SIDE}px; border: 1px solid #8c959f; touch-action: none;
               cursor: crosshair; display: block }
      .line { display: flex; flex-wrap: wrap; gap: .5em; align-items: center; margin: .4em 0;
              max-width: 36em }
      button, input { font: inherit; cursor: pointer }
      .colour { width: 26px; height: 26px; padding: 0; border: 1px solid #8c959f; border-radius: 4px }
      .colour[aria-pressed=true] { outline: 3px solid #1f6feb; outline-offset: 1px }
      label { display: inline-flex; gap: .4em; align-items: center }`,
  });
  const canvas = make("canvas", { width: SIDE, height: SIDE, tabIndex: 0 });
  canvas.setAttribute("role", "img");
  canvas.setAttribute(
    "aria-label", "Your drawing. Draw with a mouse, pen or finger, or load a file.",
  );
  const pen = canvas.getContext("2d");
  const said = make("output");
  let colour = COLOURS.black;
  let before = [];

  const deliver = () => {
    if (!send) return;
    Promise.resolve()
      .then(() => send(canvas.toDataURL("image/png")))
      .then(() => { said.textContent = "Python has your drawing. Run the cells below."; })
      .catch(() => {
        said.textContent =
          "Your drawing didn't reach Python. Run this cell again, or save it as a file.";
      });
  };
  const remember = () => {
    before.push(pen.getImageData(0, 0, SIDE, SIDE));
    before = before.slice(-20);
  };
  const blank = () => {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, SIDE, SIDE);
  };
  const place = (uri) => {
    const picture = new Image();
    return new Promise((done, failed) => {
      picture.onload = () => {
        const side = Math.min(picture.naturalWidth, picture.naturalHeight);
        const left = (picture.naturalWidth - side) / 2;
        const top = (picture.naturalHeight - side) / 2;
        blank();
        pen.drawImage(picture, left, top, side, side, 0, 0, SIDE, SIDE);
        done();
      };
      picture.onerror = failed;
      picture.src = uri;
    });
  };

  const colours = Object.entries(COLOURS).map(([name, value]) => {
    const button = make("button", { type: "button", className: "colour", title: name });
    button.style.background = value;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", () => choose(value));
    return [value, button];
  });
  const choose = (value) => {
    colour = value;
    colours.forEach(([own, button]) => button.setAttribute("aria-pressed", own === value));
  };
  const width = make("input", { type: "range", min: 2, max: 60, value: 14 });
  const file = make("input", { type: "file", accept: "image/*" });
  const action = (text, act) => {
    const button = make("button", { type: "button", textContent: text });
    button.addEventListener("click", act);
    return button;
  };
  const undo = () => {
    if (before.length === 0) return;
    pen.putImageData(before.pop(), 0, 0);
    deliver();
  };
  const clear = () => {
    remember();
    blank();
    deliver();
  };
  const save = () => {
    make("a", { href: canvas.toDataURL("image/png"), download: "drawing.png" }).click();
    said.textContent = "Saved as drawing.png.";
  };
  file.addEventListener("change", () => {
    if (file.files.length === 0) return;
    const reader = new FileReader();
    reader.onload = () => {
      remember();
      place(reader.result).then(deliver, () => {
        before.pop();
        said.textContent = "This file can't be shown as a picture.";
      });
    };
    reader.readAsDataURL(file.files[0]);
  });

  let last = null;
  const position = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * SIDE,
      ((event.clientY - box.top) / box.height) * SIDE,
    ];
  };
  const stroke = (event) => {
    const here = position(event);
    pen.strokeStyle = colour;
    pen.lineWidth = Number(width.value);
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...here);
    pen.stroke();
    last = here;
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    remember();
    canvas.setPointerCapture(event.pointerId);
    last = position(event);
    stroke(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last !== null) stroke(event);
  });
  const lift = () => {
    if (last === null) return;
    last = null;
    deliver();
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);

  root.append(
    style,
    canvas,
    make("div", { className: "line" }, ...colours.map(([, button]) => button)),
    make("div", { className: "line" },
      make("label", {}, "brush size", width), action("Undo", undo), action("Clear", clear),
      action("Save as file", save)),
    make("div", { className: "line" }, make("label", {}, "or load a file", file)),
    said,
  );
  choose(colour);
  blank();
  place(start);
  if (!send) {
    said.textContent =
      "This page can't send your drawing to Python. Save it as a file, then load the file in a " +
      'cell: board.load("drawing.png")';
  }
}
