// What moves on the page. Everything works without it but the preview and
// seeing progress without a reload.
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

// Some buttons ask before they do it.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.asks;
  if (question && !confirm(question)) event.preventDefault();
});
