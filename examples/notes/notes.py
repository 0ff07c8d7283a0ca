# notes: a notebook for the command line, whose notes wasi:keyvalue keeps.
import sys

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import atomics, batch, environment, store


def add(words):
    pairs = zip(words[::2], words[1::2])
    batch.set_many(store.open("notes"), [(name, text.encode()) for name, text in pairs])


def show(names):
    """Each note, with how often it was shown."""
    notes, views = store.open("notes"), store.open("views")
    for name, found in zip(names, batch.get_many(notes, names)):
        if found:
            count = atomics.increment(views, name, 1)
            print(f"{name} ({count}): {found[1].decode(errors='replace')}")
        else:
            print(f"{name}: no such note")


def list_names():
    """The names, in the store's order, page by page."""
    notes = store.open("notes")
    page = notes.list_keys(None)
    while True:
        for name in page.keys:
            print(name)
        if page.cursor is None:
            break
        page = notes.list_keys(page.cursor)


def remove(names):
    batch.delete_many(store.open("notes"), names)
    batch.delete_many(store.open("views"), names)


def message(error):
    """What the store says, which is raised as the value of an Err."""
    if isinstance(error, store.Error_NoSuchStore):
        return "a bucket is missing: make the directories notes and views"
    if isinstance(error, store.Error_AccessDenied):
        return "access is denied"
    return error.value if isinstance(error, store.Error_Other) else error


class Run(exports.Run):
    def run(self):
        command, *words = environment.get_arguments()[1:] or [""]
        try:
            if command == "add" and len(words) % 2 == 0:
                add(words)
            elif command == "show":
                show(words)
            elif command == "list":
                list_names()
            elif command == "remove":
                remove(words)
            else:
                raise Err("usage: add (NAME TEXT)... | show NAME... | list | remove NAME...")
        except Err as error:
            print(f"notes: {message(error.value)}", file=sys.stderr)
            raise Err(None)  # which makes the exit code 1
