"""Histories: read from the workers' files, and the checks on them that need no search.

An operation is a dictionary: name, key, call and return (nanoseconds), client,
unknown, result and its arguments (value, expected, delta). What a killed process
had called and not returned from is `unknown`: it may have happened, once, before
the process was seen to be dead, or never. Its return is that moment, since the
system does nothing for a process that it has reported dead.
"""
import bisect
import json

ARGUMENTS = {"set": ["value"], "swap": ["expected", "value"], "increment": ["delta"]}


def load(path, client, died):
    """The operations of one process; `died` is when it was seen to be dead."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return []
    lines = text.split("\n")[:-1]  # behind the last newline, a line that was not finished
    entries = [json.loads(line) for line in lines]
    operations = []
    for i in range(0, len(entries), 2):
        kind, called, calls = entries[i]
        assert kind == "call", lines[i]
        unknown = i + 1 == len(entries)
        kind, returned, results = ["return", died, [None] * len(calls)] if unknown else entries[i + 1]
        assert kind == "return" and len(results) == len(calls), lines[i + 1]
        for (name, key, *arguments), result in zip(calls, results):
            operation = dict(name=name, key=key, client=client, call=called, result=result,
                             unknown=unknown, **dict(zip(ARGUMENTS.get(name, []), arguments)))
            operation["return"] = returned
            operations.append(operation)
    return operations


def by_key(operations):
    keys = {}
    for operation in operations:
        keys.setdefault(operation["key"], []).append(operation)
    return keys


def number(operation):
    """What a counter's increment answered, or a read of it saw; None if that is no number."""
    result = operation["result"]
    if operation["name"] == "increment":
        return result
    content = bytes.fromhex(result or "00" * 8)
    return int.from_bytes(content, "little") if len(content) == 8 else None


def in_real_time(operations, place):
    """Who was called after another returned must not have seen or made an earlier state."""
    ended = sorted(operations, key=lambda operation: operation["return"])
    ends = [operation["return"] for operation in ended]
    latest = []  # the greatest place among those that ended so far
    for operation in ended:
        latest.append(max(place(operation), latest[-1] if latest else 0))
    for operation in operations:
        before = bisect.bisect_left(ends, operation["call"])
        if before > 0 and place(operation) < latest[before - 1]:
            yield "%s is older than what was there before its call" % operation


def check_counter(operations):
    """Every increment by one gives the next number, once; reads see one of them."""
    numbers = {}
    unknown = sum(o["unknown"] for o in operations if o["name"] == "increment")
    known = [o for o in operations if not o["unknown"]]
    for operation in known:
        if number(operation) is None:
            yield "%s is no counter" % operation
            return
        if operation["name"] == "increment":
            other = numbers.setdefault(operation["result"], operation)
            if other is not operation:
                yield "the same number twice: %s and %s" % (other, operation)
    total = max(map(number, known), default=0)
    if not 0 <= total - len(numbers) <= unknown:
        yield "%d increments and %d killed ones made %d" % (len(numbers), unknown, total)
    yield from in_real_time(known, number)


def seen_in_chain(operation):
    """The value that the key had right after an operation of `chain`."""
    if operation["name"] == "get":
        return operation["result"]
    return operation["value"] if operation["result"][0] == "swapped" else operation["result"][1]


def check_chain(operations):
    """Every value is swapped for one other; reads see a link of that one chain."""
    swaps = [o for o in operations if o["name"] == "swap"]
    known = [o for o in operations if not o["unknown"]]
    seen = {seen_in_chain(o) for o in known}
    after = {}  # the value that each was swapped for
    for swap in swaps:
        # A killed one happened if its value was seen; of others nothing follows.
        if swap["value"] in seen if swap["unknown"] else swap["result"][0] == "swapped":
            other = after.setdefault(swap["expected"], swap)
            if other is not swap:
                yield "the same value swapped twice: %s and %s" % (other, swap)
        elif not swap["unknown"] and swap["result"][1] == swap["expected"]:
            yield "%s failed on what it expected" % swap
    places = {None: 0}
    value = None
    while value in after:
        value = after[value]["value"]
        places[value] = len(places)
    strangers = [o for o in known if seen_in_chain(o) not in places]
    for operation in strangers:
        yield "%s is no link of the chain" % operation
    if not strangers:
        yield from in_real_time(known, lambda o: places[seen_in_chain(o)])


def check_register(operations):
    """A read sees, whole, what was written before it and not written over before it."""
    writes = [o for o in operations if o["name"] in ("set", "delete")]
    sources = {None: [0]}  # of each value, when its writes were called
    ended = {None: [-1]}  # and when they returned
    for write in writes:
        sources.setdefault(write.get("value"), []).append(write["call"])
        ended.setdefault(write.get("value"), []).append(write["return"])
    known = sorted((o for o in writes if not o["unknown"]), key=lambda o: o["return"])
    ends = [o["return"] for o in known]
    latest = []  # the latest call of a write among those that returned so far
    for write in known:
        latest.append(max(write["call"], latest[-1] if latest else 0))
    for read in operations:
        if read["name"] != "get" or read["unknown"]:
            continue
        value = read["result"]
        possible = [end for call, end in zip(sources.get(value, []), ended.get(value, []))
                    if call < read["return"]]
        before = bisect.bisect_left(ends, read["call"])
        if not possible:
            yield "%s was never written" % read
        elif before > 0 and latest[before - 1] > max(possible):
            yield "%s was written over before" % read


CHECKS = {"counter": check_counter, "chain": check_chain, "register": check_register}


def check_plain(operations):
    """The faults in a history of worker.py's profile `plain`."""
    faults = []
    for key, of_key in sorted(by_key(operations).items()):
        check = CHECKS.get(key.split("-")[0])
        faults += check(of_key) if check else []
    return faults


def corrupt(operations, name):
    """Makes one result in the middle wrong: an increment's, a swap's or a read's."""
    wrong = {"increment": lambda o: o["result"] + 1, "swap": lambda o: ["swapped"],
             "get": lambda o: b"torn".hex()}[name]
    fitting = [o for o in operations if o["name"] == name and not o["unknown"]
               and (name != "swap" or o["result"][0] == "changed")]
    operation = dict(fitting[len(fitting) // 2])
    place = operations.index(operation)
    operation["result"] = wrong(operation)
    return operations[:place] + [operation] + operations[place + 1:]
