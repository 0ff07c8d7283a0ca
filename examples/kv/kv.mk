# The kv example: what it takes from the core beside headers, and its story.

build/wasm/kv.wasm: build/wasm/src/message.o build/wasm/src/value.o

run: build/kv.wasm ## play the store's story on ./data
	@sh examples/kv/story.sh
