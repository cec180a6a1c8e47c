// Small helpers. Texts of others are only ever set as text, never as HTML.

export function el(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export const fill = (parent, children) => parent.replaceChildren(...children);

// The host of demo pictures; nobody serves it, so they come from where this
// page does.
const MEDIA_HOST = "media.blockcast.example";
export const MEDIA = new URL("../media/", import.meta.url).pathname;

export function pictureURL(url) {
  try {
    const parsed = new URL(url);
    if (parsed.host === MEDIA_HOST) return MEDIA + parsed.pathname.slice(1);
    return parsed.protocol === "https:" ? parsed.href : "";
  } catch {
    return "";
  }
}

// picture is an image that turns into a drawn one when it cannot be loaded.
export function picture(url, className = "", alt = "") {
  const image = el("img", { className, alt, referrerPolicy: "no-referrer" });
  const name = fileName(url || "") || "picture";
  image.addEventListener("error", () => (image.src = MEDIA + encodeURIComponent(name)), { once: true });
  image.src = pictureURL(url) || MEDIA + encodeURIComponent(name);
  return image;
}

function fileName(url) {
  const name = url.split(/[?#]/)[0].split("/").pop();
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const COLOURS = ["#f2994a", "#56b4d3", "#9b6dd7", "#43b581", "#eb6f92", "#5b8def", "#d4a017", "#3aa6a0"];

// avatar shows a picture, or the first letter of the given name.
export function avatar(name, url, seed) {
  const face = el("span", { className: "avatar" });
  face.setAttribute("aria-hidden", "true");
  if (url) {
    face.append(picture(url));
    return face;
  }
  const words = (name || "?").trim().split(/\s+/);
  const cjk = /\p{Script=Han}/u.test(name || "");
  face.textContent = [...(cjk ? words[0] : words.at(-1))][0]?.toUpperCase() || "?";
  const hash = [...(seed || name || "")].reduce((h, c) => (h * 31 + c.codePointAt(0)) >>> 0, 7);
  face.style.background = COLOURS[hash % COLOURS.length];
  return face;
}

const sameDay = (a, b) => a.toDateString() === b.toDateString();

// clock is the time of today, or the date of another day.
export function clock(at) {
  const t = new Date(at);
  return sameDay(t, new Date()) ? time(at) : t.toLocaleDateString(undefined, { month: "short", day: "numeric" });
}

export const time = (at) => new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });

export function day(at) {
  const t = new Date(at);
  return sameDay(t, new Date()) ? "Today" : t.toLocaleDateString(undefined, { weekday: "short", month: "short", day: "numeric" });
}
