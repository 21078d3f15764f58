"use strict";
(() => {
  const stage = document.getElementById("stage"), svg = stage.querySelector("svg"), panel = document.getElementById("panel");
  const search = document.getElementById("search"), found = document.getElementById("found");
  const things = new Map(JSON.parse(document.getElementById("things").textContent).map(t => [t.key, t]));
  const shapes = [...svg.querySelectorAll("[data-key]")], width = svg.viewBox.baseVal.width, height = svg.viewBox.baseVal.height;
  const least = 0.08, most = 4, step = 60, still = 4;
  let x = 0, y = 0, scale = 1, fitted = true;

  const place = () => { svg.style.transform = `translate(${x}px,${y}px) scale(${scale})`; };
  const fit = () => {
    scale = Math.min(1.25, stage.clientWidth / width, Math.max(0.5, stage.clientHeight / height));
    x = Math.max(0, (stage.clientWidth - width * scale) / 2);
    y = Math.max(0, (stage.clientHeight - height * scale) / 2);
    fitted = true;
    place();
  };
  const zoom = (by, atX = stage.clientWidth / 2, atY = stage.clientHeight / 2) => {
    const to = Math.min(most, Math.max(least, scale * by));
    x = atX - (atX - x) * to / scale;
    y = atY - (atY - y) * to / scale;
    scale = to;
    fitted = false;
    place();
  };
  const move = (dx, dy) => { x += dx; y += dy; fitted = false; place(); };

  stage.addEventListener("wheel", e => {
    e.preventDefault();
    const box = stage.getBoundingClientRect();
    if (e.ctrlKey || e.metaKey || !e.shiftKey && Math.abs(e.deltaY) >= Math.abs(e.deltaX)) zoom(Math.exp(-e.deltaY * 0.0015), e.clientX - box.left, e.clientY - box.top);
    else move(-e.deltaX - (e.shiftKey ? e.deltaY : 0), 0);
  }, { passive: false });

  const pointers = new Map();
  let pressed = null, far = 0;
  stage.addEventListener("pointerdown", e => {
    if (e.target.closest("#zoom")) return;
    pointers.set(e.pointerId, [e.clientX, e.clientY]);
    pressed = e.target.closest("[data-key]");
    far = 0;
  });
  stage.addEventListener("pointermove", e => {
    const was = pointers.get(e.pointerId);
    if (!was) return;
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== e.pointerId)[1], box = stage.getBoundingClientRect();
      zoom(Math.hypot(e.clientX - other[0], e.clientY - other[1]) / Math.max(1, Math.hypot(was[0] - other[0], was[1] - other[1])), (e.clientX + other[0]) / 2 - box.left, (e.clientY + other[1]) / 2 - box.top);
    } else if (e.target.nodeName !== "text" || far > still) {
      move(e.clientX - was[0], e.clientY - was[1]);
      stage.classList.add("drag");
      if (!stage.hasPointerCapture(e.pointerId)) stage.setPointerCapture(e.pointerId);
    }
    far += Math.hypot(e.clientX - was[0], e.clientY - was[1]);
    pointers.set(e.pointerId, [e.clientX, e.clientY]);
  });
  const lift = e => {
    if (!pointers.delete(e.pointerId)) return;
    stage.classList.remove("drag");
    if (e.type === "pointerup" && far <= still && pressed) show(pressed.dataset.key);
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);

  document.getElementById("zoom").addEventListener("click", e => {
    const what = e.target.dataset.zoom;
    if (what === "fit") fit(); else if (what) zoom(what === "in" ? 1.25 : 0.8);
  });
  document.addEventListener("keydown", e => {
    if (e.key === "Escape") { if (search.value) { search.value = ""; seek(); } else hide(); stage.focus(); return; }
    if (e.target === search) { if (e.key === "Enter") { const hit = svg.querySelector(".hit"); if (hit) show(hit.dataset.key); } return; }
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("aside")) return;
    const keys = { ArrowLeft: () => move(step, 0), ArrowRight: () => move(-step, 0), ArrowUp: () => move(0, step), ArrowDown: () => move(0, -step), "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: fit, "/": () => search.focus() };
    if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
    else if ((e.key === "Enter" || e.key === " ") && e.target.dataset && e.target.dataset.key) { e.preventDefault(); show(e.target.dataset.key); }
  });

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const hide = () => {
    panel.hidden = true;
    shapes.forEach(s => s.classList.remove("sel"));
    if (fitted) fit();
  };
  const show = key => {
    const thing = things.get(key);
    if (!thing) return;
    shapes.forEach(s => s.classList.toggle("sel", s.dataset.key === key));
    const close = element("button", "Close", "close");
    close.type = "button";
    close.addEventListener("click", () => { hide(); stage.focus(); });
    panel.replaceChildren(close, element("div", thing.kind, "kind"), element("h2", thing.title));
    for (const problem of thing.problems) panel.append(element("p", problem, "bad"));
    panel.append(element("p", thing.says));
    const list = element("dl");
    for (const [name, value] of thing.facts) list.append(element("dt", name), element("dd", value));
    panel.append(list);
    if (thing.how.length) panel.append(element("h3", "How it is made by hand"), element("pre", thing.how.join("\n")));
    panel.hidden = false;
    panel.scrollTop = 0;
    if (fitted) fit();
  };

  const seek = () => {
    const word = search.value.trim().toLowerCase(), hits = new Set();
    if (word) for (const t of things.values()) if (`${t.title} ${t.facts.map(f => f.join(" ")).join(" ")}`.toLowerCase().includes(word)) hits.add(t.key);
    let count = 0;
    for (const s of shapes) s.classList.toggle("hit", hits.has(s.dataset.key));
    for (const key of hits) if (shapes.some(s => s.dataset.key === key)) count++;
    svg.classList.toggle("seek", word !== "");
    found.textContent = word ? `${count} found` : "";
  };
  search.addEventListener("input", seek);

  document.getElementById("theme").addEventListener("click", () => {
    const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // One stop of the tab key for each thing, at its first shape.
  const seen = new Set();
  for (const s of shapes) {
    const thing = things.get(s.dataset.key);
    if (!thing || seen.has(s.dataset.key)) continue;
    seen.add(s.dataset.key);
    s.setAttribute("tabindex", "0");
    s.setAttribute("role", "button");
    s.setAttribute("aria-label", `${thing.kind} ${thing.title}${thing.problems.length ? ": " + thing.problems.join("; ") : ""}`);
  }
  svg.setAttribute("role", "group");
  new ResizeObserver(() => { if (fitted) fit(); }).observe(stage);
  fit();
})();
