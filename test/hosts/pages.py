"""How pages are read is told where all of them are tested; here it is for the tests of this folder."""
import importlib.util
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

_spec = importlib.util.spec_from_file_location("documents", next(ROOT.glob("test/*/test_documents.py")))
documents = importlib.util.module_from_spec(_spec)
sys.path.append(str(pathlib.Path(_spec.origin).parent))
_spec.loader.exec_module(documents)
