"""Runs functions in processes of their own: for several writers at once, and
for calls that could hang, where being killed is a failed test and no more."""
import multiprocessing
import traceback

# Far beyond what any of them needs: not a measure of speed.
SECONDS = 120


def _run(pipe, function, arguments):
    try:
        pipe.send((True, function(*arguments)))
    except BaseException:
        pipe.send((False, traceback.format_exc()))


def run(*calls, seconds=SECONDS):
    """Runs each call, a tuple of a module's function and its arguments, in a
    new process, all at the same time. Returns their results, in order."""
    context = multiprocessing.get_context("spawn")
    children = []
    try:
        for function, *arguments in calls:
            here, there = context.Pipe(duplex=False)
            child = context.Process(target=_run, args=(there, function, arguments), daemon=True)
            child.start()
            there.close()
            children.append((child, here, function))
        results = []
        for child, pipe, function in children:
            assert pipe.poll(seconds), f"{function.__name__} hangs: killed after {seconds} s"
            try:
                ok, result = pipe.recv()
            except EOFError:
                child.join()
                raise AssertionError(f"{function.__name__} died: exit code {child.exitcode}")
            assert ok, f"in a child process:\n{result}"
            results.append(result)
        return results
    finally:
        for child, pipe, _ in children:
            child.kill()
            child.join()
            pipe.close()
