"""Runs a command with a terminal, as a person has it."""
import os
import pty
import subprocess

from forms import environment


def on_terminal(command, directory, typed=b"", streams=(0, 1, 2), env=None):
    """The exit code, and what the terminal shows; the standard streams that are not in `streams` are no terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=directory, env=environment(TERM="xterm", **(env or {})), shell=isinstance(command, str),
        **{name: theirs if number in streams else subprocess.DEVNULL
           for number, name in enumerate(("stdin", "stdout", "stderr"))})
    os.close(theirs)
    if typed:
        os.write(ours, typed)
    shown = b""
    while True:
        try:
            read = os.read(ours, 4096)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not read:
            break
        shown += read
    os.close(ours)
    return process.wait(), shown.decode().replace("\r\n", "\n")
