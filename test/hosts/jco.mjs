// Runs a transpiled command in the current directory, as tools/run_component.py
// runs a component: jco.mjs FILE.js [ARGUMENT ...]
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [file, ...words] = process.argv.slice(2);
const url = pathToFileURL(resolve(file));
const shim = (name) => import(pathToFileURL(createRequire(url).resolve("@bytecodealliance/preview2-shim/" + name)));

const { _setArgs, _setEnv } = await shim("cli");
_setArgs([file, ...words]);
_setEnv(Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("KEYVALUE_FILESYSTEM_"))));
const { _setPreopens } = await shim("filesystem");
_setPreopens({ ".": process.cwd() });
const { run } = await import(url);
run.run();
