"""Tells how large built files are, as they are and as they are downloaded: size.py FILE..."""
import gzip
import pathlib
import sys


def gzipped(path):
    return len(gzip.compress(pathlib.Path(path).read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print("%s: %d bytes, %d gzipped" % (name, pathlib.Path(name).stat().st_size, gzipped(name)))
