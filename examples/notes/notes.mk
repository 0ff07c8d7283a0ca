# The notebook in several languages, and as a page over HTTP.
#
# The one in C is built and tested with the rest. `make languages` fetches what
# the others need; where that is not possible, the test and the table say so.

COMPONENTIZE_JS := $(TOOLCHAIN)/componentize-js/node_modules/.bin/componentize-js
COMPONENTIZE_PY := $(TOOLCHAIN)/componentize-py/bin/componentize-py
PLAYWRIGHT := $(TOOLCHAIN)/browser/playwright/py.typed
NOTES_WIT := wit/worlds.wit $(wildcard wit/deps/*/*.wit)

build/wasm/notes.wasm: build/wasm/examples/notes/notes.o build/wasm/gen/notes_app.o \
    gen/notes_app_component_type.o
	$(WASM_CC) $(WASM_LDFLAGS) $^ -o $@

test-component: build/notes.wasm

# ---- The others, which are components at once ----

build/notes_js.wasm build/notes_py.wasm build/notes_rs.wasm build/notes_page.wasm: \
    build/%.wasm: build/wasm/%.component.wasm build/wasm/store.wasm
	$(WASM_TOOLS) compose $< -d build/wasm/store.wasm -o $@

build/wasm/notes_js.component.wasm: examples/notes/notes.js $(NOTES_WIT) $(COMPONENTIZE_JS)
	$(COMPONENTIZE_JS) $< -w wit -n notes-app -d http fetch-event -o $@

# A folder as componentize-js wants it: the page's own world, and the one package beside it.
build/wasm/notes_page.component.wasm: examples/notes/page.js examples/notes/page.wit $(NOTES_WIT) $(COMPONENTIZE_JS)
	@rm -rf build/wasm/page.wit && mkdir -p build/wasm/page.wit/deps
	@cp examples/notes/page.wit build/wasm/page.wit && cp -R wit/deps/keyvalue-draft2 build/wasm/page.wit/deps
	$(COMPONENTIZE_JS) $< -w build/wasm/page.wit -n notes-page -o $@

build/wasm/notes_py.component.wasm: examples/notes/notes.py $(NOTES_WIT) $(COMPONENTIZE_PY)
	PYTHONPATH=$(TOOLCHAIN)/componentize-py $(COMPONENTIZE_PY) -q -d wit -w notes-app componentize \
	    -p examples/notes notes -o $@

build/wasm/notes_rs.component.wasm: examples/notes/notes.rs examples/notes/Cargo.toml $(NOTES_WIT)
	cargo build --quiet --release --target wasm32-wasip2 --target-dir build/rust \
	    --manifest-path examples/notes/Cargo.toml
	cp build/rust/wasm32-wasip2/release/notes.wasm $@

$(COMPONENTIZE_JS): $(wildcard tools/componentize-js/* tools/componentize-js/.npmrc) $(INSTALLED)
	@echo "fetching componentize-js into $(TOOLCHAIN)/componentize-js (once)"
	@rm -rf $(TOOLCHAIN)/componentize-js && cp -R tools/componentize-js $(TOOLCHAIN)
	@cd $(TOOLCHAIN)/componentize-js && npm install --silent
	@touch $@

$(COMPONENTIZE_PY): tools/componentize-py.txt $(INSTALLED)
	$(call pip_folder,componentize-py)
	@touch $@

# Type-checked for the machine's own processor, which any Rust can.
build/rust/checked: examples/notes/notes.rs examples/notes/Cargo.toml $(NOTES_WIT)
	cargo check --quiet --target-dir build/rust --manifest-path examples/notes/Cargo.toml
	@touch $@

# ---- The tests ----

RUST_TARGET = $(wildcard $(shell rustc --print sysroot 2>/dev/null)/lib/rustlib/wasm32-wasip2)
NOTES_JS = $(if $(shell command -v npm),build/notes_js.wasm)
NOTES_PAGE = $(if $(shell command -v npm),build/notes_page.wasm)
NOTES_RS = $(if $(RUST_TARGET),build/notes_rs.wasm,$(if $(shell command -v cargo),build/rust/checked))

.PHONY: languages test-page
languages: build/notes.wasm ## run the notebook in every language and write docs/languages.md (needs npm, cargo)
	@$(MAKE) --no-print-directory build/notes_py.wasm $(NOTES_JS) $(NOTES_RS)
	WRITE_LANGUAGES=1 $(PY) -m pytest -q -rs -p no:cacheprovider test/component/test_languages.py

# SCREENSHOT=docs/notes_page.png keeps the picture.
test-page: $(NOTES_PAGE) $(WASMTIME) $(PLAYWRIGHT) ## the notes page in a real browser (needs npm and Chromium)
	$(PY) -m pytest -q -rs -p no:cacheprovider test/component/test_page.py

$(PLAYWRIGHT): tools/browser.txt $(INSTALLED)
	$(call pip_folder,browser)
	@touch $@
