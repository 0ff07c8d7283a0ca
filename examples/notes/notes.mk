# The notebook in other languages, and as a page over HTTP. (The one in C is built with the rest.)

NOTES_WIT := wit/worlds.wit $(wildcard wit/deps/*/*.wit)

build/notes_js.wasm build/notes_py.wasm build/notes_rs.wasm build/notes_page.wasm: \
    build/%.wasm: build/wasm/%.component.wasm build/wasm/store.wasm
	$(step) "Composing $@" -- $(WASM_TOOLS) compose $< -d build/wasm/store.wasm -o $@

build/wasm/notes_js.component.wasm: examples/notes/notes.js $(NOTES_WIT) $(COMPONENTIZE_JS)
	$(step) "Building the notebook in JavaScript" -- $(COMPONENTIZE_JS) $< -w wit -n notes-app -d http fetch-event -o $@

# A folder as componentize-js wants it: the page's own world, and the one package beside it.
build/wasm/notes_page.component.wasm: examples/notes/page.js examples/notes/page.wit $(NOTES_WIT) $(COMPONENTIZE_JS)
	@rm -rf build/wasm/page.wit && mkdir -p build/wasm/page.wit/deps
	@cp examples/notes/page.wit build/wasm/page.wit && cp -R wit/deps/keyvalue-draft2 build/wasm/page.wit/deps
	$(step) "Building the notebook as a page" -- $(COMPONENTIZE_JS) $< -w build/wasm/page.wit -n notes-page -o $@

build/wasm/notes_py.component.wasm: examples/notes/notes.py $(NOTES_WIT) $(COMPONENTIZE_PY)
	$(step) "Building the notebook in Python" -- env PYTHONPATH=$(TOOLCHAIN)/componentize-py $(COMPONENTIZE_PY) -q -d wit \
	    -w notes-app componentize -p examples/notes notes -o $@

build/wasm/notes_rs.component.wasm: examples/notes/notes.rs $(wildcard examples/notes/Cargo.*) $(NOTES_WIT) $(RUST)
	$(step) "Building the notebook in Rust" -- $(CARGO) examples/notes/Cargo.toml
	@cp build/rust/wasm32-wasip2/release/notes.wasm $@

# What can be built here.
NOTES_JS = $(if $(shell command -v npm),build/notes_js.wasm)
NOTES_PAGE = $(if $(shell command -v npm),build/notes_page.wasm)
NOTES_RS = $(if $(shell command -v rustup),build/notes_rs.wasm)

.PHONY: notes-in-all-languages notes-page
notes-in-all-languages:
	@$(MAKE) --no-print-directory build/notes.wasm build/notes_py.wasm $(NOTES_JS) $(NOTES_RS)

notes-page:
	@$(MAKE) --no-print-directory $(NOTES_PAGE)
