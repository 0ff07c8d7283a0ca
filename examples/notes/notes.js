// notes: a notebook for the command line, whose notes wasi:keyvalue keeps.
import { getArguments } from "wasi:cli/environment@0.2.0";
import { open } from "wasi:keyvalue/store@0.2.0-draft2";
import { increment } from "wasi:keyvalue/atomics@0.2.0-draft2";
import { getMany, setMany, deleteMany } from "wasi:keyvalue/batch@0.2.0-draft2";

function add(words) {
  const pairs = [];
  for (let i = 0; i < words.length; i += 2) {
    pairs.push([words[i], new TextEncoder().encode(words[i + 1])]);
  }
  setMany(open("notes"), pairs);
}

// Each note, with how often it was shown.
function show(names) {
  const [notes, views] = [open("notes"), open("views")];
  getMany(notes, names).forEach((found, i) => {
    if (found) {
      const count = increment(views, names[i], 1n);
      console.log(`${names[i]} (${count}): ${new TextDecoder().decode(found[1])}`);
    } else {
      console.log(`${names[i]}: no such note`);
    }
  });
}

// The names, in the store's order, page by page.
function list() {
  const notes = open("notes");
  let page = {};
  do {
    page = notes.listKeys(page.cursor);
    page.keys.forEach((name) => console.log(name));
  } while (page.cursor !== undefined);
}

function remove(names) {
  deleteMany(open("notes"), names);
  deleteMany(open("views"), names);
}

// What the store says, which is thrown as the payload of an error.
function message(error) {
  switch (error.payload?.tag) {
    case "no-such-store": return "a bucket is missing: make the directories notes and views";
    case "access-denied": return "access is denied";
    case "other": return error.payload.val;
    default: return error;
  }
}

export const run = {
  run() {
    const [, command, ...words] = getArguments();
    try {
      if (command === "add" && words.length % 2 === 0) add(words);
      else if (command === "show") show(words);
      else if (command === "list") list();
      else if (command === "remove") remove(words);
      else throw "usage: add (NAME TEXT)... | show NAME... | list | remove NAME...";
    } catch (error) {
      console.error(`notes: ${message(error)}`);
      throw undefined; // which makes the exit code 1
    }
  },
};
