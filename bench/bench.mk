# What `make bench` measures: the store and a provider that touches no file, called by the same
# consumer; and what starting an instance is compared with.

build/bench/provider-store.wasm: build/keyvalue_filesystem.wasm
	$(Q)mkdir -p $(@D) && cp $< $@

build/bench/provider-floor.wasm: build/wasm/floor.component.wasm
	$(Q)mkdir -p $(@D) && cp $< $@

# `compose` names an instance after its file.
build/bench/%.wasm: build/wasm/bench.component.wasm build/bench/provider-%.wasm
	$(Q)$(WASM_TOOLS) compose $< -d build/bench/provider-$*.wasm -o $@

build/bench/%.cwasm: build/bench/%.wasm $(WASMTIME)
	$(Q)$(WASMTIME) compile $< -o $@

build/bench/empty.wasm: bench/empty.wat $(INSTALLED)
	$(Q)mkdir -p $(@D) && $(WASM_TOOLS) parse $< -o $@

# The store's world with functions that do nothing.
build/bench/dummy.wasm: $(WIT) $(INSTALLED)
	$(Q)mkdir -p $(@D) && $(WASM_TOOLS) component embed --dummy wit --world keyvalue-filesystem -o build/bench/dummy.core.wasm
	$(Q)$(WASM_TOOLS) component new build/bench/dummy.core.wasm -o $@
