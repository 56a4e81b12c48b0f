(still, film) => {
  if (still.nextElementSibling?.hasAttribute("data-pset-player")) return;
  const make = (name, properties = {}) => Object.assign(document.createElement(name), properties);

  const host = make("div");
  host.setAttribute("data-pset-player", "");
  // Arrow keys should move the slider, not trigger the notebook's shortcuts.
  host.setAttribute("data-lm-suppress-shortcuts", "true");
  const root = host.attachShadow({ mode: "open" });
  const width = Math.max(...film.frames.map((frame) => frame.width));
  const height = Math.max(...film.frames.map((frame) => frame.height));
  const style = make("style", {
    textContent: `
      :host { display: block; margin: .5em 0; font: 14px/1.4 system-ui, sans-serif; color: inherit }
      .stage { display: flex; align-items: center; justify-content: center; max-width: 100%;
               width: ${width}px; height: ${height}px; overflow: hidden }
      .stage img { flex: none; max-width: 100% }
      .controls { display: flex; flex-wrap: wrap; gap: .6em; align-items: center; margin-top: .4em }
      label { display: inline-flex; gap: .5em; align-items: center }
      input { width: 200px; accent-color: #1f6feb }
      button { font: inherit; min-width: 5.5em; cursor: pointer }
      output { font-variant-numeric: tabular-nums }`,
  });

  const picture = make("img");
  const stage = make("div", { className: "stage" });
  stage.append(picture);
  const button = make("button", { type: "button" });
  const slider = make("input", { type: "range", min: 0, max: film.frames.length - 1, step: 1 });
  const label = make("label");
  label.append(film.label, slider);
  const caption = make("output");
  const controls = make("div", { className: "controls" });
  controls.append(button, label, caption);
  root.append(style, stage, controls);

  const show = (position) => {
    const frame = film.frames[position];
    slider.value = position;
    slider.setAttribute("aria-valuetext", frame.caption);
    caption.textContent = frame.caption;
    picture.src = film.pictures[frame.picture];
    picture.alt = `${film.label}: ${frame.caption}`;
    picture.style.width = `${frame.width}px`;
    picture.style.transform = frame.transform;
    picture.style.imageRendering = frame.smooth ? "auto" : "pixelated";
  };

  let timer = null;
  let direction = 1;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = "▶ Play";
  };
  const step = () => {
    const next = Number(slider.value) + direction;
    // Stop if the output was removed during playback.
    if (!host.isConnected || next < 0 || next >= film.frames.length) return stop();
    show(next);
  };
  button.addEventListener("click", () => {
    if (timer !== null) return stop();
    const last = film.frames.length - 1;
    if (film.swing) {
      if (Number(slider.value) === last) direction = -1;
      if (Number(slider.value) === 0) direction = 1;
    } else if (Number(slider.value) === last) {
      show(0);
    }
    button.textContent = "⏸ Pause";
    timer = setInterval(step, film.milliseconds);
  });
  slider.addEventListener("input", () => {
    stop();
    show(Number(slider.value));
  });

  stop();
  show(film.start);
  still.after(host);
}
