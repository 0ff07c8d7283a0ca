// Gives the component one directory, DATA, as /data. For `jco serve --jco-import`.
import { _setPreopens } from "@bytecodealliance/preview2-shim/filesystem";

_setPreopens({ "/data": process.env.DATA });
