# A release: `make dist` lays it into dist/, to be checked and published.
RELEASE := dist/keyvalue-filesystem-$(VERSION)

.PHONY: dist test-dist
dist: all ## lay a folder ready for a release, in dist/
	$(if $(WASI_SDK_PATH),$(error a release is built with the pinned compiler; unset WASI_SDK_PATH))
	@[ -d $(OPTIMISER)/icpp_binaryen ] || { echo 'a release needs the optimiser' >&2; exit 1; }
	rm -rf $(RELEASE) && mkdir -p $(RELEASE)/wit
	cp build/keyvalue_filesystem.wasm build/keyvalue_filesystem_plugin.wasm $(RELEASE)
	$(call add_metadata,kv,build/kv.wasm,$(RELEASE)/kv.wasm)
	$(call add_metadata,kv-transfer,build/kv_transfer.wasm,$(RELEASE)/kv_transfer.wasm,a bucket as a stream out of any wasi:keyvalue store and into it)
	cp -R wit/deps/keyvalue-draft wit/deps/keyvalue-draft2 $(RELEASE)/wit
	cp LICENSE CHANGELOG.md tools/dist/README.md $(RELEASE)
	$(PY) tools/dist/release.py $(RELEASE) $(VERSION) $(WIT_BINDGEN_VERSION)

test-dist: all $(TOOLCHAIN)/sbom/.installed ## build the release in two clones and compare; check what is in it
	$(PY) -m pytest -q -rs -p no:cacheprovider test/dist

# What checks the SBOM.
$(TOOLCHAIN)/sbom/.installed: tools/dist/check.txt $(INSTALLED)
	$(call pip_folder,sbom)
	@touch $@
