// Runs one test of the transpiled contract in the current directory, and prints
// what failed: jco.mjs FILE.js NUMBER HAS NAME_BYTES
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [file, ...numbers] = process.argv.slice(2);
const url = pathToFileURL(file);
const filesystem = createRequire(url).resolve("@bytecodealliance/preview2-shim/filesystem");
const { _setPreopens } = await import(pathToFileURL(filesystem));
_setPreopens({ "/data": process.cwd() });
const { run } = await import(url);
process.stdout.write(run(...numbers.map(Number)));
