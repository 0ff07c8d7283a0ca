# What must hold for any bytes. `make test-fuzz` replays the inputs under corpus/;
# `make fuzz` (needs clang with libFuzzer) looks for others, each target for
# FUZZ_SECONDS, and keeps what reaches new code in build/fuzz/found/.
FUZZ_SECONDS ?= 60
FUZZ_CC ?= clang
FUZZ_TARGETS := archive counter cursor name settings store
FUZZ_SOURCES := $(FUZZ_TARGETS:%=test/fuzz/%.c) test/fuzz/tree.c test/fuzz/fuzz.c
FUZZ_CORE := $(CORE:%=src/%.c) src/posix/port.c examples/kv/archive.c
FUZZ_CFLAGS := -g -O1 -fno-sanitize-recover=all $(WARNINGS) -Isrc -Iexamples/kv -D_XOPEN_SOURCE=700

.PHONY: test-fuzz fuzz fuzz-corpus

test-fuzz: build/fuzz/replay ## replay the fuzzers' inputs
	@$< test/fuzz/corpus

fuzz: $(FUZZ_TARGETS:%=fuzz-%) ## look for inputs that break something (needs clang)

fuzz-%: build/fuzz/fuzz-%
	@mkdir -p build/fuzz/found/$*
	$< -max_total_time=$(FUZZ_SECONDS) -timeout=20 -max_len=1024 -print_final_stats=1 -verbosity=0 \
	    -artifact_prefix=build/fuzz/failed-$*- build/fuzz/found/$* test/fuzz/corpus/$*

fuzz-corpus: $(FUZZ_TARGETS:%=build/fuzz/fuzz-%) ## add what `make fuzz` found to the inputs, no more than it takes
	for target in $(FUZZ_TARGETS); do \
	    build/fuzz/fuzz-$$target -merge=1 -use_counters=0 -verbosity=0 test/fuzz/corpus/$$target build/fuzz/found/$$target; \
	done

build/fuzz/replay: $(FUZZ_SOURCES) test/fuzz/replay.c $(FUZZ_CORE) $(wildcard src/*/*.h test/fuzz/*.h examples/kv/archive.h)
	@mkdir -p $(@D)
	$(CC) $(FUZZ_CFLAGS) -fsanitize=address,undefined $(filter %.c,$^) -o $@

build/fuzz/fuzz-%: $(FUZZ_SOURCES) test/fuzz/libfuzzer.c $(FUZZ_CORE) $(wildcard src/*/*.h test/fuzz/*.h examples/kv/archive.h)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined -DFUZZ_TARGET=fuzz_$* $(filter %.c,$^) -o $@
