// The page: people on the left, one person's phone in the middle, details on
// the right. It asks for everything once and is then told by an event stream
// who changed; what it missed between two streams it asks for again.
import { avatar, clock, day, el, fill } from "./dom.js";
import { accountFace, preview, renderEntry, quickReplies, loadingDots } from "./chat.js";
import { showElsewhere, showEntry, showPerson, showCounters, setUpFaults } from "./inspector.js";

const $ = (id) => document.getElementById(id);

const state = {
  accounts: [],
  account: "",
  person: "", // the id of the chosen one
  people: new Map(), // by id
  entries: new Map(), // of the chosen person, by seq
  rev: 0, // of the newest entry known
  nodes: new Map(), // of the chat, by what they show
  chosen: 0, // seq of the inspected entry
};

const api = async (path, options) => {
  const response = await fetch("/sandbox/" + path, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `The sandbox answered ${response.status}.`);
  return body;
};
const post = (path, body = {}) =>
  api(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
const accountPath = () => `accounts/${encodeURIComponent(state.account)}`;
const personPath = () => `${accountPath()}/people/${encodeURIComponent(state.person)}`;

// People

async function loadPeople() {
  const query = $("search").value.trim();
  const { people, total } = await api(`${accountPath()}/people?q=${encodeURIComponent(query)}`);
  if (query !== $("search").value.trim()) return; // a later search is under way
  state.people = new Map(people.map((p) => [p.id, p]));
  $("found").textContent =
    total > people.length ? `${people.length} of ${total} people: search for the others` : `${total} ${total === 1 ? "person" : "people"}`;
  drawList();
}

function drawList() {
  const people = [...state.people.values()].sort((a, b) => b.order - a.order);
  const list = $("list");
  const known = new Map([...list.children].map((line) => [line.dataset.id, line]));
  const lines = people.map((p) => {
    const key = JSON.stringify([p, p.id === state.person]);
    const line = known.get(p.id);
    if (line?.dataset.key === key) return line;
    return personLine(p, key);
  });
  arrange(list, lines);
}

function personLine(p, key) {
  const current = p.id === state.person;
  const line = el("button", { className: "chatline", type: "button" },
    avatar(p.name, p.picture, p.id),
    el("b", {}, p.name || p.id),
    el("time", {}, p.last ? clock(p.last.at) : ""),
    el("span", { className: "last" }, p.last ? preview(p.last) : p.phone || ""),
  );
  if (p.unread && !current) line.append(el("span", { className: "unread", title: `${p.unread} unread` }, p.unread > 99 ? "99+" : String(p.unread)));
  else if (p.blocked || !p.friend) line.append(el("span", { className: "state" }, p.blocked ? "blocked" : words().stranger));
  line.dataset.id = p.id;
  line.dataset.key = key;
  if (current) line.setAttribute("aria-current", "true");
  line.addEventListener("click", () => choose(p.id));
  return line;
}

// The chosen person

function choose(id) {
  if (state.person !== id) {
    Object.assign(state, { person: id, entries: new Map(), nodes: new Map(), rev: 0, chosen: 0 });
    showEntry(null);
  }
  location.hash = `${encodeURIComponent(state.account)}/${id}`;
  drawList();
  return loadChat();
}

async function loadChat() {
  const id = state.person;
  if (!id) return;
  const { person, entries, now, also } = await api(`${personPath()}?after=${state.rev}`);
  if (id !== state.person) return;
  state.skew = Date.parse(now) - Date.now();
  for (const entry of entries) {
    state.entries.set(entry.seq, entry);
    state.rev = Math.max(state.rev, entry.rev);
    if (entry.seq === state.chosen) showEntry(entry);
  }
  state.people.set(id, person);
  drawPerson(person);
  showElsewhere(also, state.accounts, accountNow().channel, (place) => chooseAccount(place.account, place.id).catch(report));
  drawList();
}

function drawPerson(person) {
  $("owner").textContent = `as ${person.name}`;
  showPerson(person);
  const stranger = person.blocked || !person.friend;
  $("stranger").hidden = !stranger;
  $("stranger-text").textContent = `${person.name} ${person.blocked ? "blocked this account." : words().unknown}`;
  $("stranger-follow").textContent = person.blocked ? "Unblock" : words().begin;
  for (const control of $("composer").elements) control.disabled = person.blocked;
  drawChat(person);
}

function drawChat(person) {
  const chat = $("chat");
  const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60;
  const entries = [...state.entries.values()].sort((a, b) => a.seq - b.seq);
  const context = {
    account: accountNow(), tap, toast, peek,
    media: (id) => `/sandbox/${accountPath()}/media/${encodeURIComponent(id)}`,
  };
  const nodes = [];
  let before = null;
  for (const entry of entries) {
    if (!before || day(before.at) !== day(entry.at)) nodes.push(keep(`day ${entry.seq}`, () => el("div", { className: "day" }, day(entry.at))));
    const previous = before;
    const node = keep(`entry ${entry.seq} ${entry.rev} ${previous?.from}`, () => renderEntry(entry, previous, context));
    node.classList.toggle("chosen", entry.seq === state.chosen);
    nodes.push(node);
    before = entry;
  }
  const loading = Date.parse(person.loading_until || 0) - Date.now() - (state.skew || 0);
  clearTimeout(state.loadingTimer);
  if (loading > 0) {
    nodes.push(keep("loading", () => loadingDots(context)));
    state.loadingTimer = setTimeout(() => drawChat(person), loading);
  }
  if (!nodes.length) nodes.push(el("p", { className: "empty" }, `Write as ${person.name}, or send something to them: it shows here.`));
  arrange(chat, nodes);
  fill($("quick"), quickReplies(entries.at(-1), context));
  if (atEnd || entries.at(-1)?.seq !== state.shown) chat.scrollTop = chat.scrollHeight;
  state.shown = entries.at(-1)?.seq;
}

// keep makes a node once for a key, so that what is on the screen stays
// there with its focus and scrolling; choosing another person starts anew.
function keep(key, make) {
  if (!state.nodes.has(key)) state.nodes.set(key, make());
  return state.nodes.get(key);
}

// arrange gives a parent these children and moves only those that have to.
function arrange(parent, nodes) {
  nodes.forEach((node, i) => {
    if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] || null);
  });
  while (parent.children.length > nodes.length) parent.lastChild.remove();
}

function peek(entry) {
  state.chosen = entry.seq;
  showEntry(entry);
  drawChat(state.people.get(state.person));
}

// What the person does

async function perform(deed, body) {
  if (!state.person) return null;
  try {
    return await post(`${personPath()}/${deed}`, body);
  } catch (error) {
    toast(error.message, true);
    return null;
  }
}

async function tap(action) {
  switch (action.type) {
    case "uri":
      return open(action.uri);
    case "web_url":
      return open(action.url);
    case "phone_number":
      return open(`tel:${action.payload}`);
    case "clipboard":
      await navigator.clipboard?.writeText(action.clipboardText).catch(() => {});
      return toast("Copied");
    case "datetimepicker": {
      const picked = await pick(action);
      if (picked) await perform("tap", { action, picked });
      return undefined;
    }
    default:
      await perform("tap", { action });
      if (action.inputOption === "openKeyboard") {
        $("text").value = action.fillInText || "";
        $("text").focus();
      }
      return undefined;
  }
}

function open(uri) {
  if (/^https?:\/\//i.test(uri)) window.open(uri, "_blank", "noopener,noreferrer");
  toast(/^tel:/i.test(uri) ? `Calls ${uri.slice(4)}` : `Opens ${uri}`);
}

function pick(action) {
  const dialog = $("picker");
  const input = $("picker-input");
  $("picker-title").textContent = action.label || "Choose";
  input.type = action.mode === "datetime" ? "datetime-local" : action.mode;
  const local = (value) => (value || "").replace("t", "T");
  input.min = local(action.min);
  input.max = local(action.max);
  input.value = local(action.initial) || now(action.mode);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok" ? input.value : ""), { once: true });
  });
}

function now(mode) {
  const t = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
  return { date: t.slice(0, 10), time: t.slice(11, 16), datetime: t.slice(0, 16) }[mode] || "";
}

let toastTimer;
function toast(text, bad = false) {
  const box = $("toast");
  box.textContent = text;
  box.classList.toggle("bad", bad);
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (box.hidden = true), bad ? 6000 : 2500);
}

// Accounts

// words are what a platform calls things.
const WORDS = {
  line: { stranger: "no friend", unknown: "is no friend of this account yet.", begin: "Add friend" },
  messenger: { stranger: "no chat", unknown: "has not begun a chat with this Page.", begin: "Get started" },
};
const words = () => WORDS[accountNow()?.channel] || WORDS.line;

const accountNow = () => state.accounts.find((a) => a.name === state.account);

function drawAccounts() {
  const select = $("account");
  const names = state.accounts.map((a) => a.name).join("\n");
  if (select.dataset.names !== names) {
    fill(select, state.accounts.map((a) => el("option", { value: a.name }, `${a.title} (${a.channel})`)));
    select.dataset.names = names;
  }
  select.value = state.account;
  $("account-field").hidden = state.accounts.length < 2;
  const account = accountNow();
  if (!account) return;
  document.body.dataset.channel = account.channel;
  for (const button of $("more-menu").querySelectorAll("[data-only]")) button.hidden = button.dataset.only !== account.channel;
  $("account-title").textContent = account.title;
  $("account-basic").textContent = account.basic_id || "";
  const face = accountFace(account);
  $("account-avatar").replaceWith(face);
  face.id = "account-avatar";
  showCounters(account);
}

async function chooseAccount(name, person) {
  Object.assign(state, { account: name, person: "", people: new Map(), entries: new Map(), nodes: new Map(), rev: 0, chosen: 0 });
  drawAccounts();
  await loadPeople();
  const first = [...state.people.values()].sort((a, b) => b.order - a.order)[0];
  if (person || first) await choose(person || first.id);
}

// Everything at once, then the stream

async function loadAll() {
  const status = await api("status");
  state.accounts = status.accounts;
  if (!state.accounts.length) {
    $("found").textContent = "There is no account yet.";
    return;
  }
  const [account, person] = location.hash.slice(1).split("/").map(decodeURIComponent);
  if (!accountNow()) {
    const known = state.accounts.some((a) => a.name === account);
    await chooseAccount(known ? account : state.accounts[0].name, known ? person : "");
    return;
  }
  drawAccounts();
  await loadPeople();
  await loadChat();
}

function told(change) {
  state.accounts = change.accounts;
  drawAccounts();
  if (change.all) {
    loadPeople().then(loadChat).catch(report);
    return;
  }
  const searching = $("search").value.trim() !== "";
  for (const p of change.people || []) {
    if (p.account !== state.account) continue;
    if (state.people.has(p.id) || !searching) state.people.set(p.id, p);
    if (p.id === state.person) loadChat().catch(report);
  }
  drawList();
}

const report = (error) => toast(error.message, true);

function connect() {
  const source = new EventSource("/sandbox/events");
  const say = (text, className) => {
    $("connection").textContent = text;
    $("connection").className = className;
  };
  source.addEventListener("open", () => {
    say("live", "live");
    loadAll().catch(report);
  });
  source.addEventListener("error", () => say("no connection, trying again…", "lost"));
  source.addEventListener("message", (event) => told(JSON.parse(event.data)));
  addEventListener("pagehide", () => source.close());
}

function setUp() {
  let searching;
  $("search").addEventListener("input", () => {
    clearTimeout(searching);
    searching = setTimeout(() => loadPeople().catch(report), 120);
  });
  $("account").addEventListener("change", (e) => chooseAccount(e.target.value).catch(report));
  $("composer").addEventListener("submit", (e) => {
    e.preventDefault();
    const text = $("text").value.trim();
    $("text").value = "";
    if (text) perform("write", { text });
  });
  const menu = (shown) => {
    $("more-menu").hidden = !shown;
    $("more").setAttribute("aria-expanded", String(shown));
  };
  $("more").addEventListener("click", () => menu($("more-menu").hidden));
  $("more-menu").addEventListener("click", (e) => {
    const deed = e.target.closest("[data-deed]")?.dataset.deed;
    menu(false);
    if (deed) perform(deed);
  });
  document.addEventListener("keydown", (e) => e.key === "Escape" && menu(false));
  $("stranger-follow").addEventListener("click", () => perform("follow"));
  $("follow").addEventListener("click", () => perform(state.people.get(state.person)?.friend ? "unfollow" : "follow"));
  $("redeliver").addEventListener("click", async () => {
    const last = [...state.entries.values()].filter((e) => e.event_id).sort((a, b) => b.seq - a.seq)[0];
    if (!last) return toast("There is no event to deliver again.");
    if (await perform("redeliver", { event: last.event_id })) toast("Delivered again");
    return undefined;
  });
  // Pictures that arrive late push the end of the chat down.
  $("chat").addEventListener("load", () => {
    if (state.followed) $("chat").scrollTop = $("chat").scrollHeight;
  }, true);
  $("chat").addEventListener("scroll", () => {
    const chat = $("chat");
    state.followed = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60;
  });
  setUpFaults(api, post, report);
}

setUp();
connect();
