// The form a broadcast is written in: fields show when their choice is made.
export function compose() {
  const form = document.getElementById("compose");
  if (!form) return;
  const choose = () => {
    for (const part of form.querySelectorAll("[data-when]")) {
      const [name, value] = part.dataset.when.split("=");
      part.hidden = form.elements[name]?.value !== value;
    }
  };
  form.addEventListener("change", choose);
  choose();
}
