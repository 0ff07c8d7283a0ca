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

# ---- For a person ----

EXPLORE_ADDRESS ?= 127.0.0.1:8081
DATA ?= data

.PHONY: explore
explore: build/explorer.wasm $(WASMTIME) ## show the buckets of ./data (DATA=directory) on http://localhost:8081
	@[ -d '$(DATA)' ] || mkdir -p '$(DATA)/my-bucket'
	@echo 'open http://$(EXPLORE_ADDRESS)'
	@$(WASMTIME) serve -S cli --addr $(EXPLORE_ADDRESS) --dir '$(DATA)::/data' \
	    --env EXPLORER_BUCKETS="$$(cd '$(DATA)' && ls -d -- */ | tr -d / | paste -s -d , -)" $<

# ---- Tests: over HTTP, and what people do in a browser ----

.PHONY: test-explorer test-explorer-browser
test-explorer: build/explorer.wasm build/explorer_alone.wasm ## the explorer over HTTP (skipped without wasmtime's command)
	$(PY) -m pytest -q -rs -p no:cacheprovider test/explorer/test_http.py
