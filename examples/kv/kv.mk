# The kv example: what it takes from the core beside headers, its story, its test.

build/wasm/kv.wasm: $(patsubst %,build/wasm/src/%.o,core/message core/buffer core/utf8 $(TOOL))

run: build/kv.wasm ## play the store's story on ./data
	@sh examples/kv/story.sh

# kv_transfer: some of the same sources with the older draft's bindings, and no store plugged in.
KV_TRANSFER := archive kv_transfer main session streams transfer

build/wasm/examples/kv_transfer/%.o: WASM_CFLAGS := -isystem gen/kv_transfer $(WASM_CFLAGS) -DKV_TRANSFER
build/wasm/examples/kv_transfer/%.o: examples/kv/%.c $(INSTALLED) Makefile
	@mkdir -p $(@D)
	$(WASM_CC) $(WASM_CFLAGS) $(WARNINGS) -MMD -MP -c $< -o $@

build/wasm/kv_transfer.wasm: $(KV_TRANSFER:%=build/wasm/examples/kv_transfer/%.o) \
    $(patsubst %,build/wasm/src/%.o,core/message core/buffer core/utf8 $(TOOL)) build/wasm/gen/kv_transfer/kv.o \
    gen/kv_transfer/kv_component_type.o
	$(WASM_CC) $(WASM_LDFLAGS) $^ -o $@

build/kv_transfer.wasm: build/wasm/kv_transfer.wasm
	$(WASM_TOOLS) component new $< -o $@

test-component: build/kv.wasm build/kv_transfer.wasm
