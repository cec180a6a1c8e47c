// Messenger's messages as its app shows them.
import { el, picture } from "./dom.js";
import { linked, strip } from "./line.js";

const payloadOf = (m) => m.attachment?.payload || {};

// isWide tells whether a message reaches to the right edge of the phone.
export const isWide = (m) => (payloadOf(m).elements || []).length > 1;

// What the app itself writes on buttons that share something.
const SHARED = { user_phone_number: "Share my phone number", user_email: "Share my e-mail" };

// quickReplies are the buttons under a message, each with its action.
export function quickReplies(m) {
  return (m.quick_replies || []).map((q) => ({ imageUrl: q.image_url, action: { ...q, title: q.title || SHARED[q.content_type] } }));
}

const KINDS = { image: "Photo", video: "Video", audio: "Voice message", file: "File", sticker: "Sticker", fallback: "Link" };

// inOneLine is a message as the list of chats shows it.
export function inOneLine(m) {
  if (m.text) return m.text;
  const p = payloadOf(m);
  const kind = m.attachment?.type || m.attachments?.[0]?.type;
  return p.text || p.elements?.[0]?.title || p.name || KINDS[kind] || "a message";
}

export function renderMessage(m, context) {
  if (m.text) return el("div", { className: "bubble" }, ...linked(m.text));
  if (m.attachments) return el("div", { className: "files" }, ...m.attachments.map((a) => file(a, context)));
  if (m.attachment?.type === "template") return template(m.attachment.payload, context);
  return file(m.attachment || {}, context);
}

// file shows what an attachment leads to.
function file({ type, payload = {} }, context) {
  switch (type) {
    case "image":
      return picture(payload.url, "picture", "Photo");
    case "video": {
      const button = el("button", { className: "film", type: "button" }, el("span", { className: "picture reel" }));
      button.setAttribute("aria-label", "Play the video");
      button.addEventListener("click", () => context.toast(`Plays ${payload.url || "the video"}`));
      return button;
    }
    case "audio":
      return el("div", { className: "bubble sound" }, el("i"), el("span"));
    case "file":
      return el("a", { className: "bubble paper", href: payload.url, target: "_blank", rel: "noopener noreferrer" }, nameIn(payload.url) || "File");
    case "sticker":
      return el("div", { className: "thumb", role: "img", ariaLabel: "Sticker" }, "👍");
    default:
      return el("div", { className: "bubble unknown" }, `an attachment of type ${type}`);
  }
}

function nameIn(url = "") {
  const name = url.split(/[?#]/)[0].split("/").pop();
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function template(p, context) {
  switch (p.template_type) {
    case "button":
      return el("div", { className: "tmpl asked" }, el("div", { className: "say" }, el("p", {}, ...linked(p.text))), buttons(p.buttons, context));
    case "generic": {
      const cards = p.elements.map((e) => card(e, p.image_aspect_ratio, context));
      return cards.length > 1 ? strip(cards) : cards[0];
    }
    case "media": {
      const [e] = p.elements;
      return el("div", { className: "tmpl" }, picture(e.url, "", e.media_type), buttons(e.buttons, context));
    }
    case "utility_messages":
      return utility(p, context);
    default:
      return el("div", { className: "bubble unknown" }, `a template of type ${p.template_type}`);
  }
}

function card(e, aspect, context) {
  const node = el("div", { className: "tmpl column" });
  node.classList.toggle("square", aspect === "square");
  const face = [];
  if (e.image_url) face.push(picture(e.image_url, "", e.title));
  face.push(el("div", { className: "say" }, el("b", {}, e.title), e.subtitle ? el("p", {}, e.subtitle) : "", e.default_action ? el("small", {}, host(e.default_action.url)) : ""));
  if (e.default_action) {
    for (const part of face) {
      part.classList.add("tappable");
      part.addEventListener("click", () => context.tap(e.default_action));
    }
  }
  node.append(...face, buttons(e.buttons, context));
  return node;
}

function host(url) {
  try {
    return new URL(url).host;
  } catch {
    return "";
  }
}

// utility shows what fills a template in: only Meta knows the words around it.
function utility(p, context) {
  const parts = p.components || [];
  const words = parts.filter((c) => c.type === "body").flatMap((c) => c.parameters.map((x) => x.text));
  const taps = parts.filter((c) => c.type === "button").map((c, i) => ({ content_type: "text", title: `Button ${(c.index ?? i) + 1}`, payload: c.parameters[0]?.payload }));
  return el("div", { className: "tmpl asked" }, el("div", { className: "say" }, el("b", {}, p.name), el("p", {}, words.join(" · ") || p.language?.code)), buttons(taps, context));
}

function buttons(list, context) {
  if (!list?.length) return "";
  return el("div", { className: "acts" }, ...list.map((b) => {
    const button = el("button", { type: "button" }, b.title || b.type);
    button.addEventListener("click", () => context.tap(b));
    return button;
  }));
}
