// What moves on the page. Everything works without it but the preview and
// seeing progress without a reload; buttons that ask then ask on a page.
import { watch } from "./live.js";
import { compose } from "./compose.js";
import { preview } from "./preview.js";

watch();
compose();
preview();

// A link signs in by the secret behind its #, which no server log has.
// Pasted where this page is open already, it comes without a reload.
const door = document.getElementById("sign-in");
const enter = () => {
  if (!door || location.hash.length < 2) return;
  door.token.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  door.submit();
};
enter();
window.addEventListener("hashchange", enter);

// Some buttons ask before they do it. Who says yes here is not asked by the
// server once more.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.name !== "asks") return;
  if (!confirm(button.value)) return event.preventDefault();
  event.target.addEventListener("formdata", (sent) => sent.formData.delete("asks"), { once: true });
});
