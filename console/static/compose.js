// The form a broadcast is written in: fields show when their choice is made, and
// the server says meanwhile whom it means.
const PAUSE = 600; // after the last key, before the server is asked

export function compose() {
  const form = document.getElementById("compose");
  if (!form) return;
  const choose = () => {
    for (const part of form.querySelectorAll("[data-when], [data-unless]")) {
      const [name, values] = (part.dataset.when ?? part.dataset.unless).split("=");
      const field = form.elements[name];
      const value = field?.type === "checkbox" && !field.checked ? "" : field?.value;
      part.hidden = values.split(",").includes(value) === (part.dataset.when === undefined);
    }
  };
  form.addEventListener("change", choose);
  choose();
  let timer;
  form.addEventListener("input", (event) => {
    mended(event.target);
    if (!event.target.closest("#who") && !["intent", "block", "says"].includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => reach(form), PAUSE);
  });
  reach(form);
}

// mended takes a mistake away that is being mended.
function mended(field) {
  if (!field.hasAttribute("aria-invalid")) return;
  document.getElementById(field.getAttribute("aria-describedby"))?.remove();
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
}

let asked = 0;

// reach shows how many people the form means. An expression that is not begun
// yet is no mistake.
async function reach(form) {
  const box = document.getElementById("reach");
  const who = form.elements.who.value;
  const turn = ++asked;
  if (who !== "all" && !form.elements[who]?.value.trim()) {
    box.hidden = true;
    return;
  }
  try {
    const response = await fetch("/broadcasts/reach", {
      method: "POST", body: new URLSearchParams(new FormData(form)),
      headers: { "X-CSRF-Token": document.body.dataset.csrf, "X-Requested-With": "page" },
    });
    if (!response.ok || turn !== asked) return;
    const open = box.querySelector("details")?.open;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").body;
    box.replaceChildren(...fresh.childNodes);
    const wrong = box.querySelector(".wrong");
    box.classList.toggle("bad", !!wrong);
    if (open && box.querySelector("details")) box.querySelector("details").open = true;
    box.hidden = !!wrong && !!form.querySelector("#who .beside"); // it stands beside its field already
  } catch {
    // the server is away: what is shown stays
  }
}
