"""Makes a component smaller without touching its code or its interfaces.

    shorten.py WASM_TOOLS IN OUT

IN is what `wasm-tools component new` makes of a core module. Around the module
lies a layer that nobody outside ever sees: names by which its parts hand each
other functions, and an inner component for each exported interface, because
only a component's own exports can name a type anew. This layer is written again
with less in it:

- The names are short, and a core function has one.
- A type is there once, and an inner component takes what it can from the outer.
- What is of one kind stands together, in one section.

All of it is done on the text that `wasm-tools print` gives, in which everything
goes by a name, so that nothing needs to be counted. The end is a check: OUT is
valid, and its interfaces are to the letter those of IN.
"""
import itertools
import re
import string
import subprocess
import sys

TOKEN = re.compile(r'\(;.*?;\)|;;[^\n]*|[()]|"(?:[^"\\]|\\.)*"|[^\s()]+', re.DOTALL)


# ---- Text to lists and back ----

def parse(text):
    """Lists of tokens and lists; comments are left out."""
    stack = [[]]
    for token in TOKEN.findall(text):
        if token == "(":
            stack.append([])
        elif token == ")":
            item = stack.pop()
            stack[-1].append(item)
        elif not token.startswith(("(;", ";;")):
            stack[-1].append(token)
    return stack[0][0]


def write(item):
    if isinstance(item, str):
        return item
    if item[:1] == ["instance"]:
        # The printer puts an identifier in front of such an export's name, and
        # the parser wants it behind.
        item = [["export", part[2], [part[3][0], part[1]] + part[3][1:]]
                if part[0] == "export" and part[1][0] == "$" else part for part in item]
    return "(" + " ".join(map(write, item)) + ")"


def replace(item, names):
    """The item with its identifiers renamed."""
    if isinstance(item, str):
        return names.get(item, item)
    return [replace(part, names) for part in item]


def scope(item):
    """The parts of an item in which identifiers mean something else than outside."""
    if item[:2] == ["core", "module"] or item[0] == "component":
        return item
    return item[2] if item[0] == "type" and item[2][0] == "instance" else []


def replace_in(item, names):
    """The same with an item of a component, where of a scope only what it takes
    from outside is meant."""
    if not scope(item):
        return replace(item, names)
    for part in scope(item):
        if part[:2] == ["alias", "outer"]:
            part[3] = names.get(part[3], part[3])
    return item


def identifiers(item):
    """All identifiers in an item."""
    if isinstance(item, str):
        return {item} if item.startswith("$") else set()
    return set().union(*map(identifiers, item))


class Shorter:
    """One short name for each name it is asked for, in the order of asking."""

    def __init__(self, letters):
        self.names = {}
        self.fresh = ('"%s"' % "".join(name) for size in itertools.count(1)
                      for name in itertools.product(letters, repeat=size))

    def __call__(self, name):
        if name not in self.names:
            self.names[name] = next(self.fresh)
        return self.names[name]


# ---- The core modules' names ----

def tell_apart(item, core=False):
    """The item with identifiers of its own for what is core: functions and
    instances of both kinds are numbered alike."""
    if item[0] in ("realloc", "post-return", "dtor", "memory") or \
            item[:2] in (["core", "func"], ["core", "instance"]) or \
            item[:3] == ["alias", "core", "export"]:
        core = True
    elif item[0] == "canon":
        core = False
    return [tell_apart(part, core) if isinstance(part, list) else
            part.replace("$#", "$core#") if core else part for part in item]


def shorten_core(items):
    """Gives what core modules and core instances import and export short names."""
    short = Shorter(string.ascii_letters + string.digits)
    for item in items:
        if item[:2] == ["core", "module"]:
            exported = {}
            for field in item[3:]:
                if field[0] == "import":
                    field[1:3] = short(field[1]), short(field[2])
                elif field[0] == "export":
                    # One name is enough for a function, however many it has.
                    name = exported.setdefault(write(field[2]), field[1])
                    short.names[field[1]] = field[1] = short(name)
            item[:] = unique(item)
        elif item[:2] == ["core", "instance"]:
            for part in item[3:]:
                for field in [part] + part[2:]:
                    if field[0] in ("with", "export"):
                        field[1] = short(field[1])
        elif item[:3] == ["alias", "core", "export"]:
            item[4] = short(item[4])


def unique(item):
    """The item without the exports that it has already."""
    seen = []
    return [part for part in item if part[0] != "export" or part not in seen and not seen.append(part)]


# ---- Types ----

class Once:
    """Leaves out what was defined before, and knows what to call it."""

    def __init__(self):
        self.names = {}
        self.seen = {}

    def is_new(self, identifier, definition):
        same = self.seen.setdefault(write(definition), identifier)
        if same != identifier:
            self.names[identifier] = same
        return same == identifier


def shorten_inner(component, arguments, outer):
    """An inner component with less in it, and its arguments by their new names.
    `outer` has the plain types that the outer component defines."""
    once, short, imported, given, result = Once(), Shorter(string.ascii_lowercase), {}, [], []
    for item in component[2:]:
        item = replace(item, once.names)
        if item[0] == "type":
            if not once.is_new(item[1], item[2]):
                continue
            if write(item[2]) in outer:
                item = ["alias", "outer", "$outer", outer[write(item[2])], ["type", item[1]]]
        elif item[0] == "import":
            label, identifier = item[1], item[2][1]
            # A type of another interface comes in twice, with one meaning.
            first = re.sub(r'0"$', '"', label)
            if first != label and first in imported:
                once.names[identifier] = imported[first]
                continue
            imported[label] = identifier
            item[1] = short(label)
            given.append(["with", item[1], arguments[label]])
        result.append(item)
    return component[:2] + grouped(result), given


def shorten(component):
    items = [tell_apart(item) if item[:2] != ["core", "module"] else
             item[:2] + [item[2].replace("$#", "$core#")] + item[3:] for item in component[1:]]
    shorten_core(items)
    once, outer, result = Once(), {}, []
    for item in items:
        item = replace_in(item, once.names)
        if item[0] == "component":
            inner = item
            continue
        if item[0] == "instance":
            arguments = {field[1]: field[2] for field in item[2][2:]}
            inner, item[2][2:] = shorten_inner(inner, arguments, outer)
            result.append(inner)
        elif item[0] == "type" and item[2][0] not in ("resource", "instance"):
            if not once.is_new(item[1], item[2]):
                continue
            if not identifiers(item[2]) and len(item[2]) > 2:
                outer[write(item[2])] = item[1]
        elif item[0] == "alias" and not once.is_new(item[-1][-1], item[:-1]):
            continue
        result.append([part for part in item if part != "string-encoding=utf8"])
    return ["component", "$outer"] + grouped(result)


# ---- The order ----

def section(item):
    """What kind of section an item belongs to."""
    if item[0] == "core":
        return "canon" if item[1] == "func" else item[1] + " of core"
    return "canon" if item[0] == "func" else item[0]


def defined(item):
    """What an item defines: the one identifier that it puts in place."""
    if item[0] == "alias":
        return item[-1][-1]
    if item[0] == "import":
        return item[2][1]
    return item[2] if item[0] == "core" else item[1]


def used(item):
    """What an item refers to beside itself, in its own component."""
    if scope(item):
        return {part[3] for part in scope(item) if part[:2] == ["alias", "outer"]}
    if item[:2] == ["alias", "outer"]:
        return set()
    return identifiers(item) - {defined(item)}


def grouped(items):
    """The items in an order that takes fewer sections: as long as there are items
    of the kind of the last one which rest on nothing that is to come, they are next.
    Imports keep their order among each other, and exports."""
    waiting, result, known, kind = list(items), [], set(), None
    own = {defined(item) for item in items}
    while waiting:
        blocked, ready = set(), []
        for item in waiting:
            if not used(item) & own - known and section(item) not in blocked:
                ready.append(item)
            elif item[0] in ("import", "export"):
                blocked.add(item[0])
        item = next((item for item in ready if section(item) == kind), ready[0])
        kind = section(item)
        known.add(defined(item))
        waiting.remove(item)
        result.append(item)
    return result


# ---- The whole ----

def run(*command, given=None):
    return subprocess.run(command, check=True, input=given, stdout=subprocess.PIPE,
                          encoding="utf-8").stdout


def main():
    wasm_tools, source, target = sys.argv[1:]
    run(wasm_tools, "strip", "--all", source, "-o", target)
    component = parse(run(wasm_tools, "print", "--name-unnamed", target))
    run(wasm_tools, "parse", "-", "-o", target, given=write(shorten(component)))
    run(wasm_tools, "strip", "--all", target, "-o", target)
    run(wasm_tools, "validate", target)
    if run(wasm_tools, "component", "wit", source) != run(wasm_tools, "component", "wit", target):
        sys.exit("shorten.py: %s has other interfaces than %s" % (target, source))


if __name__ == "__main__":
    main()
