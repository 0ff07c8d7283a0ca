# The benchmark: `make bench` runs it all, prints the table and writes
# docs/benchmarks.md and .svg. `make bench CASES="get set" REPEATS=3` runs a
# part of it and writes nothing; `make bench LONG=1` lists 500,000 keys as well.
# `make bench-start` measures no more than the starting of an instance.
# The more rounds, the steadier: what else the machine does only adds.
CASES ?=
REPEATS ?= 5

BENCH_CFLAGS := -O2 -Isrc -Ibench
BENCH_SIDES := build/bench/store.cwasm build/bench/floor.cwasm build/bench/native build/bench/core
WASMTIME := $(TOOLCHAIN)/bench/wasmtime_cli/wasmtime

.PHONY: bench bench-sides bench-start
.SECONDARY: build/bench/store.wasm build/bench/floor.wasm build/bench/bench.component.wasm
bench: bench-sides ## measure against system calls (REPEATS, CASES, LONG=1)
	$(PY) bench/bench.py --repeats $(REPEATS) $(if $(LONG),--long) $(CASES)

BENCH_STARTS := $(addprefix build/bench/,provider-store.wasm empty.wasm dummy.wasm)
bench-start: $(BENCH_STARTS) ## measure what starting an instance takes
	$(PY) bench/bench.py --start

bench-sides: $(BENCH_SIDES) build/bench/empty.wasm build/bench/dummy.wasm $(WASMTIME)

# The host. Its own command runs file calls on the calling thread; the library
# that the tests use has a thread for them, which costs more than they do.
$(WASMTIME): tools/bench.txt $(INSTALLED)
	$(call pip_folder,bench)
	@chmod +x $@ && touch $@

build/wasm/bench/%.o: WASM_CFLAGS += -Ibench -isystem bench/gen

build/wasm/bench.wasm: $(addprefix build/wasm/,bench/consumer.o bench/cases.o bench/gen/bench.o \
    src/core/message.o) bench/gen/bench_component_type.o
	$(WASM_CC) $(WASM_LDFLAGS) $^ -o $@

build/wasm/floor.wasm: $(addprefix build/wasm/,bench/floor.o bench/gen/floor.o) \
    bench/gen/floor_component_type.o
	$(WASM_CC) $(WASM_LDFLAGS) $^ -o $@

build/wasm/bench/gen/%.o: bench/gen/%.c $(INSTALLED)
	@mkdir -p $(@D)
	$(WASM_CC) $(WASM_CFLAGS) -std=c11 -w -c $< -o $@

build/bench/%.component.wasm: build/wasm/%.wasm
	@mkdir -p $(@D)
	$(WASM_TOOLS) component new $< -o $@

build/bench/provider-store.wasm: build/keyvalue_filesystem.wasm
	@mkdir -p $(@D)
	cp $< $@

build/bench/provider-floor.wasm: build/bench/floor.component.wasm
	cp $< $@

# `compose` names an instance after its file.
build/bench/%.wasm: build/bench/bench.component.wasm build/bench/provider-%.wasm
	$(WASM_TOOLS) compose $< -d build/bench/provider-$*.wasm -o $@

build/bench/%.cwasm: build/bench/%.wasm $(WASMTIME)
	$(WASMTIME) compile $< -o $@

build/bench/empty.wasm: bench/empty.wat $(INSTALLED)
	@mkdir -p $(@D)
	$(WASM_TOOLS) parse $< -o $@

# The store's world with functions that do nothing.
build/bench/dummy.wasm: $(wildcard wit/*.wit wit/deps/*/*.wit) $(INSTALLED)
	@mkdir -p $(@D)
	$(WASM_TOOLS) component embed --dummy wit --world keyvalue-filesystem -o build/bench/dummy.core.wasm
	$(WASM_TOOLS) component new build/bench/dummy.core.wasm -o $@

build/bench/native: $(addprefix build/bench/objects/,bench/native.o bench/command.o bench/cases.o \
    src/core/message.o)
	$(CC) $(BENCH_CFLAGS) $^ -o $@

build/bench/core: $(addprefix build/bench/objects/,bench/core.o bench/command.o bench/cases.o \
    src/posix/port.o $(CORE:%=src/%.o))
	$(CC) $(BENCH_CFLAGS) $^ -o $@

build/bench/objects/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) $(WARNINGS) -MMD -MP -c $< -o $@

# What does not depend on the machine; test/component/test_counts.py compares it.
.PHONY: counts
counts: build/keyvalue_filesystem.wasm build/keyvalue_filesystem_plugin.wasm ## write bench/counts.txt anew
	WRITE_COUNTS=1 $(PY) -m pytest -q -p no:cacheprovider test/component/test_counts.py

# ---- The bindings, as in the Makefile ----

define write_bench_bindings
$(WIT_BINDGEN) c wit --world bench --out-dir $(1) $(bench_rename)
$(WIT_BINDGEN) c wit --world floor --out-dir $(1) $(bench_rename)
endef
bench_rename = $(foreach i,store atomics batch,--rename wasi:keyvalue/$(i)@0.2.0-draft2=$(i))

.PHONY: bench-bindings check-bench-bindings
bindings: bench-bindings
bench-bindings: $(WIT_BINDGEN)
	$(call write_bench_bindings,bench/gen)

check-bindings: check-bench-bindings
check-bench-bindings: $(WIT_BINDGEN)
	rm -rf build/bench/gen
	$(call write_bench_bindings,build/bench/gen)
	diff -r bench/gen build/bench/gen

-include $(wildcard build/bench/objects/*/*.d build/bench/objects/*/*/*.d build/wasm/bench/*.d)
