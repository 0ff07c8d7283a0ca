# Commands served over HTTP, for hosts that run none: kv_transfer, and the suite of test/hosts. Their
# sources and bindings are the commands' own; the world that is embedded is another.

OVER_HTTP := -include examples/over-http/over_http.h

$(eval $(call variant,draft_http,for 0.2.0-draft over HTTP,$(WASM) -isystem gen/suite/draft $(OVER_HTTP),,$(INSTALLED)))
$(eval $(call variant,draft2_http,for 0.2.0-draft2 over HTTP,$(WASM) -isystem gen/suite/draft2 $(OVER_HTTP),,$(INSTALLED)))

$(eval $(call module,kv_transfer_http,wasm,$(filter-out %/main_wasi.c %/export_wasi.c %/command_wasi.c,$(KV_TRANSFER)) \
    examples/over-http/over_http.c examples/over-http/kv_over_http.c $(CLI) $(CORE) src/wasi/memory.c))

# The bindings are the command's objects: they call the host by its own names.
define suite_http
$(call module,suite_http_$(1),$(1)_http,$(patsubst %,test/hosts/%.c,suite checks $(1)) examples/over-http/over_http.c $(TEXT))
build/wasm/suite_http_$(1).wasm: build/$(1)/gen/suite/$(1)/component.o
endef
$(foreach d,draft draft2,$(eval $(call suite_http,$(d))))

$(patsubst %,build/wasm/%.component.wasm,kv_transfer_http suite_http_draft suite_http_draft2): \
    build/wasm/%.component.wasm: build/wasm/%.wasm $(WIT)
	$(Q)$(WASM_TOOLS) component embed wit --world $(subst _,-,$*) $< -o build/wasm/$*.embedded.wasm
	$(Q)$(WASM_TOOLS) component new build/wasm/$*.embedded.wasm -o $@

build/kv_transfer_http.wasm: build/wasm/kv_transfer_http.component.wasm
	$(Q)cp $< $@
