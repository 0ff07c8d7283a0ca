# The bindings: committed, made from wit/ by wit-bindgen.

bindgen = $(WIT_BINDGEN) c wit --world $(1) --out-dir $(2) $(3)
rename = $(foreach i,store atomics batch,--rename wasi:keyvalue/$(i)@0.2.0-$(1)=$(i))

# $(call write_bindings,FOLDER): all of them, into FOLDER/gen and FOLDER/bench/gen.
define write_bindings
$(call bindgen,wash-plugin,$(1)/gen/plugin,--rename-world component)
$(call bindgen,http-counter,$(1)/gen)
$(call bindgen,explorer,$(1)/gen/explorer)
$(call bindgen,notes-app,$(1)/gen,$(call rename,draft2))
$(call bindgen,consumer,$(1)/gen)
$(foreach d,draft draft2,$(call bindgen,suite-$(d),$(1)/gen/suite/$(d),--rename-world component $(call rename,$(d)))
)
$(call bindgen,bench,$(1)/bench/gen,$(call rename,draft2))
$(call bindgen,floor,$(1)/bench/gen,$(call rename,draft2))
endef

.PHONY: write-bindings compare-bindings
write-bindings: $(WIT_BINDGEN)
	$(call write_bindings,.)

compare-bindings: $(WIT_BINDGEN)
	rm -rf build/bindings
	$(call write_bindings,build/bindings)
	diff -r gen build/bindings/gen
	diff -r bench/gen build/bindings/bench/gen
