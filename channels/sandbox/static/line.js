// LINE's messages as its app shows them.
import { MEDIA, el, picture } from "./dom.js";
import { renderFlex } from "./flex.js";

// isWide tells whether a message reaches to the right edge of the phone.
export function isWide(m) {
  return m.type === "imagemap" || (m.type === "template" && /carousel/.test(m.template?.type)) || (m.type === "flex" && !["nano", "micro", "deca", "hecto", "kilo"].includes(m.contents?.size));
}

// quickReplies are the buttons under a message, each with its action.
export const quickReplies = (m) => m.quickReply?.items || [];

// inOneLine is a message as the list of chats shows it.
export function inOneLine(m) {
  return m.text || m.altText || { image: "Photo", video: "Video", audio: "Voice message", sticker: "Sticker", location: m.title || "Location", file: m.fileName }[m.type] || m.type;
}

export function renderMessage(m, context) {
  switch (m.type) {
    case "text":
    case "textV2":
      return el("div", { className: "bubble" }, ...linked(m.type === "text" ? m.text : plain(m)));
    case "image":
      return m.contentProvider ? el("img", { className: "picture", src: context.media(m.id), alt: "Photo" }) : picture(m.previewImageUrl, "picture", "Photo");
    case "video":
      return film(m, context);
    case "audio":
      return el("div", { className: "bubble sound" }, el("i"), el("span"), duration(m.duration));
    case "file":
      return el("div", { className: "bubble" }, `${m.fileName} (${Math.ceil(m.fileSize / 1024)} KB)`);
    case "sticker":
      return el("img", { className: "stickerbox", src: MEDIA + "sticker", alt: `Sticker ${(m.keywords || [m.packageId, m.stickerId]).join(" ")}` });
    case "location":
      return el("div", { className: "placecard" }, el("div", { className: "map" }), el("b", {}, m.title || "Location"), el("p", {}, m.address || `${m.latitude}, ${m.longitude}`));
    case "template":
      return template(m.template, context);
    case "flex":
      return renderFlex(m.contents, context);
    case "imagemap":
      return imagemap(m, context);
    default:
      return el("div", { className: "bubble unknown" }, m.altText || `a message of type ${m.type}`);
  }
}

// linked makes the https addresses in a text into links.
export function linked(text = "") {
  return text.split(/(https?:\/\/[^\s<>"'，。]+)/).map((part, i) =>
    i % 2 ? el("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
}

// plain writes a textV2 without its emojis.
function plain(m) {
  return m.text.replace(/\{\{|\}\}|\{([^{}]+)\}/g, (all, name) => (all === "{{" ? "{" : all === "}}" ? "}" : name ? "☺" : all));
}

function film(m, context) {
  const inside = m.contentProvider ? el("img", { className: "picture", src: context.media(m.id), alt: "Video" }) : picture(m.previewImageUrl, "picture", "Video");
  const button = el("button", { className: "film", type: "button" }, inside);
  button.setAttribute("aria-label", "Play the video");
  button.addEventListener("click", () => context.toast(`Plays ${m.originalContentUrl || "the video"}`));
  return button;
}

function duration(ms) {
  if (!ms) return "";
  const s = Math.round(ms / 1000);
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

function actions(list, context) {
  return el("div", { className: "acts" }, ...(list || []).map((action) => {
    const button = el("button", { type: "button" }, action.label || action.type);
    button.addEventListener("click", () => context.tap(action));
    return button;
  }));
}

function card(c, look, context) {
  const node = el("div", { className: "tmpl" });
  if (look.imageAspectRatio === "square") node.classList.add("square");
  if (look.imageSize === "contain") node.classList.add("contain");
  const face = [];
  if (c.thumbnailImageUrl) {
    const image = picture(c.thumbnailImageUrl, "", c.title || "");
    if (c.imageBackgroundColor) image.style.background = c.imageBackgroundColor;
    face.push(image);
  }
  face.push(el("div", { className: "say" }, c.title ? el("b", {}, c.title) : "", el("p", {}, c.text || "")));
  if (c.defaultAction) {
    for (const part of face) {
      part.classList.add("tappable");
      part.addEventListener("click", () => context.tap(c.defaultAction));
    }
  }
  node.append(...face, actions(c.actions, context));
  return node;
}

function template(t, context) {
  switch (t?.type) {
    case "buttons":
      return card(t, t, context);
    case "confirm": {
      const node = card({ text: t.text, actions: t.actions }, {}, context);
      node.classList.add("confirm");
      return node;
    }
    case "carousel":
      return strip(t.columns.map((column) => {
        const node = card(column, t, context);
        node.classList.add("column");
        return node;
      }));
    case "image_carousel":
      return strip(t.columns.map(({ imageUrl, action }) => {
        const node = el("button", { className: "pic", type: "button" }, picture(imageUrl, "", action?.label || ""), action?.label ? el("span", {}, action.label) : "");
        node.addEventListener("click", () => context.tap(action));
        return node;
      }));
    default:
      return el("div", { className: "bubble unknown" }, `a template of type ${t?.type}`);
  }
}

export function strip(children) {
  const node = el("div", { className: "strip", tabIndex: 0 }, ...children);
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", "Cards");
  return node;
}

function imagemap(m, context) {
  const node = el("div", { className: "imap" }, picture(`${m.baseUrl}/1040`, "", m.altText));
  const { width, height } = m.baseSize;
  node.style.aspectRatio = `${width} / ${height}`;
  for (const { type, area, linkUri, text, label, clipboardText } of m.actions) {
    const button = el("button", { type: "button", title: label || text || linkUri || "" });
    Object.assign(button.style, { left: share(area.x, width), top: share(area.y, height), width: share(area.width, width), height: share(area.height, height) });
    button.addEventListener("click", () => context.tap({ type, uri: linkUri, text, clipboardText }));
    node.append(button);
  }
  return node;
}

const share = (part, whole) => `${(100 * part) / whole}%`;

