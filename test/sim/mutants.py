"""Breaks the core on purpose, one break at a time, and sees who notices.

A proof that cannot fail proves nothing. Each mutant is a copy of src/ with one
piece of text replaced; the piece must be there exactly once, so that a mutant
does not silently become none. The copy is built and run through the simulator's
cut (orders, faults, power, chance) and then the native tests, up to the first
that fails or does not end in time: its killer. A mutant without one fails this
program.

    test/sim/mutants.py [--table FILE] [NAME...]
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "mutants"

KILLERS = [
    ("orders", "for name in i+i/hp0c1l2 i+d/sp1c1l1 w+s/hp2c1l1 s+d/ep0c1l1 d+d/sp0c1l1 "
               "sd+i/hp0c1l1 iw+i/hp0c1l1 ig+s/ha1c1l1; do "
               "build/sim/schedules case $name || exit 1; done"),
    ("faults", "build/sim/faults all"),
    ("power", "build/sim/power programs 50 && build/sim/power random 0 60000"),
    ("chance", "build/sim/schedules random 0 30000"),
    ("names", "build/sim/names 0 1000"),
    ("native", "build/native/tests"),
]
SECONDS = 240  # far more than the whole of a killer takes

# name, file, what is there, what is put in its place
MUTANTS = [
    ("no listing after the claim", "claim.c",
     "    status = remove_rivals(fs, bucket, claim);\n",
     "    (void)remove_rivals;\n"),
    ("rivals are listed but not removed", "claim.c",
     "        status = remove_rival(fs, bucket, rivals->ids[i]);\n",
     "        (void)bucket;\n        (void)remove_rival;\n"),
    ("listing comes before the claim", "claim.c",
     "    enum status status = make_own(fs, bucket, claim);\n    if (status != STATUS_OK) {\n"
     "        return status;\n    }\n    status = remove_rivals(fs, bucket, claim);\n",
     "    enum status status = make_scratch(fs, bucket);\n    if (status == STATUS_OK) {\n"
     "        status = remove_rivals(fs, bucket, claim);\n    }\n    if (status == STATUS_OK) {\n"
     "        status = make_own(fs, bucket, claim);\n    }\n"),
    ("a rival's `new` is not removed", "claim.c",
     "            status = remove_inside(fs, &rival, BYTES(\"new\"));\n",
     "            status = STATUS_OK;\n"),
    ("a rival's `old` is not removed", "claim.c",
     "                status = remove_inside(fs, &rival, BYTES(\"old\"));\n",
     "                status = STATUS_OK;\n"),
    ("only a rival's files are removed, not its directory", "claim.c",
     "        enum status status = fs->remove_directory(fs, path_bytes(&rival));\n"
     "        if (status == STATUS_NO_ENTRY) {\n",
     "        enum status status = round == 0 ? STATUS_NOT_EMPTY : STATUS_NO_ENTRY;\n"
     "        if (status == STATUS_NO_ENTRY) {\n"),
    ("a rival's directory that is not empty is left", "claim.c",
     "        if (status != STATUS_NOT_EMPTY && status != STATUS_EXISTS) {\n"
     "            return status;\n",
     "        if (status != STATUS_EXISTS) {\n"
     "            return status == STATUS_NOT_EMPTY ? STATUS_OK : status;\n"),
    ("names that are no claims are removed as rivals", "claim.c",
     "    return hex_read_u64(id, name.size, &number);\n",
     "    (void)hex_read_u64(id, name.size, &number);\n    if (name.size == claim_id_bytes) {\n"
     "        memcpy(id, name.data, name.size);\n    }\n    return name.size == claim_id_bytes;\n"),
    ("an id is used again after a loss", "claim.c",
     "        hex_write_u64(fs->random(fs), claim->id);\n",
     "        if (claim->id[0] == 0) {\n            hex_write_u64(fs->random(fs), claim->id);\n"
     "        }\n"),
    ("all writers use one id", "claim.c",
     "        hex_write_u64(fs->random(fs), claim->id);\n",
     "        hex_write_u64(1, claim->id);\n"),
    ("a claim that is there already is taken over", "claim.c",
     "        } else if (status != STATUS_EXISTS) {\n            return status;\n",
     "        } else {\n            return status == STATUS_EXISTS ? STATUS_OK : status;\n"),
    ("`.kv` that is a link counts as listed", "claim.c",
     "            return status == STATUS_NOT_DIRECTORY || status == STATUS_IS_SYMLINK"
     " ? STATUS_SCRATCH\n",
     "            return status == STATUS_NOT_DIRECTORY || status == STATUS_IS_SYMLINK"
     " ? STATUS_OK\n"),
    ("an increment does not read again under its next claim", "store.c",
     "    status = compute(bucket, change);\n",
     "    if (change->counter == NULL || change->value.data == NULL) {\n"
     "        status = compute(bucket, change);\n    }\n"),
    ("a commit goes by a path outside of the claim", "store.c",
     "    struct path path;\n    claim_path(&bucket->claim, &bucket->path, &path);\n"
     "    path_push(&path, name);\n    return path;\n",
     "    struct path path = bucket->path;\n    path_push(&path, BYTES(\".kv\"));\n"
     "    path_push(&path, name);\n    return path;\n"),
    ("a lost create is an error", "store.c",
     "lost_if_gone(fs->open(fs, place.directory, place.path, FS_CREATE, &file));\n",
     "(fs->open(fs, place.directory, place.path, FS_CREATE, &file));\n"),
    ("a lost rename is an error", "store.c",
     "lost_if_gone(\n        store->fs->rename(",
     "(\n        store->fs->rename("),
    ("a lost claim is believed to stand", "store.c",
     "        bucket->claim.held = false;\n        forget_directory(bucket->store);\n",
     "        forget_directory(bucket->store);\n"),
    ("who lost a claim again waits as long as at first", "claim.c",
     " % ((uint64_t)longest >> halvings);\n", " % (uint64_t)longest;\n    (void)halvings;\n"),
    ("many rivals are removed in a listing for each batch", "claim.c",
     "            status = remove_batch(fs, bucket, rivals);\n        }\n",
     "            (void)bucket;\n            break;\n        }\n"),
    ("a lost claim's directory is not forgotten", "store.c",
     "        bucket->claim.held = false;\n        forget_directory(bucket->store);\n",
     "        bucket->claim.held = false;\n"),
    ("what the commit moves is looked for in the kept directory", "fs_posix.c",
     "result(renameat(posix_of(fs)->root, old_text.bytes,\n",
     "result(renameat(at(fs, directory),\n"
     "               directory == fs_root ? old_text.bytes : strchr(old_text.bytes, '/') + 1,\n"),
    ("what is refused is refused without a claim", "store.c",
     "    return removed == STATUS_NO_ENTRY ? STATUS_LOST : status;\n",
     "    (void)removed;\n    return status;\n"),
    ("a swap expects what it found under a lost claim", "store.c",
     "    value_free(&change->seen);\n    change->seen = seen;\n    change->found = found;\n",
     "    value_free(&change->cas->value);\n    change->cas->value = seen;\n"
     "    change->cas->found = found;\n"),
    ("the directory of a closed bucket stays open", "store.c",
     "    if (bucket->handles == 0 && store->kept == bucket) {\n        forget_directory(store);\n    }\n",
     ""),
    ("a delete takes a lost claim for an absent key", "store.c",
     "        status = lost_if_gone(fs->look(fs, fs_root, path_bytes(&claim), &look));\n",
     "        (void)fs->look(fs, fs_root, path_bytes(&claim), &look);\n        status = STATUS_OK;\n"),
    ("a delete takes an absent key for a lost claim", "store.c",
     "        status = lost_if_gone(fs->look(fs, fs_root, path_bytes(&claim), &look));\n",
     "        (void)fs->look(fs, fs_root, path_bytes(&claim), &look);\n"
     "        status = STATUS_LOST;\n"),
    ("a delete unlinks the key itself", "store.c",
     "    enum status status = fs->rename(fs, path_bytes(change->path), fs_root,"
     " path_bytes(&scratch));\n",
     "    enum status status = fs->remove_file(fs, path_bytes(change->path));\n"),
    ("a delete leaves its `old` behind", "store.c",
     "        // and the next writer removes it.\n"
     "        (void)fs->remove_file(fs, path_bytes(&scratch));\n",
     "        // and the next writer removes it.\n"),
    ("a refused change leaves its `new` behind", "store.c",
     "    enum status removed = fs->remove_file(fs, path_bytes(&scratch));\n",
     "    enum status removed = STATUS_OK;\n"),
    ("a swap compares nothing", "store.c",
     "    if (found == cas->found && bytes_equal(value_bytes(&seen), value_bytes(&cas->value))) {\n",
     "    if (found || !found) {\n"),
    ("a swap takes an empty value for an absent one", "store.c",
     "    if (found == cas->found && bytes_equal(",
     "    if (bytes_equal("),
    ("the file is not synced", "store.c",
     "    return store->settings.durable ? fs->sync(fs, file) : STATUS_OK;\n",
     "    return STATUS_OK;\n"),
    ("the bucket is not synced after a commit", "store.c",
     "        status = sync_directory(store, &bucket->path);\n    } else if",
     "    } else if"),
    ("the kept directory is not synced after a commit", "store.c",
     "        status = store->fs->sync(store->fs, place.directory);\n",
     ""),
    ("the bucket is not synced after a delete", "store.c",
     "        status = sync_directory(bucket->store, &bucket->path);\n        // The key is gone.",
     "        // The key is gone."),
    ("the root is not synced under a claim", "store.c",
     "        status = sync_directory(store, &root);\n        bucket->claim.held",
     "        bucket->claim.held"),
    ("a delete of what is gone does not sync", "store.c",
     "        return sync_directory(bucket->store, &bucket->path);\n    }\n"
     "    return status == STATUS_OK || status == STATUS_NO_ENTRY",
     "        return STATUS_OK;\n    }\n    return status == STATUS_OK || status == STATUS_NO_ENTRY"),
    ("a delete of what is gone by then does not sync", "store.c",
     "        return status == STATUS_OK ? sync_directory(bucket->store, &bucket->path) : status;\n"
     "    }\n    if (status == STATUS_OK) {\n",
     "        return status;\n    }\n    if (status == STATUS_OK) {\n"),
    ("a short write is taken for a whole one", "store.c",
     "        total += written;\n",
     "        total += size;\n"),
    ("a short read is taken for the end", "store.c",
     "        if (got == 0 || (got < asked && total == size && full_reads)) {\n",
     "        if (got == 0 || got < asked) {\n"),
    ("a value that grew between look and read is cut", "store.c",
     "        if (got == 0 || (got < asked && total == size && full_reads)) {\n",
     "        if (got == 0 || total >= size) {\n            total = total < size ? total : size;\n"),
    ("a file is not closed after a failed write", "store.c",
     "    enum status closed = fs->close(fs, file);\n    if (status == STATUS_OK) {\n"
     "        status = closed;\n    }\n    if (status == STATUS_OK) {\n        return commit",
     "    enum status closed = status == STATUS_OK ? fs->close(fs, file) : status;\n"
     "    if (status == STATUS_OK) {\n        status = closed;\n    }\n"
     "    if (status == STATUS_OK) {\n        return commit"),
    ("a failed close is ignored before a commit", "store.c",
     "    if (status == STATUS_OK) {\n        status = closed;\n    }\n"
     "    if (status == STATUS_OK) {\n        return commit",
     "    (void)closed;\n    if (status == STATUS_OK) {\n        return commit"),
    ("a value is lost when a read fails", "store.c",
     "        if (status != STATUS_OK) {\n            free(data);\n            return status;\n",
     "        if (status != STATUS_OK) {\n            return status;\n"),
    ("a key is freed twice when a read fails", "store.c",
     "        value_free(&made.key);\n        return finish",
     "        free(made.key.data);\n        value_free(&made.key);\n        return finish"),
    ("a cursor's own key is listed again", "list.c",
     "(cursor != NULL && hash <= *cursor)",
     "(cursor != NULL && hash < *cursor)"),
    ("a leading dot is not escaped", "name.c",
     "           (byte == '.' || (names",
     "           (false || (names"),
    ("a slash is not escaped", "name.c",
     "    return byte == '/' || byte == '\\\\' || byte == '\\0';\n",
     "    return byte == '\\\\' || byte == '\\0';\n"),
    ("a file name is not checked after decoding", "name.c",
     "        !bytes_equal(file, (struct bytes){again, again_size})) {\n",
     "        false) {\n"),
    ("a claim's id in small letters is nobody's", "claim.c",
     "digit >= 'a' && digit <= 'f' ?", "digit == 0 ?"),
    ("portable names keep capitals", "name.c",
     "    return !(byte >= 'a' && byte <= 'z') && !is_digit(byte) &&",
     "    return !((byte | 32) >= 'a' && (byte | 32) <= 'z') && !is_digit(byte) &&"),
    ("portable names keep what is not ASCII", "name.c",
     "    return !(byte >= 'a' && byte <= 'z') && !is_digit(byte) &&",
     "    return byte < 128 && !(byte >= 'a' && byte <= 'z') && !is_digit(byte) &&"),
    ("portable names keep tildes", "name.c", "`{}\", 21}", "`{~\", 21}"),
    ("portable names keep colons", "name.c", "`{}\", 21}", "`{:\", 21}"),
    ("portable names keep percent signs", "name.c", "`{}\", 21}", "`{%\", 21}"),
    ("portable escapes have capital digits", "name.c",
     "names == NAMES_PORTABLE ? 0x20 : 0", "names == NAMES_PORTABLE ? 0 : 0"),
    ("portable names keep a dot at the end", "name.c",
     "(byte == '.' || byte == ' ');\n", "byte == ' ';\n"),
    ("portable names are devices", "name.c",
     "        if (size == (numbered ? 4 : 3) &&", "        if (size == 99 &&"),
    ("only a device's bare name is escaped", "name.c",
     "    size_t size = bytes_find(name, '.');\n", "    size_t size = name.size;\n"),
    ("a store for plain names does not look at the mark", "mark.c",
     "    if (status == STATUS_OK && names == NAMES_PLAIN) {\n",
     "    if (status == STATUS_OK && names == NAMES_PLAIN) {\n        return STATUS_OK;\n"),
    ("a root is marked whatever it holds", "mark.c",
     "    status = compare(fs, root, why);\n", "    (void)compare;\n    status = STATUS_OK;\n"),
    ("a root is marked without a look into its buckets", "mark.c",
     "            } else if (depth == 0 && is_name) {\n", "            } else if (false) {\n"),
    ("a root that another marks meanwhile is refused", "mark.c",
     "    if (status == STATUS_OTHER_NAMES &&", "    if (status == STATUS_LOST &&"),
    ("a root that is not there has plain names for good", "store.c",
     "    if (status == STATUS_OK) {\n        store->names_settled = true; // of a root that is there\n    }\n",
     "    store->names_settled = true;\n"),
    ("a text counter of 8 bytes is written", "counter.c",
     "    if (plain == binary_bytes) {\n",
     "    if (plain == 0) {\n"),
    ("8 bytes that are text as well are counted", "counter.c",
     "        if (text.is_text && is_binary) {\n",
     "        if (false) {\n"),
]

MAKEFILE = """CORE := %s
WARNINGS := -std=c11 -w
PYTHON := python3
all: build/sim/schedules build/sim/power build/sim/faults build/sim/names build/native/tests
include test/sim/sim.mk
include test/native/native.mk
"""


def core():
    return re.search(r"^CORE := (.*)$", (ROOT / "Makefile").read_text(), re.M)[1]


def set_up(folder):
    """The tests, and the product's sources to be changed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in ["src", "test/sim", "test/core", "test/support", "test/port"]:
        shutil.copytree(ROOT / part, folder / part)
    (folder / "Makefile").write_text(MAKEFILE % core())


def run(folder, command):
    """True if it ends well."""
    try:
        done = subprocess.run(command, shell=True, cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS)
    except subprocess.TimeoutExpired as expired:
        return False, (expired.stdout or b"").decode("utf-8", "replace") + "\ndid not end\n"
    return done.returncode == 0, done.stdout.decode("utf-8", "replace")


def build(folder):
    built, output = run(folder, "make all")
    if not built:
        sys.exit("%s: does not build\n%s" % (folder, output[-2000:]))


def kill(number, mutant):
    """The name of the first who notices, "" for nobody."""
    _, file, old, new = mutant
    folder = WORK / str(number)
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["cp", "-a", str(WORK / "whole"), str(folder)], check=True)
    source = folder / "src" / file
    text = source.read_text()
    if text.count(old) != 1:
        print("FAILED: %s: its text is not in %s exactly once" % mutant[:2], flush=True)
        return ""
    source.write_text(text.replace(old, new))
    build(folder)
    killer = ""
    for name, command in KILLERS:
        good, output = run(folder, "ulimit -c 0; " + command)
        if not good:
            killer = name
            break
    shutil.rmtree(folder)
    print("%s: %s" % (mutant[0], killer or "FAILED: noticed by nobody"), flush=True)
    return killer


def write_table(path, results):
    lines = ["# Mutants", "",
             "Each line is the core with one deliberate break, and who noticed it first: `orders` (all",
             "orders of two writers' steps), `faults` (every call fails), `power` (power cuts),",
             "`chance` (orders at random, with crashes and faults), `names` (hostile keys on a disk that folds",
             "names), `native` (the native tests).",
             "Made by `make prove-mutants` from `test/sim/mutants.py`.", "",
             "| break | in | noticed by |", "| --- | --- | --- |"]
    lines += ["| %s | `%s` | %s |" % (name, file, killer or "**nobody**")
              for (name, file, _, _), killer in results]
    pathlib.Path(path).write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--table")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    mutants = [m for m in MUTANTS if not arguments.names or m[0] in arguments.names]
    whole = WORK / "whole"
    set_up(whole)
    build(whole)
    for killer, command in KILLERS:
        good, output = run(whole, command)
        if not good:
            sys.exit("%s fails without any break\n%s" % (killer, output[-2000:]))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        killed = list(pool.map(kill, range(len(mutants)), mutants))
    results = list(zip(mutants, killed))
    if arguments.table and not arguments.names:
        write_table(ROOT / arguments.table, results)
    failed = sum(1 for _, killer in results if not killer)
    print("%d mutants, %d killed" % (len(results), len(results) - failed))
    print("%d passed, %d failed" % (len(results) - failed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
