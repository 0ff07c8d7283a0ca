# The core on the POSIX port, with sanitizers: `make test-native`, and
# `build/native/tests NAME...` for the tests whose names begin like that.

NATIVE_CFLAGS := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -Isrc -Itest
# Lets a test make each of the core's allocations fail.
NATIVE_ALLOCATION := -Dmalloc=test_malloc -Dcalloc=test_calloc
NATIVE_CORE := $(CORE:%=build/native/src/%.o)
# What of the port on wasi:filesystem can be tested without a host.
NATIVE_WASI := $(addprefix build/native/src/wasi/,root.o memory.o)
NATIVE_TESTS := $(patsubst %.c,build/native/%.o,$(wildcard test/core/*.c test/port/*.c test/support/*.c))

.PHONY: test-native

test-native: build/native/tests ## test the core natively, with sanitizers
	@$<

build/native/tests: $(NATIVE_TESTS) $(NATIVE_CORE) build/native/src/posix/port.o $(NATIVE_WASI)
	$(CC) $(NATIVE_CFLAGS) $^ -o $@

$(NATIVE_CORE): build/native/src/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(NATIVE_CFLAGS) $(WARNINGS) $(NATIVE_ALLOCATION) -MMD -MP -c $< -o $@

build/native/src/posix/port.o $(NATIVE_WASI): build/native/src/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(NATIVE_CFLAGS) $(WARNINGS) -MMD -MP -c $< -o $@

build/native/src/wasi/memory.o: NATIVE_CFLAGS += -Wno-attributes # of what is exported

build/native/test/%.o: test/%.c
	@mkdir -p $(@D)
	$(CC) $(NATIVE_CFLAGS) $(WARNINGS) -D_XOPEN_SOURCE=700 -MMD -MP -c $< -o $@

-include $(wildcard build/native/src/*/*.d build/native/test/*/*.d)
