"""Makes a core module smaller, as `wasm-opt -Oz` does, and else leaves it as it is.

    optimise.py OPTIMISER IN OUT

OPTIMISER is the folder that tools/optimiser.txt was installed into. The package
is Binaryen as a shared library, called here through its C API (binaryen-c.h).
Where the package has no build for the platform the folder is empty, and OUT is
a copy of IN: the same component, larger.
"""
import ctypes
import pathlib
import shutil
import sys

# What the usual passes, of which each list is followed by a round, leave undone. A second round finds what
# the first one opened up, a third one next to nothing.
ROUNDS = (b"gufa", b"rse", b"code-folding"), (b"reorder-functions",)


class Written(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_void_p), ("size", ctypes.c_size_t), ("map", ctypes.c_void_p)]


def optimise(binaryen, module):
    binaryen.BinaryenModuleRead.restype = ctypes.c_void_p
    binaryen.BinaryenModuleAllocateAndWrite.restype = Written
    handle = ctypes.c_void_p(binaryen.BinaryenModuleRead(module, ctypes.c_size_t(len(module))))
    # What the compiler uses unless it is told otherwise, and every host has.
    features = (binaryen.BinaryenFeatureMutableGlobals() | binaryen.BinaryenFeatureSignExt() |
                binaryen.BinaryenFeatureNontrappingFPToInt() | binaryen.BinaryenFeatureBulkMemory())
    binaryen.BinaryenModuleSetFeatures(handle, features)
    # What the C library has an instance do as it starts: run the constructors, of
    # which there are none, and note down that it did. To enter the module at all
    # takes the host a third of the time that starting takes as a whole.
    binaryen.BinaryenRemoveExport(handle, b"_initialize")
    binaryen.BinaryenSetOptimizeLevel(2)
    binaryen.BinaryenSetShrinkLevel(2)
    for passes in ROUNDS:
        binaryen.BinaryenModuleRunPasses(handle, (ctypes.c_char_p * len(passes))(*passes), len(passes))
        binaryen.BinaryenModuleOptimize(handle)
    if not binaryen.BinaryenModuleValidate(handle):
        sys.exit("optimise.py: the optimiser made an invalid module")
    written = binaryen.BinaryenModuleAllocateAndWrite(handle, None)
    return ctypes.string_at(written.bytes, written.size)


def main():
    optimiser, source, target = map(pathlib.Path, sys.argv[1:])
    libraries = list(optimiser.glob("icpp_binaryen/lib/libbinaryen.*"))
    if not libraries:
        print("no optimiser for this platform: %s is larger than it could be" % target)
        shutil.copy(source, target)
        return
    target.write_bytes(optimise(ctypes.CDLL(str(libraries[0])), source.read_bytes()))


if __name__ == "__main__":
    main()
