# What the project can do, a verb a line. How files are made is in tools/rules.mk, what is fetched
# in tools/tools.mk. `make V=1` shows every command.

# Without a job count of the caller's, as many jobs as there are processors.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)
endif

.PHONY: all
all:

include tools/tools.mk
include tools/rules.mk
include tools/bindings.mk
include $(sort $(wildcard bench/*.mk examples/*/*.mk test/*/*.mk))

SHIPPED := build/keyvalue_filesystem.wasm build/keyvalue_filesystem_plugin.wasm build/keyvalue_filesystem_pairs.wasm
EXAMPLES := build/kv build/kv.wasm build/kv_transfer.wasm build/http_counter.wasm build/notes.wasm build/explorer.wasm
SUITES := build/suite_draft.wasm build/suite_draft2.wasm
SERVED := build/kv_transfer_http.wasm $(patsubst %,build/wasm/%.component.wasm,suite_http_draft suite_http_draft2 http_counter explorer)
SIMULATOR := $(addprefix build/sim/,$(SIM_PROGRAMS) $(addprefix checked/,$(SIM_PROGRAMS)))
BENCH := $(addprefix build/bench/,store.cwasm floor.cwasm native core empty.wasm dummy.wasm provider-store.wasm)
RELEASE := dist/keyvalue-filesystem-$(VERSION)

# The tests of `make test`, in order. One of them alone, as a failure names it:
#   make test-component TEST=test/component/test_calls.py::test_set SEED=1
TESTS := test-native test-port test-sim test-fuzz test-processes test-power test-component test-cli test-examples test-explorer test-hosts test-shared test-release
CHECKS := check-format check-files check-style check-mutants
SEED ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
FUZZ_SECONDS ?= 60
DATA ?= data
SERVE_ADDRESS ?= 127.0.0.1:8080
EXPLORE_ADDRESS ?= 127.0.0.1:8081
PYTEST := $(PY) -m pytest
EVERY := @+$(PYTHON) tools/part.py --all "$(MAKE)"
PROCESSES := $(PY) -u test/processes/run.py --seed $(SEED)

# ---- Building and running ----

all: $(SHIPPED) build/kv build/kv.wasm build/kv_transfer.wasm ## build the component, the plugin and the kv tool

kv: build/kv ## build the kv tool as a native program

examples: $(EXAMPLES) ## build the examples

run: build/kv ## run a demo of the store on ./data
	@sh examples/kv/demo.sh

serve: build/http_counter.wasm $(WASMTIME) ## serve the page-view counter on http://localhost:8080, from ./data
	@mkdir -p data/my-bucket
	@$(WASMTIME) serve -S cli --addr $(SERVE_ADDRESS) --dir data::/data $<

explore: build/explorer.wasm $(WASMTIME) ## show the buckets of ./data (DATA=directory) on http://localhost:8081
	@[ -d '$(DATA)' ] || mkdir -p '$(DATA)/my-bucket'
	@echo 'open http://$(EXPLORE_ADDRESS)'
	@$(WASMTIME) serve -S cli --addr $(EXPLORE_ADDRESS) --dir '$(DATA)::/data' \
	    --env EXPLORER_BUCKETS="$$(cd '$(DATA)' && ls -d -- */ 2> /dev/null | tr -d / | grep -v '[%,]' | paste -s -d , -)" $<

tools: $(INSTALLED) ## fetch the pinned tools

wash: $(WASH_VERSIONS:%=$(TOOLCHAIN)/wash-%/.installed) ## fetch the versions of wash that test-wash runs

clean: ## remove what was built; the tools stay
	rm -rf build

help: ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | sort | expand -t 20

# ---- Tests ----

test ci: export PART_SECONDS := 1200 # what takes longer hangs

test: ## run all tests
	$(EVERY) $(TESTS)

ci: ## what CI runs: the checks and all tests (OPTIONAL="target ..." for what else the machine can do)
	$(EVERY) $(CHECKS) $(OPTIONAL) $(TESTS)

test-native: build/native/tests ## the core on real files, with sanitizers
	$(part) "The core on real files, with sanitizers" -- $<

test-port: build/native/tests build/native/contract build/port_contract.wasm ## what every port must do, on every file system that can be mounted (as root)
	$(part) "The contract of every port" -- $(PYTEST) -n 2 test/port

test-sim: $(SIMULATOR) ## every order, power cut and fault on a simulated disk, a cut of prove-sim
	$(part) "Orders, power cuts and faults on a simulated disk" -- $(PYTHON) test/sim/run.py test/sim/cut.txt

test-fuzz: build/fuzz/replay ## replay the inputs of the fuzz targets
	$(part) "Inputs of the fuzz targets" -- $< test/fuzz/corpus

test-processes: build/keyvalue_filesystem.wasm ## kill real processes, and check what they recorded
	$(part) "Real processes, killed" -- $(PROCESSES) --seconds 2.5

test-mutants: all $(SIMULATOR) build/native/tests build/consumer.wasm ## a few mutants, at random (MUTANTS="name ..." for those)
	$(part) "Mutants, a few" -- $(PYTHON) test/mutants/run.py $(or $(MUTANTS),--sample 3)

test-power: build/keyvalue_filesystem.wasm $(POWER) ## cut the power on real ext4, XFS and Btrfs (skipped without root and their tools)
	$(part) "Power cuts on real file systems" -- $(PYTEST) test/power

test-component: $(SHIPPED) build/consumer.wasm ## call the built component, from Python (TEST=..., SEED=...)
	$(part) "The built component" -- $(PYTEST) -n 2 --hypothesis-seed=$(SEED) $(or $(TEST),test/component)

test-cli: all build/kv.1 build/wasm/store.wasm ## the commands of kv and of the plugin (TEST=..., SEED=...)
	$(part) "The commands" -- $(PYTEST) -n 2 --hypothesis-seed=$(SEED) $(or $(TEST),test/cli)

test-examples: all $(EXAMPLES) ## the examples, and what the documents show (TEST=...)
	$(part) "The examples and the documents" -- $(PYTEST) -n 2 $(or $(TEST),test/examples)

test-hosts: $(SHIPPED) $(SUITES) ## the suite in the hosts that are there, and the plugin in one like wash (TEST=...)
	$(part) "Hosts" -- $(PYTEST) -n 2 $(or $(TEST),test/hosts --ignore test/hosts/test_wash_dev.py --ignore test/hosts/test_neighbours.py)

test-explorer: build/explorer.wasm build/explorer_alone.wasm ## the explorer over HTTP (skipped without wasmtime's command)
	$(part) "The explorer over HTTP" -- $(PYTEST) test/explorer/test_http.py

test-explorer-browser: build/explorer.wasm $(WASMTIME) $(TOOLCHAIN)/browser/.installed $(AXE) ## the explorer in a real browser (needs Chromium; npm for the accessibility checker)
	$(part) "The explorer in a browser" -- $(PYTEST) $(or $(TEST),test/explorer/test_browser.py)

test-bench: $(BENCH) $(WASMTIME) ## do each case of the benchmark once
	$(part) "The cases of the benchmark" -- $(PY) bench/bench.py --check

test-release: all $(TOOLCHAIN)/sbom/.installed ## build the release in two clones and compare; check what is in it
	$(part) "The release" -- $(PYTEST) test/release

test-http: build/http_counter.wasm $(WASMTIME) $(JCO) ## serve the HTTP example in real hosts (jco needs npm)
	$(part) "The HTTP example in real hosts" -- $(PYTEST) test/examples/test_http_hosts.py test/examples/test_documents.py

test-wash: build/keyvalue_filesystem.wasm build/http_counter.wasm build/kv.wasm build/explorer.wasm $(SERVED) wash ## the store beside a component in the real wash dev
	$(part) "The store in the real wash" -- $(PYTEST) -n 2 --dist loadgroup $(or $(TEST),test/hosts/test_wash_dev.py test/hosts/test_neighbours.py test/explorer/test_wash.py)

test-peers: $(SHIPPED) build/rust/peers $(WASMTIME) ## run what other projects expect of a store (needs rustup)
	$(part) "What other projects expect of a store" -- $(PYTEST) test/peers

test-page: $(WASMTIME) $(TOOLCHAIN)/browser/.installed notes-page ## the notes page in a real browser (needs npm and Chromium)
	$(part) "The notes page in a browser" -- $(PYTEST) test/examples/test_notes_page.py

test-shared: build/keyvalue_filesystem.wasm build/kv build/native/contract ## several mounts of one volume: sshfs (SHARED_VOLUMES="sshfs moosefs"), as root
	$(part) "Several machines on one volume" -- $(PYTEST) test/disks/test_shared.py

machine-tools: $(MACHINE) ## for volumes that take another kernel: a machine's (needs qemu-system-x86, busybox-static, kmod)

shared-tools:
	@{ command -v sshfs && command -v sshd; } > /dev/null || \
	    { apt-get update && apt-get install -y --no-install-recommends sshfs openssh-server; } > /dev/null 2>&1

prove-shared: build/keyvalue_filesystem.wasm build/kv build/native/contract build/processes/check ## every volume that can be had, at full size; write docs/measured/shared.md (needs go; as root)
	$(part) --show "Several machines on one volume, at full size" -- \
	    $(PY) -u test/disks/prove.py --check build/processes/check $(PROVE_SHARED)

test-disks: build/keyvalue_filesystem.wasm ## try the component on disks that fold names (as root, with their tools)
	$(part) "Disks that fold names" -- $(PYTEST) test/disks/test_disks.py

# ---- The proof at full size ----

prove: ## all proofs at full size (needs go and clang)
	$(EVERY) prove-sim prove-mutants prove-processes fuzz prove-faults

prove-sim: $(SIMULATOR) ## the simulator at full size
	$(part) --show "The simulator, at full size" -- $(PYTHON) test/sim/run.py test/sim/full.txt

prove-mutants: all $(SIMULATOR) build/native/tests build/consumer.wasm ## break the product on purpose and see that each break is noticed
	$(part) --show "Mutants" -- $(PYTHON) test/mutants/run.py --table

prove-processes: build/keyvalue_filesystem.wasm build/processes/check ## real processes, longer, checked for linearizability (needs go)
	$(part) --show "Real processes, killed, linearizable" -- $(PROCESSES) --seconds 5 --rounds $(or $(PROVE_ROUNDS),6) --profiles plain,mixed \
	    --check build/processes/check

prove-power: build/keyvalue_filesystem.wasm $(POWER) ## power cuts at full size; write docs/measured/power.md (as root; POWER_ARGUMENTS="--keep xfs")
	$(part) --show "Power cuts on real file systems, at full size" -- \
	    $(PY) -u test/power/run.py --write $(POWER_ARGUMENTS)

prove-faults: $(SHIPPED) ## every fault of every call to the host
	$(part) --show "Every fault of every call to the host" -- env HOST_TESTS=full $(PYTEST) -n 2 test/component/test_host_faults.py

fuzz: $(FUZZ_TARGETS:%=fuzz-%) ## look for inputs that break something, FUZZ_SECONDS each (needs clang)

fuzz-%: build/fuzz/fuzz-%
	@mkdir -p build/fuzz/found/$*
	$(part) "Fuzzing $*" -- $< -max_total_time=$(FUZZ_SECONDS) -timeout=20 -max_len=1024 -print_final_stats=1 -verbosity=0 \
	    -artifact_prefix=build/fuzz/failed-$*- build/fuzz/found/$* test/fuzz/corpus/$*

fuzz-corpus: $(FUZZ_TARGETS:%=build/fuzz/fuzz-%) ## add what `make fuzz` found to the inputs, no more than it takes
	@for target in $(FUZZ_TARGETS); do \
	    build/fuzz/fuzz-$$target -merge=1 -use_counters=0 -verbosity=0 test/fuzz/corpus/$$target build/fuzz/found/$$target; \
	done

# ---- Checks of the source ----

SOURCES = $(wildcard src/*/*.[ch] src/*/*/*.[ch] examples/*/*.[ch] test/*/*.[ch] bench/*.[ch])

format: $(INSTALLED) ## format the C code
	@$(CLANG_FORMAT) -i $(SOURCES)

check-files: ## fail where a file is there that no rule knows
	$(part) "The list of files" -- $(PYTHON) tools/check_source.py files

check-style: ## fail on long files and functions, and on includes that go the wrong way
	$(part) "Lengths and includes" -- $(PYTHON) tools/check_source.py style

check-mutants: ## fail where a mutant no longer fits the source
	$(part) "The mutants fit the source" -- $(PYTHON) test/mutants/run.py --check

check-format: $(INSTALLED) ## fail where C code is not formatted
	$(part) "The format of the C code" -- $(CLANG_FORMAT) --dry-run --Werror $(SOURCES)

wit-bindgen: $(WIT_BINDGEN) ## build wit-bindgen (needs cargo)

bindings: write-bindings ## write gen/ anew from wit/ (needs cargo)

check-bindings: $(WIT_BINDGEN) ## fail where gen/ is not what wit/ gives (needs cargo)
	$(part) "The bindings" -- $(MAKE) --no-print-directory compare-bindings

# ---- What is measured ----

counts: $(SHIPPED) ## measure what does not depend on the machine: docs/measured/counts.txt
	@WRITE_COUNTS=1 $(PYTEST) -s test/component/test_counts.py

bench: $(BENCH) $(WASMTIME) ## measure against system calls and write docs/measured/benchmarks.md (CASES="get set" REPEATS=3 LONG=1)
	@$(PY) bench/bench.py --repeats $(or $(REPEATS),5) $(if $(LONG),--long) $(CASES)

bench-start: $(BENCH) ## measure what starting an instance takes
	@$(PY) bench/bench.py --start

bench-durable: build/keyvalue_filesystem.wasm $(POWER) ## measure what durable changes cost and write docs/measured/durable.md (as root)
	@$(PY) test/power/cost.py --write

contention: build/keyvalue_filesystem.wasm $(addprefix build/,processes/contention processes/slow_sync.so sim/time) ## measure and compute how writers share a bucket, and write docs/measured/contention.md
	@$(PY) test/processes/contention.py --native build/processes/contention \
	    --slow-sync build/processes/slow_sync.so --simulated build/sim/time

hosts: $(SUITES) $(WASMTIME) $(TOOLCHAIN)/wasmtime-36/.installed $(JCO) ## run the suite in every host there is, and write docs/measured/hosts.md
	@$(PY) test/hosts/run.py

measure-wash: build/keyvalue_filesystem.wasm build/http_counter.wasm $(SERVED) wash ## measure what a request costs in wash and write docs/measured/wash.md
	@$(PY) test/hosts/measure_wash.py

neighbours: build/keyvalue_filesystem.wasm build/kv.wasm $(SERVED) wash $(if $(shell command -v go),$(NATS)) ## compare with wash's own stores and write docs/measured/neighbours.md (needs go, redis-server)
	@$(PY) test/hosts/neighbours.py

disks: build/keyvalue_filesystem.wasm build/sim/names ## write docs/measured/disks.md, from test-disks
	@WRITE_DISKS=1 $(PYTEST) -s test/disks

languages: $(SHIPPED) notes-in-all-languages $(PEERS) $(WASMTIME) ## run the notebook in every language and what others expect of a store; write docs/measured/languages.md and peers.md
	@WRITE_LANGUAGES=1 $(PYTEST) -s test/examples/test_languages.py test/peers

# ---- Installing kv ----

PREFIX ?= /usr/local

# What is installed, as FILE:PLACE:MODE.
INSTALLED_FILES := build/kv:bin/kv:755 build/kv.1:share/man/man1/kv.1:644 \
    src/kv/install/kv.bash:share/bash-completion/completions/kv:644 src/kv/install/_kv:share/zsh/site-functions/_kv:644 \
    src/kv/install/kv.fish:share/fish/vendor_completions.d/kv.fish:644

install: build/kv build/kv.1 ## install kv under PREFIX (/usr/local), with its manual page and completion (DESTDIR)
	@set -e; for each in $(INSTALLED_FILES); do place="$(DESTDIR)$(PREFIX)/$$(echo $$each | cut -d : -f 2)"; \
	    mkdir -p "$${place%/*}"; install -m $${each##*:} $${each%%:*} "$$place"; done

uninstall: ## remove what install put under PREFIX
	@set -e; for each in $(INSTALLED_FILES); do rm -f "$(DESTDIR)$(PREFIX)/$$(echo $$each | cut -d : -f 2)"; done

build/kv.1: src/kv/install/man.py build/kv
	@$(PYTHON) $< build/kv $(VERSION) > $@

# ---- A release ----

dist: all ## lay a folder ready for a release, in dist/
	$(if $(WASI_SDK_PATH),$(error a release is built with the pinned compiler; unset WASI_SDK_PATH))
	@[ -d $(OPTIMISER)/icpp_binaryen ] || { echo 'a release needs the optimiser' >&2; exit 1; }
	@rm -rf $(RELEASE) && mkdir -p $(RELEASE)/wit $(RELEASE)/wit-pairs
	@cp $(SHIPPED) LICENSE CHANGELOG.md tools/dist/README.md $(RELEASE)
	@cp -R wit/deps/keyvalue-draft wit/deps/keyvalue-draft2 $(RELEASE)/wit
	@cp -R wit/pairs/keyvalue-draft2 $(RELEASE)/wit-pairs
	$(call add_metadata,kv,build/kv.wasm,$(RELEASE)/kv.wasm)
	$(call add_metadata,kv-transfer,build/kv_transfer.wasm,$(RELEASE)/kv_transfer.wasm,a bucket as a stream out of any wasi:keyvalue store and into it)
	@$(PY) tools/dist/release.py $(RELEASE) $(VERSION) $(WIT_BINDGEN_VERSION)

.PHONY: $(shell sed -n 's/^\([a-z][a-z-]*\):.*\#\# .*/\1/p' Makefile) FORCE
