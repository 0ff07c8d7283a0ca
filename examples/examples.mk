# The HTTP example; kv has its own.

.PHONY: examples
examples: build/kv.wasm build/http_counter.wasm build/explorer.wasm ## build the examples

build/wasm/http_counter.wasm: build/wasm/examples/http-counter/http_counter.o build/wasm/gen/http_counter.o \
    gen/http_counter_component_type.o
	$(WASM_CC) $(WASM_LDFLAGS) $^ -o $@

test-component: build/http_counter.wasm

# ---- The HTTP example, for a person ----

SERVE_ADDRESS ?= 127.0.0.1:8080

.PHONY: serve
serve: build/http_counter.wasm $(WASMTIME) ## serve the page-view counter on http://localhost:8080, from ./data
	@mkdir -p data/my-bucket
	$(WASMTIME) serve -S cli --addr $(SERVE_ADDRESS) --dir data::/data $<

# ---- The HTTP example in real hosts: wasmtime's command, and jco where there is Node.js ----

.PHONY: test-http
test-http: build/http_counter.wasm $(WASMTIME) $(if $(shell command -v npm),$(TOOLCHAIN)/jco/.installed) ## serve the HTTP example in real hosts (jco needs npm)
	$(PY) -m pytest -q -rs -p no:cacheprovider test/component/test_http_hosts.py \
	    test/component/test_documents.py

$(TOOLCHAIN)/jco/.installed: $(wildcard tools/jco/* tools/jco/.npmrc) $(INSTALLED)
	@echo "fetching jco into $(TOOLCHAIN)/jco (once)"
	@rm -rf $(@D) && mkdir -p $(@D) && cp -R tools/jco/. $(@D)
	@cd $(@D) && npm install --silent
	@touch $@
