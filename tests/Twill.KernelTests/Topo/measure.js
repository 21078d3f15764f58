// Runs in the browser, over every picture and page: what does not fit, cannot be read, or fails, is a finding.
"use strict";
const findings = [];
let subject = "";
const find = what => findings.push(`${subject}: ${what}`);
const slack = 0.75, leastContrast = 4.5;

const colour = text => {
  const m = /rgba?\(([^)]+)\)/.exec(text);
  return m ? m[1].split(",").map(Number) : null;
};
const luminance = c => {
  const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
};
const inside = (inner, outer) => inner.left >= outer.left - slack && inner.right <= outer.right + slack && inner.top >= outer.top - slack && inner.bottom <= outer.bottom + slack;

function picture(svg) {
  const whole = svg.getBoundingClientRect(), style = svg.ownerDocument.defaultView.getComputedStyle.bind(svg.ownerDocument.defaultView);
  const rects = [...svg.querySelectorAll("rect:not(.shade)")].map(e => ({ e, box: e.getBoundingClientRect() }));
  const texts = [...svg.querySelectorAll("text")].map(e => ({ e, box: e.getBoundingClientRect(), says: [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join("") }));
  if (texts.length === 0) find("no text at all");
  for (const r of rects) if (!inside(r.box, whole)) find(`a box of ${r.e.dataset.key} leaves the picture`);
  for (const t of texts) {
    if (!inside(t.box, whole)) find(`"${t.says}" leaves the picture`);
    const x = t.box.left + 1, y = (t.box.top + t.box.bottom) / 2;
    const under = rects.filter(r => r.box.left <= x && r.box.right >= x && r.box.top <= y && r.box.bottom >= y);
    const own = under.length ? under[under.length - 1] : null;
    if (own && !inside(t.box, own.box)) find(`"${t.says}" leaves its box ${own.e.dataset.key} by ${Math.max(t.box.right - own.box.right, own.box.top - t.box.top, t.box.bottom - own.box.bottom).toFixed(1)} px`);
    const ground = own ? colour(style(own.e).fill) : colour(style(svg).backgroundColor) || colour(style(svg.ownerDocument.body).backgroundColor);
    const ink = colour(style(t.e).fill);
    if (ground && ink && ground.length === 3 && contrast(ink, ground) < leastContrast) find(`"${t.says}" has a contrast of ${contrast(ink, ground).toFixed(1)} only`);
  }
  for (let i = 0; i < texts.length; i++) {
    for (let j = i + 1; j < texts.length && texts.length < 1500; j++) {
      const a = texts[i].box, b = texts[j].box;
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4) find(`"${texts[i].says}" and "${texts[j].says}" overlap`);
    }
  }
}

const press = (view, element) => { for (const type of ["pointerdown", "pointerup"]) element.dispatchEvent(new view.PointerEvent(type, { bubbles: true, pointerId: 1 })); };
const key = (view, target, name) => target.dispatchEvent(new view.KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));

function page(view) {
  const d = view.document, svg = d.querySelector("#stage svg"), panel = d.getElementById("panel");
  for (const error of view.failures) find(`script error: ${error}`);
  if (!svg) { find("no picture"); return; }
  picture(svg);
  const expect = (fine, what) => { if (!fine) find(what); };
  if (d.documentElement.scrollWidth > d.documentElement.clientWidth) find("the page is wider than its window");
  for (const e of d.querySelectorAll("header *")) if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && e.nodeName !== "INPUT") find(`<${e.nodeName}> of the head is cut`);

  // Whatever can be clicked opens the panel, and nothing in it is cut off.
  const keys = [...new Set([...svg.querySelectorAll("[data-key]")].map(e => e.dataset.key))];
  for (const k of keys) {
    press(view, [...svg.querySelectorAll("[data-key]")].find(e => e.dataset.key === k));
    expect(!panel.hidden && panel.querySelector("h2").textContent.length > 0, `a click on ${k} shows nothing`);
    expect(panel.scrollWidth <= panel.clientWidth, `the panel of ${k} is cut`);
    expect(svg.querySelector(".sel"), `${k} is not marked as chosen`);
  }
  key(view, d.body, "Escape");
  expect(panel.hidden, "Escape does not close the panel");
  const first = svg.querySelector("[tabindex]");
  first.focus();
  expect(d.activeElement === first, "a shape cannot be reached by the keyboard");
  key(view, first, "Enter");
  expect(!panel.hidden, "Enter on a shape shows nothing");
  key(view, d.body, "Escape");
  for (const name of ["+", "-", "ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"]) {
    const was = svg.style.transform;
    key(view, d.getElementById("stage"), name);
    expect(svg.style.transform !== was, `${name} does not move the picture`);
  }
  const moved = svg.style.transform;
  d.getElementById("stage").dispatchEvent(new view.WheelEvent("wheel", { deltaY: -100, clientX: 300, clientY: 300, bubbles: true, cancelable: true }));
  expect(svg.style.transform !== moved, "the wheel does not zoom");
  const search = d.getElementById("search");
  search.value = "10.244.1.2/";
  search.dispatchEvent(new view.Event("input"));
  expect(/^[1-9]\d* found$/.test(d.getElementById("found").textContent), `a search for a pod's address says "${d.getElementById("found").textContent}"`);
  expect([...svg.querySelectorAll(".hit")].some(e => e.dataset.key === "blue"), "the search does not mark the pod");
  search.value = "nobody has this";
  search.dispatchEvent(new view.Event("input"));
  expect(d.getElementById("found").textContent === "0 found", "a search for nothing finds something");
  search.value = "";
  search.dispatchEvent(new view.Event("input"));
  const ground = () => view.getComputedStyle(d.body).backgroundColor, before = ground();
  d.getElementById("theme").click();
  expect(ground() !== before, "the switch between light and dark does nothing");
  picture(svg);
  for (const error of view.failures) find(`script error: ${error}`);
}

function run(pictures, pages, scheme) {
  subject = "browser";
  if (!matchMedia(`(prefers-color-scheme: ${scheme})`).matches) find(`is not ${scheme}`);
  const parser = new DOMParser();
  for (const [name, text] of pictures) {
    subject = name;
    const parsed = parser.parseFromString(text, "image/svg+xml");
    if (parsed.querySelector("parsererror")) { find("is no XML"); continue; }
    const svg = document.body.appendChild(document.importNode(parsed.documentElement, true));
    picture(svg);
    svg.remove();
  }
  for (const [name, frame] of pages) {
    subject = name;
    page(frame.contentWindow);
  }
  document.body.replaceChildren();
  document.documentElement.append(Object.assign(document.createElement("pre"), { id: "verdict", textContent: `${pictures.length} pictures, ${pages.length} pages\n${findings.join("\n")}\nend` }));
}
