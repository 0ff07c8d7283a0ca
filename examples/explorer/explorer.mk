# The page that shows a store in a browser.

EXPLORER := $(patsubst %.c,build/wasm/%.o,$(wildcard examples/explorer/*.c)) build/wasm/examples/explorer/assets.o
EXPLORER_ASSETS := $(addprefix examples/explorer/explorer.,css js svg)
# The stream of export and import is kv's.
ARCHIVE := examples/kv/archive

build/wasm/examples/explorer/%.o: WASM_CFLAGS := -isystem gen/explorer -I$(dir $(ARCHIVE)) -Iexamples/explorer $(WASM_CFLAGS)

build/wasm/examples/explorer/assets.c: examples/explorer/embed.py $(EXPLORER_ASSETS)
	@mkdir -p $(@D)
	$(PYTHON) $^ > $@

build/wasm/examples/explorer/assets.o: build/wasm/examples/explorer/assets.c $(INSTALLED) Makefile
	$(WASM_CC) $(WASM_CFLAGS) $(WARNINGS) -c $< -o $@

build/wasm/explorer.wasm: $(EXPLORER) build/wasm/$(ARCHIVE).o \
    $(patsubst %,build/wasm/src/core/%.o,message buffer utf8) build/wasm/gen/explorer/explorer.o \
    gen/explorer/explorer_component_type.o
	$(WASM_CC) $(WASM_LDFLAGS) $^ -o $@

# Alone, for a host or a composition that has a store.
build/explorer_alone.wasm: build/wasm/explorer.wasm
	$(WASM_TOOLS) component new $< -o $@
