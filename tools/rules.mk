# How files are made. Everything lies under build/: an object at build/VARIANT/its/source.o.
#
# A variant is a way to compile: one line below. `make V=1` shows the commands.

Q := $(if $(V),,@)
export V
export PYTHONDONTWRITEBYTECODE := 1
export ZIG_GLOBAL_CACHE_DIR ?= $(CURDIR)/$(TOOLCHAIN)/zig-cache

# Prints a line the first time that it is asked to.
heading = $(if $(filter $(subst $() ,_,$(1)),$(said)),,$(eval said += $(subst $() ,_,$(1)))$(info $(1)))
said :=

# ---- The sources ----

CORE := $(sort $(wildcard src/core/*.c))
# What programs share with the core that speak to a store through bindings, whose names are the core's own.
TEXT := $(patsubst %,src/core/%.c,message buffer utf8)
CLI := $(sort $(wildcard src/cli/*.c))
COMPONENT := $(CORE) $(sort $(wildcard src/wasi/*.c src/component/*.c))
POSIX := $(sort $(wildcard src/posix/*.c))
kv_Linux := watch_linux doctor/facts_disk_linux
kv_Darwin := watch_none doctor/facts_disk_macos
# kv: the native program and the component share all but what speaks to the host.
KV := $(patsubst %,src/kv/%.c,kv main help streams watch) \
    $(filter-out %_posix.c %_linux.c %_macos.c %_none.c,$(sort $(wildcard src/kv/doctor/*.c)))
KV_POSIX := $(KV) $(patsubst %,src/kv/%.c,main_posix host_posix edit_posix doctor/facts_posix peer/posix peer/ask peer/steps) \
    $(patsubst %,src/kv/%.c,$(or $(kv_$(shell uname -s)),watch_none doctor/facts_disk_none))
KV_WASI := $(KV) $(patsubst %,src/kv/%.c,main_wasi export_wasi host_wasi command_wasi store_wasi edit_wasi watch_none doctor/facts_none doctor/facts_disk_none peer/none)
KV_TRANSFER := $(patsubst %,src/kv/%.c,kv_transfer main streams main_wasi export_wasi host_wasi command_wasi)
WIT := $(wildcard wit/*.wit wit/deps/*/*.wit)
VERSION := $(shell sed -n 's/^package .*@\(.*\);/\1/p' wit/worlds.wit)

# ---- The variants ----

comma := ,

WARNINGS := -std=c11 -Wall -Wextra -Werror -Wconversion -Wvla -Wmissing-prototypes
# Compiled for optimising at link time, of which the C library is left out: as a part of it, its
# stack protector comes in, and asks preview1 for random bytes. The second -Oz is for zig, which
# makes -Os of the first.
WASM_CC := $(if $(WASI_SDK_PATH),$(WASI_SDK_PATH)/bin/clang --target=wasm32-wasip1,$(PY) -m ziglang cc -target wasm32-wasi)
WASM := $(WASM_CC) -Oz -Xclang -Oz -flto -ffunction-sections -fdata-sections -fno-stack-protector -Isrc
# The stack comes first in memory, as zig has it anyway: one that overflows leaves the memory and
# traps, before it reaches data.
STACK_FIRST := $(if $(WASI_SDK_PATH),-Wl$(comma)--stack-first)
WASM_LINK := $(WASM_CC) -mexec-model=reactor -Wl,--gc-sections $(STACK_FIRST) -Wl,-z,stack-size=65536 -s
SANITIZED := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
# A test makes each of the core's allocations fail.
FAILING := -Dmalloc=allocation_malloc -Dcalloc=allocation_calloc -Dfree=allocation_free
SIM := -g -Isrc -Itest -Itest/sim -Ibuild/sim -D_GNU_SOURCE
FUZZ := -g -O1 -fno-sanitize-recover=all -Isrc -Isrc/cli -Iexamples -D_XOPEN_SOURCE=700
FUZZ_CC ?= clang

# $(call keep,FILE,TEXT): a file that says so, written where it said something else.
keep = $(shell mkdir -p $(dir $(1)); echo '$(subst ','\'',$(2))' | cmp -s - $(1) || echo '$(subst ','\'',$(2))' > $(1))

# $(call variant,NAME,WHAT FOR,COMPILER AND FLAGS,FLAGS OF THE CORE ALONE,WHAT IS NEEDED FIRST)
# An object is as old as its flags: after WASI_SDK_PATH or CC has changed, all is compiled anew.
define variant
$(call keep,build/$(1)/flags,$(3) $(4) $(WARNINGS) $(WASM_LINK))
link_$(1) := $(3)
build/$(1)/%.o: %.c build/$(1)/flags $(5)
	$$(call heading,Compiling $$(patsubst %/,%,$$(dir $$<)) $(2))
	$$(Q)mkdir -p $$(@D) && $(3) $$(if $$(filter src/core/%,$$<),$(4)) $$(WARNINGS) $$(more) -MMD -MP -c $$< -o $$@
endef
$(eval $(call variant,wasm,for WebAssembly,$(WASM) -isystem gen,,$(INSTALLED)))
$(eval $(call variant,plugin,for the plugin,$(WASM) -isystem gen/plugin,,$(INSTALLED)))
$(eval $(call variant,pairs,for the other get-many,$(WASM) -isystem gen -DGET_MANY_PAIRS,,$(INSTALLED)))
$(eval $(call variant,explorer,for the explorer,$(WASM) -isystem gen/explorer -Isrc/cli -Iexamples/explorer,,$(INSTALLED)))
$(eval $(call variant,draft,for 0.2.0-draft,$(WASM) -isystem gen/suite/draft,,$(INSTALLED)))
$(eval $(call variant,draft2,for 0.2.0-draft2,$(WASM) -isystem gen/suite/draft2,,$(INSTALLED)))
$(eval $(call variant,native,with sanitizers,$(CC) $(SANITIZED) -Isrc -Itest -D_XOPEN_SOURCE=700,$(FAILING)))
$(eval $(call variant,sim,for the simulator,$(CC) -O2 $(SIM),$(FAILING)))
$(eval $(call variant,checked,for the simulator with sanitizers,$(CC) $(SANITIZED) $(SIM),$(FAILING)))
$(eval $(call variant,fuzz,for the fuzz targets,$(CC) $(FUZZ) -fsanitize=address$(comma)undefined))
$(eval $(call variant,libfuzzer,for libFuzzer,$(FUZZ_CC) $(FUZZ) -fsanitize=fuzzer-no-link$(comma)address$(comma)undefined))
$(eval $(call variant,fast,to be measured,$(CC) -O2 -Isrc -Itest -Ibench))

# Generated code is compiled as it is.
build/wasm/gen/%.o build/plugin/gen/%.o build/explorer/gen/%.o build/draft/gen/%.o build/draft2/gen/%.o \
    build/wasm/bench/gen/%.o: WARNINGS := -std=c11 -w
build/wasm/bench/%.o: more := -Ibench -isystem bench/gen
build/plugin/src/plugin/%.o build/wasm/src/kv/%.o build/fast/src/kv/%.o: more = -DVERSION='"$(VERSION)"'
build/plugin/src/plugin/wash_plugin.o build/wasm/src/kv/main.o build/wasm/src/kv/kv.o build/fast/src/kv/main.o \
    build/fast/src/kv/kv.o: wit/worlds.wit

build/explorer/assets.c: examples/explorer/embed.py $(addprefix examples/explorer/explorer.,css js svg)
	$(Q)mkdir -p $(@D) && $(PYTHON) $^ > $@

# ---- Programs that run here ----

# $(call program,FILE,VARIANT,SOURCES)
define program
build/$(1): $(patsubst %.c,build/$(2)/%.o,$(3))
	$$(call heading,Linking $$@)
	$$(Q)mkdir -p $$(@D) && $$(link_$(2)) $$^ -o $$@
endef

SIM_PROGRAMS := $(patsubst test/sim/%.c,%,$(shell grep -l '^int main' test/sim/*.c))
SIM_PARTS := $(filter-out $(SIM_PROGRAMS:%=test/sim/%.c),$(sort $(wildcard test/sim/*.c))) test/support/allocation.c test/support/workload.c
FUZZ_TARGETS := archive counter cursor name page settings store
FUZZ_SOURCES := $(filter-out %/libfuzzer.c %/replay.c,$(sort $(wildcard test/fuzz/*.c))) $(CORE) $(POSIX) $(wildcard src/cli/archive*.c) \
    $(addprefix examples/explorer/,form.c guard.c html.c json.c kind.c multipart.c)

# The explorer and the core have a function of the same name.
$(foreach v,fuzz libfuzzer,build/$(v)/examples/explorer/%.o build/$(v)/test/fuzz/page.o): more := -Dpage_free=html_page_free

# Of the port on wasi:filesystem, what can be tested without a host.
$(eval $(call program,native/tests,native,$(sort $(wildcard test/core/*.c test/port/*_test.c test/support/*.c)) $(CORE) $(POSIX) \
    src/wasi/root.c src/wasi/memory.c src/wasi/heap.c))
build/native/src/wasi/memory.o: more := -Wno-attributes # of what is exported
CONTRACT := $(sort $(wildcard test/port/contract*.c)) src/core/message.c src/core/status.c
$(eval $(call program,native/contract,native,test/port/native.c test/support/child.c $(CONTRACT) $(POSIX)))
sim_parts = test/sim/$(1).c $(SIM_PARTS) $(CORE) $(if $(filter contract,$(1)),$(sort $(wildcard test/port/contract*.c)))
$(foreach p,$(SIM_PROGRAMS),$(eval $(call program,sim/$(p),sim,$(call sim_parts,$(p)))))
$(foreach p,$(SIM_PROGRAMS),$(eval $(call program,sim/checked/$(p),checked,$(call sim_parts,$(p)))))
$(eval $(call program,fuzz/replay,fuzz,test/fuzz/replay.c $(FUZZ_SOURCES)))
$(eval $(call program,processes/contention,fast,test/processes/contention.c test/support/workload.c $(CORE) $(POSIX)))
$(eval $(call program,bench/native,fast,bench/native.c bench/command.c bench/cases.c $(CORE)))
$(eval $(call program,bench/core,fast,bench/core.c bench/command.c bench/cases.c $(CORE) $(POSIX)))

$(eval $(call program,kv,fast,$(KV_POSIX) $(CORE) $(POSIX) src/wasi/root.c $(CLI)))

build/sim/fold_table.inc: test/sim/fold_table.py
	$(Q)mkdir -p $(@D) && $(PYTHON) $< > $@
build/sim/test/sim/fold.o build/checked/test/sim/fold.o: build/sim/fold_table.inc

build/fuzz/fuzz-%: test/fuzz/libfuzzer.c $(patsubst %.c,build/libfuzzer/%.o,$(FUZZ_SOURCES))
	$(call heading,Linking $@)
	$(Q)mkdir -p $(@D) && $(link_libfuzzer) $(WARNINGS) -fsanitize=fuzzer -DFUZZ_TARGET=fuzz_$* $^ -o $@

# A disk whose syncs take longer, preloaded.
build/processes/slow_sync.so: test/processes/slow_sync.c
	$(Q)mkdir -p $(@D) && $(CC) -O2 $(WARNINGS) -D_POSIX_C_SOURCE=200809L -shared -fPIC $< -o $@

# The linearizability checker.
build/processes/check: $(wildcard test/processes/check/*)
	$(step) "Building $@" -- sh -c 'mkdir -p $(@D) && cd test/processes/check && go build -o $(CURDIR)/$@ .'

# ---- Core modules, and the components that are made of them ----

# $(call module,NAME,VARIANT,SOURCES,BINDINGS): if there are bindings, the bindings are BINDINGS.c and BINDINGS_component_type.o.
define module
build/wasm/$(1).wasm: $(patsubst %.c,build/$(2)/%.o,$(3) $(wildcard $(4).c)) $(wildcard $(4)_component_type.o)
	$$(Q)mkdir -p $$(@D)
	$$(step) "Linking $$@" -- $$(WASM_LINK) $$^ -o $$@
endef

$(eval $(call module,keyvalue_filesystem,wasm,$(COMPONENT)))
$(eval $(call module,kv,wasm,$(KV_WASI) $(filter-out %/exports.c,$(COMPONENT)) $(CLI)))
$(eval $(call module,kv_transfer,wasm,$(KV_TRANSFER) $(CLI) $(CORE) src/wasi/memory.c))
$(eval $(call module,http_counter,wasm,examples/http-counter/http_counter.c,gen/http_counter))
$(eval $(call module,explorer,explorer,$(wildcard examples/explorer/*.c) build/explorer/assets.c $(wildcard src/cli/archive*.c) $(TEXT),gen/explorer/explorer))
$(eval $(call module,notes,wasm,examples/notes/notes.c,gen/notes_app))
$(eval $(call module,consumer,wasm,test/component/consumer.c,gen/consumer))
$(eval $(call module,port_contract,wasm,test/port/component.c $(CONTRACT) $(sort $(wildcard src/wasi/*.c))))
$(eval $(call module,suite_draft,draft,$(patsubst %,test/hosts/%.c,suite checks draft) $(TEXT),gen/suite/draft/component))
$(eval $(call module,suite_draft2,draft2,$(patsubst %,test/hosts/%.c,suite checks draft2) $(TEXT),gen/suite/draft2/component))
$(eval $(call module,bench,wasm,bench/consumer.c bench/cases.c $(TEXT),bench/gen/bench))
$(eval $(call module,floor,wasm,bench/floor.c $(TEXT),bench/gen/floor))

# The plugin is the component's objects, the words of the command line, and what speaks to wash.
$(eval $(call module,keyvalue_filesystem_plugin,wasm,$(COMPONENT) $(CLI)))
build/wasm/keyvalue_filesystem_plugin.wasm: $(patsubst %.c,build/plugin/%.o,$(wildcard src/plugin/*.c) gen/plugin/component.c) \
    gen/plugin/component_component_type.o

# The component with upstream's other get-many differs in one object.
$(eval $(call module,keyvalue_filesystem_pairs,wasm,$(filter-out src/component/exports.c,$(COMPONENT))))
build/wasm/keyvalue_filesystem_pairs.wasm: build/pairs/src/component/exports.o

# The WIT of the one with the other get-many.
build/wit-pairs/worlds.wit: $(WIT) $(wildcard wit/pairs/*/*.wit)
	$(Q)rm -rf build/wit-pairs && mkdir -p build/wit-pairs && cp -R wit/. build/wit-pairs && rm -rf build/wit-pairs/pairs && cp -R wit/pairs/. build/wit-pairs/deps && touch $@

# What is shipped: made smaller, told what its exports mean, made a component, and freed of the names by
# which its parts go in there, which only a person would read.
wit_of = $(if $(filter %_pairs,$(1)),build/wit-pairs,wit)
world_of = $(subst _,-,$(1:_pairs=))
build/keyvalue_filesystem.wasm build/keyvalue_filesystem_pairs.wasm build/keyvalue_filesystem_plugin.wasm: \
    build/%.wasm: build/wasm/%.wasm tools/optimise.py $(OPTIMISER)/.installed $(WIT) build/wit-pairs/worlds.wit
	$(Q)$(PY) tools/optimise.py $(OPTIMISER) $< build/wasm/$*.small.wasm
	$(Q)$(WASM_TOOLS) component embed $(call wit_of,$*) --world $(call world_of,$*) build/wasm/$*.small.wasm -o build/wasm/$*.embedded.wasm
	$(Q)$(WASM_TOOLS) component new build/wasm/$*.embedded.wasm -o build/wasm/$*.named.wasm
	$(Q)$(WASM_TOOLS) strip --all build/wasm/$*.named.wasm -o build/wasm/$*.bare.wasm
	$(call add_metadata,$(subst _,-,$*),build/wasm/$*.bare.wasm,$@)
	$(Q)$(PYTHON) tools/size.py $@

# Last of all: what `wasm-tools metadata show` and a registry tell of a file.
DESCRIPTION := wasi:keyvalue in plain files: a bucket is a directory, a key a file
add_metadata = $(Q)$(WASM_TOOLS) metadata add --name $(1) --version $(VERSION) --licenses Apache-2.0 \
    --source https://github.com/wasmCloud/wash --description '$(or $(4),$(DESCRIPTION))' $(2) -o $(3)

# A consumer as a component, and with a store plugged in. `compose` names an instance after its file.
build/wasm/%.component.wasm: build/wasm/%.wasm
	$(Q)$(WASM_TOOLS) component new $< -o $@

build/wasm/store.wasm: build/keyvalue_filesystem.wasm
	$(Q)cp $< $@

build/%.wasm: build/wasm/%.component.wasm build/wasm/store.wasm
	$(step) "Composing $@" -- $(WASM_TOOLS) compose $< -d build/wasm/store.wasm -o $@

# kv has the store itself in it, kv_transfer the one of its host.
build/kv.wasm build/kv_transfer.wasm: build/%.wasm: build/wasm/%.wasm $(WIT)
	$(Q)$(WASM_TOOLS) component embed wit --features cli-exit-with-code --world $(subst _,-,$*) $< -o build/wasm/$*.embedded.wasm
	$(Q)$(WASM_TOOLS) component new build/wasm/$*.embedded.wasm -o $@

build/wasm/port_contract.component.wasm: build/wasm/port_contract.wasm $(WIT)
	$(Q)$(WASM_TOOLS) component embed wit --world port-contract $< -o build/wasm/port_contract.embedded.wasm
	$(Q)$(WASM_TOOLS) component new build/wasm/port_contract.embedded.wasm -o $@

build/explorer_alone.wasm build/port_contract.wasm: build/%.wasm: build/wasm/%.component.wasm
	$(Q)cp $< $@

build/wasm/explorer_alone.component.wasm: build/wasm/explorer.component.wasm
	$(Q)cp $< $@

# What make took for a step on the way is kept.
.SECONDARY:
.DELETE_ON_ERROR:

# What each object includes.
-include $(wildcard $(foreach depth,*/*.d */*/*.d */*/*/*.d */*/*/*/*.d */*/*/*/*/*.d,build/$(depth)))
