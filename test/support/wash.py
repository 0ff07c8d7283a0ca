"""wash's side of the plugin: what wash 1.0.0-beta.10 does with build/keyvalue_filesystem_plugin.wasm.

    wash = Wash(folder)                        # the plugin's own directory, which it sees as /tmp
    wash.run("get", "b", "k", format="json")   # (True, "...") or (False, "..."), as `wash NAME get b k` gives

Every call is a new instance. `run` takes the command from `info`, as wash does, fills in what was typed
and what was left out, and calls `initialize` first. A call that does not give back its runner fails.
"""
import wasmtime
from wasmtime import component as wasm

import keyvalue

NAME = "keyvalue-filesystem"
PLUGIN = "keyvalue_filesystem_plugin.wasm"
INTERFACE = "wasmcloud:wash/plugin@0.0.2"
TYPES = "wasmcloud:wash/types@0.0.2"
RUNNER, CONTEXT, PLUGIN_CONFIG, PROJECT_CONFIG = 11, 12, 13, 14  # resource types of wash

_runners = set()  # those that a plugin has
_asked = []  # the functions of wash that a plugin called


def _function(name):
    def call(store, *arguments):
        _asked.append(name)
        raise AssertionError("the plugin has no need of " + name)

    return call


def define_types(linker):
    """wasmcloud:wash/types, with every resource and function that wash has."""
    with linker.root() as root, root.add_instance(TYPES) as types:
        types.add_resource("runner", wasm.ResourceType.host(RUNNER), lambda _, number: _runners.remove(number))
        for name, kind in ("context", CONTEXT), ("plugin-config", PLUGIN_CONFIG), ("project-config", PROJECT_CONFIG):
            types.add_resource(name, wasm.ResourceType.host(kind), lambda _, number: None)
        for resource, methods in (
            ("runner", ("context", "plugin-config", "host-exec", "host-exec-background")),
            ("context", ("get", "set", "delete", "list")),
            ("plugin-config", ("get", "set", "delete", "list")),
            ("project-config", ("version",)),
        ):
            for method in methods:
                types.add_func("[method]{}.{}".format(resource, method), _function(method))


def linker():
    made = wasm.Linker(keyvalue.engine())
    made.add_wasip2()
    define_types(made)
    return made


_linker = linker()


def bare_linker():
    """A host on which the plugin may not call anything: every import traps."""
    made = wasm.Linker(keyvalue.engine())
    made.define_unknown_imports_as_traps(keyvalue.compiled(PLUGIN))
    return made


class Plugin(keyvalue.Store):
    """One instance of the plugin."""

    def __init__(self, root=None, env=(), *, linker=None, guest="/tmp", name=PLUGIN, **options):
        super().__init__(root, env, linker=linker or _linker, guest=guest, name=name, **options)

    def info(self):
        return self.call(INTERFACE, "info")

    def ask(self, function, *arguments):
        """Calls with a runner; (True, text) or (False, text)."""
        _runners.add(1)
        result = self.call(INTERFACE, function, wasm.ResourceHost.own(1, RUNNER), *arguments)
        assert not _runners, "the plugin kept its runner"
        assert _asked == []
        assert result.tag in ("ok", "err")
        return result.tag == "ok", result.payload


class Wash:
    def __init__(self, folder, env=(), **options):
        self.plugin = lambda: Plugin(folder, env, **options)
        self.metadata = self.plugin().info()

    def command(self, name):
        """A sub-command as `info` declares it."""
        return next(c for c in getattr(self.metadata, "sub-commands") if c.name == name)

    def run(self, name, *typed, **flags):
        """As `wash plugin test` ran sub-commands."""
        return self._run(self.command(name), typed, flags)

    def run_top(self, *typed, **flags):
        """As `wash keyvalue-filesystem WORD...` is run."""
        return self._run(self.metadata.command, typed, flags)

    def hook(self, hook):
        plugin = self.plugin()
        assert plugin.ask("initialize")[0]
        return plugin.ask("hook", hook)

    def _run(self, declared, typed, flags):
        """What wash's command line makes of the words, and then the call."""
        assert len(typed) <= len(declared.arguments), "wash refuses a word too many"
        command = _copy(declared)
        for argument, word in zip(command.arguments, tuple(typed) + (None,) * len(command.arguments)):
            argument.value = argument.default if word is None else word
            assert argument.value is not None, "wash refuses a missing " + argument.name
        for flag, argument in command.flags:
            assert argument.name == flag, "wash finds the value of a flag by the argument's name"
            argument.value = flags.pop(flag, argument.default)
        assert not flags, "wash refuses an unknown flag"
        plugin = self.plugin()
        assert plugin.ask("initialize")[0], "wash would stop here"
        return plugin.ask("run", command)


def _copy(value):
    """Records are objects that calls share with the test; a command is filled in on a copy."""
    if isinstance(value, wasm.Record):
        made = wasm.Record()
        for name, field in vars(value).items():
            setattr(made, name, _copy(field))
        return made
    if isinstance(value, (list, tuple)):
        return type(value)(_copy(part) for part in value)
    return value


def command(name, *values, flags=()):
    """A command as no `info` declares it."""
    made = wasm.Record()
    made.id = made.name = name
    made.description = ""
    made.flags = [(flag, _argument(flag, value)) for flag, value in flags]
    made.arguments = [_argument("argument", value) for value in values]
    made.usage = []
    return made


def _argument(name, value):
    made = wasm.Record()
    made.name = name
    made.description = ""
    made.env = made.default = None
    made.value = value
    return made
