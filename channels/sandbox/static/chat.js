// One entry of a chat, around the message itself: who says it, when, and how
// it travelled.
import { avatar, el, picture, time } from "./dom.js";
import * as line from "./line.js";
import * as messenger from "./messenger.js";

// Every message of LINE says its type, none of Messenger does.
const platform = (message) => (message.type ? line : messenger);

export function renderEntry(entry, before, context) {
  if (entry.from === "note") return note(entry, context);
  const own = entry.from === "person";
  const first = !before || before.from !== entry.from;
  const wide = !own && platform(entry.message).isWide(entry.message);
  const node = el("div", { className: ["said", own && "own", first && "first", wide && "wide"].filter(Boolean).join(" ") });
  if (!own && first) {
    const sender = entry.message.sender || {};
    const name = sender.name || context.account.title;
    const face = sender.iconUrl || sender.name ? avatar(name, sender.iconUrl, name) : accountFace(context.account);
    face.style.gridRow = "1 / span 2";
    node.append(face, el("div", { className: "name" }, name));
  }
  node.append(el("div", { className: "line" }, platform(entry.message).renderMessage(entry.message, context), meta(entry, own, context)));
  return node;
}

function meta(entry, own, context) {
  const box = el("div", { className: "meta" });
  const peek = el("button", { className: "peek", type: "button", title: "Show the message as it was sent" }, "{ }");
  peek.setAttribute("aria-label", "Show the raw message");
  peek.addEventListener("click", () => context.peek(entry));
  box.append(peek);
  if (own && entry.failure) {
    box.append(el("span", { className: "bad", title: entry.failure }, entry.status ? `! ${entry.status}` : "! not taken"));
  } else if (own) {
    box.append(el("span", {}, entry.status ? "Read" : "…"));
  } else {
    box.append(el("span", { className: "route" }, (entry.route || entry.endpoint).toLowerCase().replaceAll("_", " ")));
  }
  box.append(el("time", {}, time(entry.at)));
  return box;
}

function note(entry, context) {
  const text = entry.failure ? `${entry.note} · the webhook was not taken${entry.status ? ` (${entry.status})` : ""}` : entry.note;
  const node = el("div", { className: "noted", title: entry.failure || "" }, text);
  node.classList.toggle("bad", Boolean(entry.failure));
  node.addEventListener("click", () => context.peek(entry));
  return node;
}

// quickReplies are the buttons under the last message, as long as it is last.
export function quickReplies(last, context) {
  if (last?.from !== "account" || !last.last) return [];
  return platform(last.message).quickReplies(last.message).map(({ imageUrl, action }) => {
    const button = el("button", { type: "button" }, imageUrl ? picture(imageUrl) : "", action.label || action.title || "");
    button.addEventListener("click", () => context.tap(action));
    return button;
  });
}

export function loadingDots(context) {
  const dots = el("div", { className: "bubble dots" }, el("i"), el("i"), el("i"));
  dots.setAttribute("role", "img");
  dots.setAttribute("aria-label", "An answer is being written");
  return el("div", { className: "said" }, accountFace(context.account), el("div", { className: "line" }, dots));
}

export const accountFace = (account) => avatar(account.title, account.picture, account.name);

// preview is an entry in one line, for the list of people.
export function preview(entry) {
  if (entry.from === "note") return entry.note;
  return platform(entry.message).inOneLine(entry.message).replace(/\s+/g, " ");
}
