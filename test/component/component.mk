# The black-box tests of the built components. One test, as a failure names it:
#   make test-component TEST=test/component/test_calls.py::test_set SEED=1
TEST ?= test/component
SEED ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')

.PHONY: test-component
test-component: build/keyvalue_filesystem.wasm build/keyvalue_filesystem_plugin.wasm build/consumer.wasm ## call the built components, from Python
	$(PY) -m pytest -q -rs -p no:cacheprovider -n 2 --hypothesis-seed=$(SEED) '$(TEST)'
