// The details on the right: who the person is, what was counted, scripted
// trouble, and a message as it was sent.
import { avatar, clock, el, fill, time } from "./dom.js";

const $ = (id) => document.getElementById(id);
const count = (n) => (n || 0).toLocaleString();

export function showPerson(p) {
  $("who-name").textContent = p.name;
  $("who-phone").textContent = [p.phone, p.language].filter(Boolean).join(" · ");
  $("who-id").textContent = p.id;
  $("who-window").hidden = !p.window_until;
  if (p.window_until) {
    const open = Date.parse(p.window_until) > Date.now();
    $("who-window").textContent = open ? `window open until ${clock(p.window_until)}, ${time(p.window_until)}` : "window closed";
    $("who-window").className = open ? "open" : "closed";
  }
  const face = avatar(p.name, p.picture, p.id);
  face.id = "who-avatar";
  face.classList.add("large");
  $("who-avatar").replaceWith(face);
  $("follow").textContent = p.friend ? "Block" : p.blocked ? "Unblock" : document.body.dataset.channel === "messenger" ? "Get started" : "Follow";
  $("follow").classList.toggle("primary", !p.friend);
}

// showElsewhere leads to the same person on other accounts, by the platform
// where another one is meant and by the account where it is the same, by both
// where there are several.
export function showElsewhere(places, accounts, channel, go) {
  $("elsewhere").hidden = !places.length;
  fill($("elsewhere"), places.map((place) => {
    const title = accounts.find((a) => a.name === place.account)?.title || place.account;
    const platform = { line: "LINE", messenger: "Messenger" }[place.channel] || place.channel;
    const alone = places.filter((other) => other.channel === place.channel).length === 1;
    const label = place.channel === channel ? `At ${title}` : alone ? `On ${platform}` : `On ${platform}: ${title}`;
    const button = el("button", { type: "button" }, label);
    button.title = `The same phone number, as ${title} sees it on ${platform}`;
    button.addEventListener("click", () => go(place));
    return button;
  }));
}

export function showCounters(account) {
  const c = account.counts;
  const paying = account.channel === "line";
  $("label-free").textContent = paying ? "replies, free" : "messages, free";
  $("tile-paid").hidden = !paying;
  $("quota").hidden = !paying;
  $("count-free").textContent = count(c.free);
  $("count-paid").textContent = count(c.paid);
  $("count-delivered").textContent = count(c.delivered);
  $("count-refused").textContent = count(Object.values(c.refused || {}).reduce((a, b) => a + b, 0));
  $("quota").textContent = account.quota
    ? `${count(account.used)} of ${count(account.quota)} paid messages this month`
    : "No monthly limit";
  const meter = $("quota-meter");
  meter.hidden = !account.quota;
  meter.max = account.quota || 1;
  meter.value = account.used;
  $("fault-hits").textContent = c.faults ? `${count(c.faults)} struck` : "";
}

// setUpFaults lets the chips script faults for all sending calls.
export function setUpFaults(api, post, report) {
  const chips = [...$("faults").children];
  const show = ({ faults }) => {
    for (const chip of chips) {
      const kind = JSON.parse(chip.dataset.fault).kind;
      chip.setAttribute("aria-pressed", String((faults || []).some((f) => f.kind === kind)));
    }
  };
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      const on = chip.getAttribute("aria-pressed") !== "true";
      const others = chips.filter((c) => c !== chip && c.getAttribute("aria-pressed") === "true");
      const faults = [...others, ...(on ? [chip] : [])].map((c) => JSON.parse(c.dataset.fault));
      post("faults", { faults }).then(show).catch(report);
    });
  }
  api("faults").then(show).catch(report);
}

export function showEntry(entry) {
  $("copy").hidden = !entry;
  if (!entry) {
    fill($("facts"), []);
    $("raw").textContent = "Choose a message to see what was sent.";
    return;
  }
  const facts = [
    ["sent by", entry.from === "account" ? entry.route || entry.endpoint : entry.from === "person" ? "the person" : ""],
    ["at", `${time(entry.at)}:${String(new Date(entry.at).getSeconds()).padStart(2, "0")}`],
    ["request", entry.request_id],
    ["retry key", entry.retry_key],
    ["event", entry.event_id],
    ["webhook", entry.status ? `answered ${entry.status}` : ""],
  ].filter(([, value]) => value);
  fill($("facts"), facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { title: value }, value)]));
  if (entry.failure) $("facts").append(el("dt", {}, "failure"), el("dd", { className: "bad" }, entry.failure));
  const text = JSON.stringify(entry.message || { note: entry.note }, null, 2);
  fill($("raw"), coloured(text));
  $("copy").onclick = () => navigator.clipboard?.writeText(text);
}

// coloured splits JSON into keys, texts and other values.
function coloured(json) {
  return json.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/gi).map((part, i) => {
    if (i % 2 === 0) return part;
    const className = part.endsWith(":") ? "key" : part.startsWith('"') ? "string" : "other";
    return el("span", { className }, part);
  });
}
