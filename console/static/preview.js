// What some people would get, to flip through, drawn as their apps do.
import { el, fill } from "./dom.js";
import * as line from "./line.js";
import * as messenger from "./messenger.js";

const PAUSE = 500; // after the last change, before the server is asked

const apps = { line, messenger };
const NAMES = { line: "LINE", messenger: "Messenger" };
const context = { tap() {}, toast() {}, media: () => "" };

export function preview() {
  const box = document.getElementById("preview");
  if (!box) return;
  const form = document.getElementById("compose");
  const state = { box, at: 0, samples: [], asked: 0 };
  const ask = () => load(state, !form ? new URLSearchParams({ id: box.dataset.id }) : new URLSearchParams(new FormData(form)));
  if (form) {
    let timer;
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    };
    // What is written is looked at when its field is left, all else at once.
    form.addEventListener("input", (event) => event.target.type !== "text" && event.target.type !== "textarea" && soon());
    form.addEventListener("change", soon);
  }
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") flip(state, -1);
    if (event.key === "ArrowRight") flip(state, 1);
  });
  ask();
}

async function load(state, form) {
  const turn = ++state.asked;
  try {
    const response = await fetch("/broadcasts/preview", { method: "POST", body: form, headers: { "X-CSRF-Token": document.body.dataset.csrf, "X-Requested-With": "page" } });
    if (!response.ok) return;
    const answer = await response.json();
    if (turn !== state.asked) return; // a later one is on its way
    state.samples = answer.samples;
    state.at = Math.min(state.at, Math.max(0, state.samples.length - 1));
    draw(state, answer.error);
  } catch {
    // the server is away: what is shown stays
  }
}

function flip(state, by) {
  if (!state.samples.length) return;
  state.at = (state.at + by + state.samples.length) % state.samples.length;
  draw(state);
}

function draw(state, error) {
  const { box, samples } = state;
  const sample = samples[state.at];
  box.hidden = !sample && !error;
  if (error) return fill(box, [el("h2", {}, "Preview"), el("p", { className: "small" }, error)]);
  if (!sample) return;
  const previous = el("button", { type: "button", ariaLabel: "The person before" }, "‹");
  const next = el("button", { type: "button", ariaLabel: "The next person" }, "›");
  previous.addEventListener("click", () => refocus(state, -1, 0));
  next.addEventListener("click", () => refocus(state, 1, 1));
  const whom = el("div", { className: "whom" }, el("b", {}, (sample.variant ? `${sample.variant}: ` : "") + (sample.person || "Somebody")), el("small", {}, `${NAMES[sample.channel] || sample.channel} · ${sample.account} · ${state.at + 1} of ${samples.length}`));
  fill(box, [
    el("div", { className: "flip" }, previous, whom, next),
    chat(sample),
    ...(sample.warnings || []).map((w) => el("p", { className: "small hint" }, w)),
  ]);
}

function refocus(state, by, button) {
  flip(state, by);
  state.box.querySelectorAll(".flip button")[button].focus();
}

function chat(sample) {
  const app = apps[sample.channel];
  const node = el("div", { className: `chat ${sample.channel}`, tabIndex: 0 });
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", `What ${sample.person || "this person"} would see`);
  if (sample.skipped) {
    node.append(el("p", { className: "says" }, "Gets nothing. ", sample.skipped));
    return node;
  }
  if (!sample.messages.length) node.append(el("p", { className: "says" }, "Nothing can be shown."));
  sample.messages.forEach((message, i) => {
    const drawn = app ? app.renderMessage(message, context) : el("pre", {}, JSON.stringify(message, null, 1));
    const said = el("div", { className: "said" + (i ? "" : " first") }, el("div", { className: "line" }, drawn));
    if (app?.isWide(message)) said.classList.add("wide");
    node.append(said);
  });
  const quick = app?.quickReplies(sample.messages.at(-1) || {}) || [];
  if (quick.length) {
    node.append(el("div", { className: "quick" }, ...quick.map(({ action }) => el("button", { type: "button", tabIndex: -1 }, action?.label || action?.title || ""))));
  }
  return node;
}
