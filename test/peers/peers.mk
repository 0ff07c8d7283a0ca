# What other projects' programs expect of a store, in Rust.

# One command builds them all.
build/rust/peers: $(wildcard test/peers/src/*.rs test/peers/src/bin/*.rs test/peers/Cargo.*) $(WIT) \
    $(wildcard wit/pairs/*/*.wit) $(RUST)
	$(step) "Building the peers in Rust" -- $(CARGO) test/peers/Cargo.toml
	@touch $@

PEERS := $(if $(shell command -v rustup),build/rust/peers)
