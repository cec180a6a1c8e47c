// Parts of the page that are looked at again while something moves: an element
// with an id and an address in data-live. The server renders them.
const EVERY = 1000;

export function watch() {
  for (const part of document.querySelectorAll("[data-live]")) follow(part.id);
}

async function follow(id) {
  for (;;) {
    await new Promise((done) => setTimeout(done, EVERY));
    const part = document.getElementById(id);
    if (!part?.dataset.live) return;
    if (document.hidden) continue;
    try {
      const response = await fetch(part.dataset.live, { headers: { "X-Requested-With": "page" } });
      if (response.status === 401) return location.reload();
      if (response.ok) replace(part, await response.text());
    } catch {
      // the server is away: the next round asks again
    }
  }
}

// replace shows the new part, and lets its bars grow from where they were.
// Focus stays on the button that had it.
function replace(part, text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
  if (!fresh || fresh.outerHTML === part.outerHTML) return;
  const before = [...part.querySelectorAll("rect")].map((r) => [r.getAttribute("x"), r.getAttribute("width")]);
  const focused = [...part.querySelectorAll("a, button")].indexOf(document.activeElement);
  const rects = [...fresh.querySelectorAll("rect")];
  const after = rects.map((r) => [r.getAttribute("x"), r.getAttribute("width")]);
  const grow = before.length === after.length;
  if (grow) rects.forEach((r, i) => place(r, before[i]));
  part.replaceWith(fresh);
  if (focused >= 0) fresh.querySelectorAll("a, button")[focused]?.focus();
  if (grow) requestAnimationFrame(() => requestAnimationFrame(() => rects.forEach((r, i) => place(r, after[i]))));
}

function place(rect, [x, width]) {
  rect.setAttribute("x", x);
  rect.setAttribute("width", width);
}
