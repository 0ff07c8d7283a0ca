# The kv example: what it takes from the core beside headers, its story, its test.

build/wasm/kv.wasm: build/wasm/src/message.o build/wasm/src/value.o

run: build/kv.wasm ## play the store's story on ./data
	@sh examples/kv/story.sh

test-component: build/kv.wasm
