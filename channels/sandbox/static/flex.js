// LINE's flex containers: boxes, texts, images, buttons, icons, separators,
// spans and videos. Sizes are those LINE documents for its app.
import { el, picture } from "./dom.js";
import { strip } from "./line.js";

const WIDTHS = { nano: 120, micro: 160, deca: 220, hecto: 241, kilo: 260, mega: 300, giga: 340 };
const SPACES = { none: 0, xs: 2, sm: 4, md: 8, lg: 12, xl: 16, xxl: 20 };
const FONTS = { xxs: 11, xs: 13, sm: 14, md: 16, lg: 19, xl: 22, xxl: 29, "3xl": 35, "4xl": 48, "5xl": 74 };
const IMAGES = { xxs: 40, xs: 60, sm: 80, md: 100, lg: 120, xl: 140, xxl: 160, "3xl": 180, "4xl": 200, "5xl": 220 };
const BORDERS = { none: 0, light: 0.5, normal: 1, medium: 2, "semi-bold": 3, bold: 4 };
const PLACES = { start: "flex-start", end: "flex-end", center: "center", top: "flex-start", bottom: "flex-end" };
const PADDING = { header: "20px", body: "20px", footer: "10px" };

export function renderFlex(container, context) {
  if (container.type === "carousel") return strip(container.contents.map((b) => bubble(b, context)));
  return bubble(container, context);
}

function bubble(b, context) {
  const node = el("div", { className: "flexbubble", dir: b.direction || "ltr" });
  node.style.width = `${WIDTHS[b.size || "mega"] || WIDTHS.mega}px`;
  for (const block of ["header", "hero", "body", "footer"]) {
    if (!b[block]) continue;
    const part = component(b[block], "vertical", context);
    if (b[block].type === "box" && !hasPadding(b[block])) part.style.padding = PADDING[block] || 0;
    if (block === "body") part.style.flex = "1 0 auto";
    const style = b.styles?.[block];
    if (style?.separator) node.append(separator({ color: style.separatorColor }, "vertical"));
    if (style?.backgroundColor) part.style.backgroundColor = style.backgroundColor;
    node.append(part);
  }
  tappable(node, b.action, context);
  return node;
}

const hasPadding = (c) => ["paddingAll", "paddingTop", "paddingBottom", "paddingStart", "paddingEnd"].some((key) => c[key] !== undefined);
const length = (value, words = SPACES) => (value in words ? `${words[value]}px` : value);

function component(c, layout, context) {
  const node = make(c, layout, context);
  place(node, c, layout);
  if (c.type !== "button") tappable(node, c.action, context);
  return node;
}

function make(c, layout, context) {
  switch (c.type) {
    case "box":
      return box(c, context);
    case "text":
      return text(c);
    case "image":
      return image(c);
    case "icon":
      return icon(c);
    case "button":
      return button(c, context);
    case "separator":
      return separator(c, layout);
    case "video":
      return component(c.altContent, layout, context);
    default:
      return el("div");
  }
}

// place puts a component into its box: share, margin, position and offsets.
function place(node, c, layout) {
  const horizontal = layout !== "vertical";
  const s = node.style;
  if (c.position === "absolute") s.position = "absolute";
  else if (c.type !== "separator") {
    const share = c.flex ?? (horizontal && c.width === undefined && c.type !== "icon" ? 1 : 0);
    s.flex = share > 0 ? `${share} ${horizontal ? 1 : 0} 0` : "0 0 auto";
    if (!horizontal && share > 0) s.flexBasis = "auto";
  }
  if (c.margin) s[horizontal ? "marginInlineStart" : "marginTop"] = length(c.margin);
  const offsets = { offsetTop: "top", offsetBottom: "bottom", offsetStart: "insetInlineStart", offsetEnd: "insetInlineEnd" };
  for (const [key, property] of Object.entries(offsets)) {
    if (c[key] === undefined) continue;
    s[property] = length(c[key]);
    if (c.position !== "absolute") s.position = "relative";
  }
  if (c.gravity && horizontal) s.alignSelf = PLACES[c.gravity];
}

function box(c, context) {
  const node = el("div", { className: "fbox" });
  const s = node.style;
  s.flexDirection = c.layout === "vertical" ? "column" : "row";
  s.alignItems = c.alignItems || (c.layout === "baseline" ? "baseline" : "stretch");
  if (c.justifyContent) s.justifyContent = c.justifyContent;
  for (const key of ["width", "maxWidth", "height", "maxHeight"]) if (c[key]) s[key] = c[key];
  const pads = { paddingAll: "padding", paddingTop: "paddingTop", paddingBottom: "paddingBottom", paddingStart: "paddingInlineStart", paddingEnd: "paddingInlineEnd" };
  for (const [key, property] of Object.entries(pads)) if (c[key] !== undefined) s[property] = length(c[key]);
  if (c.backgroundColor) s.backgroundColor = c.backgroundColor;
  if (c.background) s.backgroundImage = gradient(c.background);
  if (c.borderWidth || c.borderColor) s.border = `${length(c.borderWidth || "light", BORDERS)} solid ${c.borderColor || "#000"}`;
  if (c.cornerRadius) {
    s.borderRadius = length(c.cornerRadius);
    s.overflow = "hidden";
  }
  for (const child of c.contents || []) node.append(component(child, c.layout, context));
  if (c.spacing) {
    const flowing = [...node.children].filter((_, i) => c.contents[i].position !== "absolute");
    flowing.slice(1).forEach((child) => {
      const side = c.layout === "vertical" ? "marginTop" : "marginInlineStart";
      if (!child.style[side]) child.style[side] = length(c.spacing);
    });
  }
  return node;
}

function gradient({ angle, startColor, centerColor, centerPosition, endColor }) {
  const stops = [startColor, centerColor && `${centerColor} ${centerPosition || "50%"}`, endColor].filter(Boolean);
  return `linear-gradient(${angle}, ${stops.join(", ")})`;
}

function written(node, c) {
  const s = node.style;
  if (c.size) s.fontSize = length(c.size, FONTS);
  if (c.color) s.color = c.color;
  if (c.weight === "bold") s.fontWeight = "700";
  if (c.style === "italic") s.fontStyle = "italic";
  if (c.decoration) s.textDecoration = c.decoration;
}

function text(c) {
  const node = el("div", { className: "ftext" });
  written(node, c);
  const s = node.style;
  if (c.align) s.textAlign = c.align;
  if (c.wrap) node.classList.add("wrap");
  if (c.wrap && c.maxLines) {
    node.classList.add("clamp");
    s.webkitLineClamp = c.maxLines;
  }
  if (c.lineSpacing) s.lineHeight = `calc(1.35em + ${c.lineSpacing})`;
  for (const part of c.contents || []) {
    const span = el("span", {}, part.text || "");
    written(span, part);
    node.append(span);
  }
  if (!c.contents?.length) node.textContent = c.text || "";
  return node;
}

function ratio(value) {
  const [w, h] = (value || "1:1").split(":").map(Number);
  return `${w} / ${h}`;
}

function image(c) {
  const inside = picture(c.url);
  inside.style.objectFit = c.aspectMode === "cover" ? "cover" : "contain";
  const frame = el("div", { className: "fimage" }, inside);
  const s = frame.style;
  s.width = c.size === "full" ? "100%" : length(c.size || "md", IMAGES);
  s.maxWidth = "100%";
  s.aspectRatio = ratio(c.aspectRatio);
  s.alignSelf = PLACES[c.align || "center"];
  if (c.backgroundColor) s.backgroundColor = c.backgroundColor;
  return frame;
}

function icon(c) {
  const node = picture(c.url);
  const size = length(c.size || "md", FONTS);
  Object.assign(node.style, { width: "auto", height: size, aspectRatio: ratio(c.aspectRatio) });
  return node;
}

function button(c, context) {
  const style = c.style || "link";
  const node = el("button", { className: `fbutton ${style} ${c.height || "md"}`, type: "button" }, c.action?.label || "");
  if (c.color) node.style[style === "link" ? "color" : "backgroundColor"] = c.color;
  node.addEventListener("click", (e) => {
    e.stopPropagation();
    context.tap(c.action);
  });
  return node;
}

function separator(c, layout) {
  const node = el("div", { className: "fsep" });
  node.style[layout === "vertical" ? "height" : "width"] = "1px";
  if (c.color) node.style.backgroundColor = c.color;
  return node;
}

function tappable(node, action, context) {
  if (!action) return;
  node.classList.add("ftap");
  node.tabIndex = 0;
  node.setAttribute("role", "button");
  if (action.label) node.setAttribute("aria-label", action.label);
  const tap = (e) => {
    e.stopPropagation();
    context.tap(action);
  };
  node.addEventListener("click", tap);
  node.addEventListener("keydown", (e) => e.key === "Enter" && e.target === node && tap(e));
}
