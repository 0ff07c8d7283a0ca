"""What `make install` lays: the program, its manual page, and completion for three shells."""
import os
import re
import shutil
import subprocess

import pytest

from forms import BUILD, HANG_SECONDS, PROJECT, Form, environment

INSTALL = PROJECT / "src" / "kv" / "install"


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("install") / "pre fix"
    # Nothing is built here: the program and its page are.
    done = subprocess.run(["make", "-o", "build/kv", "-o", "build/kv.1", "install", f"PREFIX={prefix}"], cwd=PROJECT,
                          capture_output=True, text=True)
    assert done.returncode == 0, done
    return prefix


@pytest.fixture
def kv(tmp_path, prefix):
    """A directory with data in it, and the shell's environment with kv on the PATH."""
    form = Form(tmp_path)
    for bucket, key in [("my-bucket", "user:123"), ("my-bucket", "user:456"), ("my-bucket", "two words"), ("other", "k")]:
        form.put(bucket, key, b"v")
    form.env = environment(PATH=f"{prefix}/bin:{os.environ['PATH']}", HOME=str(tmp_path), TERM="dumb")
    return form


def commands():
    """The commands that kv's own help lists."""
    text = subprocess.run([BUILD / "kv", "help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^  ([a-z-]+) ", text[text.index("Keys:"):text.index("Try:")], re.MULTILINE)) | {"help"}


def flags():
    """The options in the usage of each command."""
    found = {}
    for command in commands() - {"help"}:
        text = subprocess.run([BUILD / "kv", "help", command], capture_output=True, text=True, check=True).stdout
        usage = re.search(r"^usage: kv \[--data DIR\] \[--json\] (.*)$", text, re.MULTILINE)[1]
        found[command] = set(re.findall(r"(-[-a-z0-9]+)", usage.replace(command, "", 1).replace("TO-", "")))
    return found


def test_files(prefix):
    """install lays these files and no others, and uninstall removes them."""
    files = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    assert files == {"bin/kv", "share/man/man1/kv.1", "share/bash-completion/completions/kv", "share/zsh/site-functions/_kv",
                     "share/fish/vendor_completions.d/kv.fish"}
    copy = prefix.with_name("copy")
    shutil.copytree(prefix, copy)
    subprocess.run(["make", "uninstall", f"PREFIX={copy}"], cwd=PROJECT, check=True, capture_output=True)
    assert [path for path in copy.rglob("*") if path.is_file()] == []


def test_installed_program(kv, prefix):
    """The installed program needs nothing of the project."""
    done = subprocess.run(["kv", "list", "my-bucket"], cwd=kv.directory, env=kv.env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "two words\nuser:123\nuser:456\n")


def test_manual_page():
    """The manual page has every command with its usage, the options and the exit codes, and is well formed."""
    page = (BUILD / "kv.1").read_text(encoding="utf-8").replace("\\-", "-")
    heads = set(re.findall(r"^\.SS kv (\S+)", page, re.MULTILINE))
    assert heads == commands() - {"help"}
    for word in ("--data DIR", "--json", "EXIT STATUS", "NO_COLOR", "swap --absent my-bucket leader node-7"):
        assert word in page
    if shutil.which("groff") is None:
        pytest.skip("there is no groff to read the page")
    done = subprocess.run(["groff", "-man", "-ww", "-z", "-K", "utf8", BUILD / "kv.1"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_completions_have_all_words():
    """Each shell's completion has every command, and every option of every command."""
    all_flags = set().union(*flags().values()) - {"-0"} | {"--data", "--json", "--help", "--version"}
    for file in ("kv.bash", "_kv", "kv.fish"):
        text = (INSTALL / file).read_text(encoding="utf-8")
        assert {word for word in commands() if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)} == set(), file
        spelt = {flag.replace("--", "-l ") if file == "kv.fish" else flag for flag in all_flags}
        assert {flag for flag in spelt if flag not in text} == set(), file
        assert ("-s 0" if file == "kv.fish" else "-0") in text


LINES = [
    ("kv get-", {"get-many"}),
    ("kv delete", {"delete", "delete-many", "delete-bucket"}),
    ("kv get ", {"my-bucket", "other"}),
    ("kv get my-bucket user:", {"user:123", "user:456"}),
    ("kv --data elsewhere get ", {"third"}),
    ("kv list --l", {"--limit", "--long"}),
    ("kv help inf", {"info"}),
    ("kv list my", {"my-bucket"}),
    ("kv delete-many my-bucket user:123 user:4", {"user:456"}),
]


@pytest.mark.parametrize("line, expected", LINES, ids=[line for line, _ in LINES])
def test_bash(kv, prefix, line, expected):
    """What bash offers for a line: commands, options, buckets, keys, also with a colon."""
    (kv.directory / "elsewhere" / "third").mkdir(parents=True)
    script = f'''
    . "{prefix}/share/bash-completion/completions/kv"
    COMP_LINE={line!r} COMP_POINT={len(line)} COMP_WORDS=(${{COMP_LINE}}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
    COMP_WORDBREAKS=$' \\t\\n='
    _kv; printf '%s\\n' "${{COMPREPLY[@]}}"'''
    done = subprocess.run(["bash", "-c", script], cwd=kv.directory, env=kv.env, capture_output=True, text=True)
    assert done.stderr == "" and set(done.stdout.splitlines()) - {""} == expected


def test_bash_with_colons(kv, prefix):
    """Where bash divides words at colons, only what is after the last one is offered."""
    script = f'''
    . "{prefix}/share/bash-completion/completions/kv"
    COMP_LINE="kv get my-bucket user:1" COMP_POINT=23 COMP_WORDS=(kv get my-bucket user : 1) COMP_CWORD=5
    COMP_WORDBREAKS=$' \\t\\n=:'
    _kv; printf '%s\\n' "${{COMPREPLY[@]}}"'''
    done = subprocess.run(["bash", "-c", script], cwd=kv.directory, env=kv.env, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("123\n", "")


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
@pytest.mark.parametrize("line, expected", LINES, ids=[line for line, _ in LINES])
def test_fish(kv, prefix, line, expected):
    """The same in fish."""
    (kv.directory / "elsewhere" / "third").mkdir(parents=True)
    script = f'source "{prefix}/share/fish/vendor_completions.d/kv.fish"; complete -C {line!r}'
    done = subprocess.run(["fish", "--no-config", "-c", script], cwd=kv.directory, env=kv.env, capture_output=True, text=True)
    assert {row.split("\t")[0] for row in done.stdout.splitlines()} == expected, done


# What a person sees who types TAB: zsh's own way to ask is to press keys.
ZSH = r'''
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='' ; unsetopt zle_bracketed_paste; fpath=('$1' \$fpath); autoload -Uz compinit; compinit -u -d '$2'"
zpty -w shell "bindkey '^I' list-choices; zstyle ':completion:*' list-separator '#'; zstyle ':completion:*:descriptions' format ''; stty columns 200; echo READY"
zpty -r shell answer '*READY*READY*'
zpty -w -n shell "$3"$'\t'
sleep 1.5
zpty -w -n shell $'\x15'"echo DONE-"$'\n'
zpty -r shell answer '*DONE-*DONE-*'
print -r -- $answer
'''


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
@pytest.mark.parametrize("line, expected", [case for case in LINES if case[0] in
                                            ("kv get-", "kv get ", "kv get my-bucket user:", "kv list --l")], ids=["command", "bucket", "key", "option"])
def test_zsh(kv, prefix, line, expected):
    """The same in zsh, as far as what it lists can be read."""
    done = subprocess.run(["zsh", "-f", "-c", ZSH, "zsh", f"{prefix}/share/zsh/site-functions", f"{kv.directory}/dump", line],
                          cwd=kv.directory, env=kv.env, capture_output=True, text=True, timeout=HANG_SECONDS)
    assert all(word in done.stdout.split(line, 1)[-1] for word in expected), done
