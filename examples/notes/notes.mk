# The notebook in other languages, and as a page over HTTP. (The one in C is built with the rest.)

NOTES_WIT := wit/worlds.wit $(wildcard wit/deps/*/*.wit)

build/notes_js.wasm build/notes_py.wasm build/notes_rs.wasm build/notes_go.wasm build/notes_wasip2.wasm build/notes_page.wasm: \
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

# The one in C once more, with the C library of wasm32-wasip2, which brings WASI itself: what wasi-sdk links. It comes
# with Rust, and so does its linker.
WASIP2 = $(RUST_LIBRARIES)/wasm32-wasip2/lib
RUST_BIN = $(RUST_LIBRARIES)/*/bin
build/wasm/notes_wasip2.component.wasm: build/wasm/examples/notes/notes.o build/wasm/gen/notes_app.o \
    gen/notes_app_component_type.o $(RUST)
	$(step) "Linking the notebook for wasm32-wasip2" -- sh -c '$(RUST_BIN)/wasm-component-ld \
	    --wasm-ld-path $(RUST_BIN)/gcc-ld/wasm-ld --entry _initialize $(WASIP2)/self-contained/crt1-reactor.o \
	    $(filter %.o,$^) $(WASIP2)/self-contained/libc.a $(WASIP2)/libcompiler_builtins-*.rlib -o $@'

# Go's own compiler makes a module of WASI 0.1, which the adapter turns into a component. The bindings are a Go module
# around the source.
GO_MODULE := build/go
GO_WIT := $(patsubst %,wit/deps/%,keyvalue-draft2 cli clocks filesystem io random sockets)
define build_go
rm -rf $(GO_MODULE) && mkdir -p $(GO_MODULE)/wit/deps $(GO_MODULE)/pkg $(GO_MODULE)/export_wasi_cli_run && \
cp examples/notes/notes.wit $(GO_MODULE)/wit && cp -R $(GO_WIT) $(GO_MODULE)/wit/deps && \
$(WIT_BINDGEN) go $(GO_MODULE)/wit --out-dir $(GO_MODULE) && \
cp -R $(WIT_BINDGEN_GO) $(GO_MODULE)/pkg && cp examples/notes/notes.go $(GO_MODULE)/export_wasi_cli_run && \
cd $(GO_MODULE) && printf "module go.bytecodealliance.org/pkg\n\ngo 1.25\n" > pkg/go.mod && \
go mod edit -replace go.bytecodealliance.org/pkg=./pkg && \
GOOS=wasip1 GOARCH=wasm GOTOOLCHAIN=local GOFLAGS=-mod=mod go build -buildmode=c-shared \
    -ldflags="-checklinkname=0 -s -w" -o core.wasm . && \
$(CURDIR)/$(WASM_TOOLS) component embed wit core.wasm -o embedded.wasm && \
$(CURDIR)/$(WASM_TOOLS) component new embedded.wasm --adapt wasi_snapshot_preview1=$(CURDIR)/$(ADAPTER) -o $(CURDIR)/$@
endef
build/wasm/notes_go.component.wasm: examples/notes/notes.go examples/notes/notes.wit $(NOTES_WIT) $(WIT_BINDGEN) $(ADAPTER)
	$(step) "Building the notebook in Go" -- sh -c '$(build_go)'

# What can be built here.
NOTES_JS = $(if $(shell command -v npm),build/notes_js.wasm)
NOTES_PAGE = $(if $(shell command -v npm),build/notes_page.wasm)
NOTES_RS = $(if $(shell command -v rustup),build/notes_rs.wasm build/notes_wasip2.wasm)
NOTES_GO = $(if $(and $(shell command -v go),$(shell command -v cargo),$(shell command -v npm)),build/notes_go.wasm)

.PHONY: notes-in-all-languages notes-page
notes-in-all-languages:
	@$(MAKE) --no-print-directory build/notes.wasm build/notes_py.wasm $(NOTES_JS) $(NOTES_RS) $(NOTES_GO)

notes-page:
	@$(MAKE) --no-print-directory $(NOTES_PAGE)
