// Reading ballots by keyboard alone: each key moves on, Enter sends, Esc clears.
// Without this script the same form works with Tab and Enter.

const SEPARATORS = /[\s,>、]/g;

const formOf = (element) => element?.closest?.("form[data-entry]");
const marksOf = (form) => [...form.querySelectorAll("input.mark")];
const paperOf = (form) => form.querySelector("#paper");
const goOf = (form) => form.querySelector(".actions .go");

// ---- what a field says ----

function wordsOf(input) {
  const words = new Map();
  for (const item of document.getElementById(input.dataset.legend)?.children ?? []) {
    words.set(item.dataset.key, item.querySelector("span").textContent);
  }
  return words;
}

const takesSeveral = (form) => ["approval", "ranked"].includes(form.dataset.method);

// The keys typed, full-width ones and small letters as what they look like.
const keysIn = (text) => [...text.normalize("NFKC").toUpperCase().replace(SEPARATORS, "")];

function wordOf(form, input) {
  const words = wordsOf(input);
  const keys = keysIn(input.value);
  if (!keys.length) return null;
  const known = keys.every((key) => words.has(key)) && new Set(keys).size === keys.length;
  const single = keys.length === 1 || (takesSeveral(form) && keys.every((key) => /[A-Z]/.test(key)));
  if (!known || !single) return undefined;
  return keys.map((key) => words.get(key)).join(form.dataset.method === "ranked" ? " > " : "、");
}

function show(form, input) {
  const word = wordOf(form, input);
  const output = form.querySelector(`output[for="${input.id}"]`);
  if (output) output.textContent = word === undefined ? form.dataset.unknown : word ?? "";
  input.classList.toggle("unknown", word === undefined);
  return Boolean(word);
}

function titleOf(form, input) {
  return form.querySelector(`label[for="${input.id}"]`)?.textContent ?? input.getAttribute("aria-label");
}

function summarise(form) {
  const line = form.querySelector(".entry-summary");
  if (!line) return;
  const said = marksOf(form).map((input) => `${titleOf(form, input)} ${wordOf(form, input) ?? ""}`);
  const rooms = form.querySelector(".entry-room")?.textContent.trim();
  const paper = form.dataset.number.replace("{n}", paperOf(form).value) + (rooms ? ` ${rooms}` : "");
  line.textContent = [paper, ...said].join("；");
}

// ---- moving on ----

function focus(element) {
  element?.focus();
  element?.select?.();
}

function moveOn(form, from) {
  const marks = marksOf(form);
  const next = marks[marks.indexOf(from) + 1];
  if (next) return focus(next);
  const open = form.dataset.entry === "batch" ? null : marks.find((input) => !wordOf(form, input));
  const reason = form.querySelector("[name=reason]");
  summarise(form);
  if (open && open !== from) focus(open);
  else focus(reason && !reason.value ? reason : goOf(form));
}

function typed(form, input) {
  if (!takesSeveral(form)) input.value = keysIn(input.value).at(-1) ?? "";
  const right = show(form, input);
  if (right && !takesSeveral(form)) moveOn(form, input);
  else if (!right && input.value && !takesSeveral(form)) input.select();
}

const STEPS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 };

// Left and right stay within a field that holds more than one sign.
function movesFrom(form, input, key) {
  const upOrDown = key === "ArrowUp" || key === "ArrowDown";
  return upOrDown || (input.matches(".mark") && !takesSeveral(form));
}

function beside(form, input, key) {
  const row = input.closest("tr");
  if (!row || key === "ArrowLeft" || key === "ArrowRight") {
    const all = [paperOf(form), ...marksOf(form), goOf(form)].filter(Boolean);
    return all[all.indexOf(input) + STEPS[key]];
  }
  const other = key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
  return other && marksOf(other)[marksOf(row).indexOf(input)];
}

function back(form, input) {
  const all = [paperOf(form), ...marksOf(form)].filter(Boolean);
  focus(all[all.indexOf(input) - 1]);
}

function clear(form) {
  const first = paperOf(form);
  if (!first) return;
  for (const input of [first, ...marksOf(form)]) {
    input.value = "";
    input.removeAttribute("aria-invalid");
    input.classList.remove("unknown");
  }
  for (const element of form.querySelectorAll("output, .entry-room, .entry-summary")) element.textContent = "";
  for (const element of form.querySelectorAll(".field-error")) element.remove();
  for (const element of form.querySelectorAll(".wrong")) element.classList.remove("wrong");
  form.parentElement.querySelector(".error-summary")?.remove();
  focus(first);
}

// ---- the server ----

// Is it a paper that this person reads next? Asked while the first keys are typed already.
async function lookUp(form) {
  const paper = paperOf(form).value;
  const address = `${form.dataset.lookup}?paper=${encodeURIComponent(paper)}`;
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || !form.isConnected || paperOf(form).value !== paper) return;
  const told = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("entry-paper");
  const here = form.querySelector("#entry-paper");
  if (!told || !form.isConnected || paperOf(form).value !== paper) return;
  here.classList.toggle("wrong", told.classList.contains("wrong"));
  here.querySelector(".field-error")?.remove();
  const error = told.querySelector(".field-error");
  if (error) paperOf(form).before(error);
  here.querySelector(".entry-room").textContent = told.querySelector(".entry-room").textContent;
  if (document.activeElement === goOf(form)) summarise(form);
}

// Keys pressed while a paper is on its way belong to the next one, and to those after it.
let waiting = null;

function replay(keys) {
  while (keys.length) {
    const input = document.activeElement;
    const form = formOf(input);
    if (!form) return;
    const key = keys.shift();
    if (key === "Enter" && input === goOf(form)) {
      send(form, keys);
      return;
    }
    if (key === "Enter") {
      pressedEnter(form, input);
    } else {
      input.value += key;
      if (input.matches(".mark")) typed(form, input);
    }
  }
}

async function send(form, next = []) {
  if (waiting) return;
  waiting = next;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
  const text = await answer?.text().catch(() => null);
  const keys = waiting;
  waiting = null;
  if (!answer || text == null || answer.status >= 500) {
    form.querySelector(".entry-summary").textContent = form.dataset.unsent;
    return;
  }
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("#main > .main");
  if (!answer.ok || !fresh?.querySelector("form[data-entry]")) {
    form.submit(); // signed out, or the count was closed: the page that says so
    return;
  }
  document.querySelector("#main > .main").replaceWith(document.adoptNode(fresh));
  if (!begin()) replay(keys);
}

// ---- what is pressed ----

function pressedEnter(form, input) {
  if (input === paperOf(form)) {
    if (!input.value.trim()) return;
    lookUp(form);
    focus(marksOf(form)[0]);
  } else if (form.dataset.entry === "batch") {
    moveOn(form, input);
  } else if (input.value && show(form, input)) {
    const open = [paperOf(form), ...marksOf(form)].find((other) => other && !other.value);
    if (open) focus(open);
    else moveOn(form, marksOf(form).at(-1));
  }
}

document.addEventListener("keydown", (event) => {
  if (waiting) {
    event.preventDefault();
    if (event.key === "Enter" || event.key.length === 1) waiting.push(event.key);
    return;
  }
  const form = formOf(event.target);
  if (!form || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const input = event.target;
  if (event.key === "Escape") {
    clear(form);
  } else if (!input.matches("#paper, .mark")) {
    return;
  } else if (event.key === "Enter") {
    event.preventDefault();
    pressedEnter(form, input);
  } else if (event.key in STEPS && movesFrom(form, input, event.key)) {
    event.preventDefault();
    focus(beside(form, input, event.key));
  } else if (event.key === "Backspace" && !input.value && input.matches(".mark")) {
    event.preventDefault();
    back(form, input);
  }
});

document.addEventListener("input", (event) => {
  const form = formOf(event.target);
  if (form && event.target.matches(".mark") && !event.isComposing) typed(form, event.target);
});

document.addEventListener("compositionend", (event) => {
  const form = formOf(event.target);
  if (form && event.target.matches(".mark")) typed(form, event.target);
});

document.addEventListener("focusin", (event) => {
  if (formOf(event.target) && event.target.matches(".mark")) event.target.select();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.entry !== "one") return;
  event.preventDefault();
  send(form);
}, { capture: true });

// Show what stands in the fields already, and go to the first that needs something.
function begin() {
  const form = document.querySelector("form[data-entry]");
  if (!form) return null;
  for (const input of marksOf(form)) show(form, input);
  const wrong = form.querySelector(".wrong .input, .input[aria-invalid]");
  const found = form.querySelector(".entry-room")?.textContent.trim();
  focus(wrong ?? (found ? marksOf(form).find((input) => !input.value) : paperOf(form)) ?? marksOf(form)[0]);
  return wrong;
}

begin();
