// What moves on the page. Everything works without it but the preview and
// seeing progress without a reload.
import { watch } from "./live.js";
import { compose } from "./compose.js";
import { preview } from "./preview.js";

watch();
compose();
preview();

// A link signs in by the secret behind its #, which no server log has.
const door = document.getElementById("sign-in");
if (door && location.hash.length > 1) {
  door.token.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  door.submit();
}

// Some buttons ask before they do it.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.asks;
  if (question && !confirm(question)) event.preventDefault();
});
