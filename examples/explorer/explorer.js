// Conveniences. Everything but the memory for recent buckets works without this file.
"use strict";

// ---- Buckets that were opened in this browser ----

const RECENT = "explorer.recent";
const RECENT_MAX = 12;

function recent() {
  try {
    const names = JSON.parse(localStorage.getItem(RECENT));
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

function remember(names) {
  try {
    localStorage.setItem(RECENT, JSON.stringify(names.slice(0, RECENT_MAX)));
  } catch {
    // a browser that keeps nothing
  }
}

function showRecent() {
  const section = document.getElementById("recents");
  const list = section?.querySelector("ul");
  list?.replaceChildren();
  document.getElementById("recent")?.replaceChildren(...recent().map((name) => new Option(name, name)));
  if (!section) return;
  for (const name of recent()) {
    const link = document.createElement("a");
    const text = document.createElement("bdi");
    link.href = `./?${new URLSearchParams({ bucket: name })}`;
    text.textContent = name || "default";
    link.append(text);
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  section.hidden = recent().length === 0;
  section.querySelector("button").onclick = () => {
    remember([]);
    showRecent();
  };
}

const bucket = new URLSearchParams(location.search).get("bucket");
if (bucket !== null && document.querySelector(".panes")) {
  remember([bucket, ...recent().filter((name) => name !== bucket)]);
}
showRecent();

// ---- Keys ----

// Single-key shortcuts can be switched off: dictation types letters too.
const SHORTCUTS = "explorer.shortcuts";

function shortcuts(on) {
  try {
    if (on !== undefined) localStorage.setItem(SHORTCUTS, on ? "on" : "off");
    return localStorage.getItem(SHORTCUTS) !== "off";
  } catch {
    return true;
  }
}

const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");

function step(by) {
  const links = [...document.querySelectorAll("#keys a")];
  const at = links.findIndex((link) => link === document.activeElement || link.hasAttribute("aria-current"));
  const focused = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, (focused >= 0 ? focused : at) + by))]?.focus();
}

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[method=post]");
  if ((event.ctrlKey || event.metaKey) && event.key === "s" && form) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (!shortcuts() && event.key.length === 1) return;
  if (event.key === "j" || (event.key === "ArrowDown" && event.target.closest("#keys"))) {
    event.preventDefault();
    step(1);
  } else if (event.key === "k" || (event.key === "ArrowUp" && event.target.closest("#keys"))) {
    event.preventDefault();
    step(-1);
  } else {
    const target = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input")) target.select();
    else target.click();
  }
});
for (const box of document.querySelectorAll("#shortcuts input")) {
  box.checked = shortcuts();
  box.onchange = () => shortcuts(box.checked);
}
document.getElementById("shortcuts")?.removeAttribute("hidden");
document.querySelector("#keys [aria-current]")?.scrollIntoView({ block: "nearest" });

// ---- Forms ----

// Leaving a form that was filled in asks first, and no form is sent twice.
let changed = false;
for (const form of document.querySelectorAll("form[method=post]")) {
  if (form.matches(".panel")) form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => {
    changed = false;
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
}
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form button").forEach((button) => { button.disabled = false; });
});

// A file that is dropped on a form is chosen as if by its button.
for (const field of document.querySelectorAll("input[type=file]")) {
  field.form.addEventListener("dragover", (event) => event.preventDefault());
  field.form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    field.files = event.dataTransfer.files;
    changed = true;
  });
}
