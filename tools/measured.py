"""The pages that are measured, not written: docs/measured/. Each is headed by the command that makes it."""
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "docs" / "measured"


def path(name):
    return FOLDER / name


def write(name, title, command, text):
    """Writes a page anew, and says so."""
    path(name).write_text("# %s\n\nMade by `%s`; not written by hand.\n\n%s\n" % (title, command, text.strip()),
                          encoding="utf-8")
    say(name)


def read(name):
    return path(name).read_text(encoding="utf-8")


def say(name):
    print("wrote docs/measured/%s" % name, flush=True)
