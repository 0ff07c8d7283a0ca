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


def merge(name, rows, keys):
    """Table rows, with those of the page that none of them replaces: a run of a part leaves the rest of a page as
    it is. A row is known by its first cells, as many as `keys` says."""
    def key(row):
        return [cell.strip() for cell in row.split("|")[1:keys + 1]]

    new = [key(row) for row in rows]
    old = [line for line in read(name).splitlines() if line.startswith("| ")] if path(name).exists() else []
    old = old[1:]  # without the heads
    return rows + [row for row in old if not row.startswith("| ---") and key(row) not in new]


def say(name):
    print("wrote docs/measured/%s" % name, flush=True)
