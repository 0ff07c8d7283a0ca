# The proof on a simulated file system: test/sim/*.h tell what each part is.

SIM_CORE := $(CORE:%=build/sim/core/%.o)
SIM_PARTS := choices disk fs_sim allocation history world
SIM_CFLAGS := -O2 -g $(WARNINGS) -Isrc -Itest/sim -D_GNU_SOURCE
# The core's allocations are counted and made to fail.
SIM_MALLOC := -Dmalloc=allocation_malloc -Dcalloc=allocation_calloc \
    -Drealloc=allocation_realloc -Dfree=allocation_free

build/sim/core/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) $(SIM_MALLOC) -MMD -MP -c $< -o $@

build/sim/%.o: test/sim/%.c
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) -MMD -MP -c $< -o $@

build/sim/%: build/sim/%.o $(SIM_PARTS:%=build/sim/%.o) $(SIM_CORE)
	$(CC) $(SIM_CFLAGS) $^ -o $@

.SECONDARY:
-include $(wildcard build/sim/*.d build/sim/core/*.d)
