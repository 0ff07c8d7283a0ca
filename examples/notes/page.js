// A page of notes, and how often it was seen, which wasi:keyvalue keeps as files.
import { open } from "wasi:keyvalue/store@0.2.0-draft2";
import { increment } from "wasi:keyvalue/atomics@0.2.0-draft2";
import { getMany } from "wasi:keyvalue/batch@0.2.0-draft2";

const escape = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const html = (views, notes) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Notes</title>
<link rel="icon" href="data:,">
<style>
  body { max-width: 36rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #222 }
  header { display: flex; justify-content: space-between; align-items: baseline }
  form.add { display: grid; gap: .5rem; margin-bottom: 2rem }
  input, textarea, button { font: inherit; padding: .4rem .6rem; border: 1px solid #bbb; border-radius: .3rem }
  button { justify-self: start; background: #245; color: #fff; border-color: #245; cursor: pointer }
  article { display: grid; grid-template-columns: 1fr auto; border-top: 1px solid #ddd; padding: .7rem 0 }
  h2 { margin: 0; font-size: 1rem; overflow-wrap: anywhere }
  p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
  article button { padding: 0 .5rem; background: none; color: #666; border-color: #ddd }
  footer, .none { margin-top: 2rem; color: #666; font-size: .9rem }
</style>
<header><h1>Notes</h1><p><b id="views">${views}</b> page views</p></header>
<form class="add" method="post">
  <input name="name" aria-label="Name" placeholder="Name" required>
  <textarea name="text" aria-label="Text" placeholder="Text" rows="3"></textarea>
  <button>Add</button>
</form>
${notes.map(([name, text]) => `<article>
  <h2>${escape(name)}</h2>
  <form method="post"><button name="remove" value="${escape(name)}" title="Remove">×</button></form>
  <p>${escape(text)}</p>
</article>`).join("\n") || '<p class="none">There are no notes yet.</p>'}
<footer>Each note is a file in <code>notes/</code>, the counter is <code>counters/page_views</code>.</footer>
`;

function page() {
  const bucket = open("notes");
  const notes = [];
  let keys, cursor;
  do {
    ({ keys, cursor } = bucket.listKeys(cursor));
    notes.push(...getMany(bucket, keys).filter((note) => note)); // one may be gone by now
  } while (cursor !== undefined);
  notes.sort(([a], [b]) => (a < b ? -1 : 1));
  const views = increment(open("counters"), "page_views", 1n);
  const texts = notes.map(([name, value]) => [name, new TextDecoder().decode(value)]);
  return new Response(html(views, texts), { headers: { "content-type": "text/html; charset=utf-8" } });
}

async function change(request) {
  const form = new URLSearchParams(await request.text());
  if (form.has("remove")) {
    open("notes").delete(form.get("remove"));
  } else {
    const text = (form.get("text") ?? "").replaceAll("\r\n", "\n");
    open("notes").set(form.get("name") ?? "", new TextEncoder().encode(text));
  }
  return new Response(null, { status: 303, headers: { location: "/" } });
}

async function answer(request) {
  try {
    if (new URL(request.url).pathname !== "/") return new Response("the page is at /\n", { status: 404 });
    return request.method === "POST" ? await change(request) : page();
  } catch (error) {
    const { tag, val } = error.payload ?? {};
    const missing = "a bucket is missing: make the directories notes and counters";
    return new Response(`${tag === "no-such-store" ? missing : val ?? tag ?? error}\n`, { status: 500 });
  }
}

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
