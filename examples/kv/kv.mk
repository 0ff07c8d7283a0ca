# The kv example: what it takes from the core beside headers, its story, its test.

build/wasm/kv.wasm: $(patsubst %,build/wasm/src/%.o,message value utf8 $(TOOL))

run: build/kv.wasm ## play the store's story on ./data
	@sh examples/kv/story.sh

test-component: build/kv.wasm
