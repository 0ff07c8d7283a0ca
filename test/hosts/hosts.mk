# The hosts' suite: one component for each draft, run in every host that is
# there. `make hosts` writes its tables.

define suite
build/wasm/test/hosts/$(1)/%.o: WASM_CFLAGS := -isystem gen/suite/$(1) $(WASM_CFLAGS)

build/wasm/test/hosts/$(1)/%.o: test/hosts/%.c $(INSTALLED) Makefile
	@mkdir -p $$(@D)
	$(WASM_CC) $$(WASM_CFLAGS) $(WARNINGS) -MMD -MP -c $$< -o $$@

build/wasm/suite_$(1).wasm: $(addprefix build/wasm/test/hosts/$(1)/,suite.o checks.o $(1).o) \
    build/wasm/src/core/message.o build/wasm/gen/suite/$(1)/component.o gen/suite/$(1)/component_component_type.o
	$(WASM_CC) $(WASM_LDFLAGS) $$^ -o $$@
endef
$(foreach draft,draft draft2,$(eval $(call suite,$(draft))))

SUITES := build/suite_draft.wasm build/suite_draft2.wasm
test-component: $(SUITES)

-include $(wildcard build/wasm/test/hosts/*/*.d)

.PHONY: hosts
hosts: $(SUITES) $(WASMTIME) $(TOOLCHAIN)/wasmtime-36/.installed $(if $(shell command -v npm),$(TOOLCHAIN)/jco/.installed) ## run the suite in every host there is, and write docs/hosts.md and docs/elsewhere.md
	$(PY) test/hosts/run.py

# The oldest wasmtime that is still looked after.
$(TOOLCHAIN)/wasmtime-36/.installed: tools/wasmtime-36.txt $(INSTALLED)
	$(call pip_folder,wasmtime-36)
	@chmod +x $(@D)/wasmtime_cli/wasmtime && touch $@
