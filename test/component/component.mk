# The black-box tests of the built components. One test, as a failure names it:
#   make test-component TEST=test/component/test_calls.py::test_set SEED=1
TEST ?= test/component
SEED ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')

.PHONY: test-component
test-component: build/keyvalue_filesystem.wasm build/keyvalue_filesystem_plugin.wasm build/consumer.wasm ## call the built components, from Python
	$(PY) -m pytest -q -rs -p no:cacheprovider -n 2 --hypothesis-seed=$(SEED) '$(TEST)'

# Real disks, made and mounted where that can be done; FOLDING_DIR adds one.
.PHONY: test-disks disks
test-disks: build/keyvalue_filesystem.wasm ## try the component on disks that fold names (as root, with their tools)
	$(PY) -m pytest -q -rs -p no:cacheprovider test/component/disks.py

disks: build/keyvalue_filesystem.wasm build/sim/names ## write docs/disks.md anew, from test-disks
	DISKS_TABLE=docs/disks.md $(PY) -m pytest -q -rs -p no:cacheprovider test/component/disks.py
