# The proof on a simulated file system; the heads of test/sim/*.[ch] tell how.

SIM_CORE := $(CORE:%=build/sim/%.o)
SIM_PARTS := $(patsubst %,build/sim/%.o,choices disk fold port memory history world)
SIM_PROGRAMS := build/sim/schedules build/sim/power build/sim/faults build/sim/names
SIM_CFLAGS := -O2 -g -Isrc -Itest/sim -D_GNU_SOURCE
# The same with sanitizers, for what is short.
SIM_CHECKED_FLAGS := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
# The core's allocations are counted and made to fail.
SIM_MALLOC := -Dmalloc=allocation_malloc -Dcalloc=allocation_calloc -Dfree=allocation_free

.PHONY: test-sim prove-sim prove-mutants

# A cut of prove-sim.
test-sim: $(SIM_PROGRAMS) build/sim/checked/faults build/sim/checked/power \
    build/sim/checked/schedules build/sim/checked/names ## test every order, power cut and fault on a simulated disk
	@$(PYTHON) test/sim/run.py \
	    "build/sim/schedules pairs 5 31" \
	    "build/sim/schedules triples 1 397" \
	    "build/sim/schedules random 0 200000" \
	    "build/sim/checked/schedules random 0 5000" \
	    "build/sim/power programs 100" \
	    "build/sim/power random 0 60000" \
	    "build/sim/checked/power random 0 5000" \
	    "build/sim/names 0 20000" \
	    "build/sim/checked/names 20000 1000" \
	    "build/sim/checked/faults all"

# Full size.
prove-sim: $(SIM_PROGRAMS) build/sim/checked/faults build/sim/checked/power \
    build/sim/checked/schedules ## the same at full size
	@$(PYTHON) test/sim/run.py \
	    "build/sim/schedules pairs 0 2" \
	    "build/sim/schedules pairs 1 2" \
	    "build/sim/schedules triples 0 26" \
	    "build/sim/schedules triples 7 26" \
	    "build/sim/schedules random 0 5000000" \
	    "build/sim/schedules random 5000000 5000000" \
	    "build/sim/checked/schedules random 0 50000" \
	    "build/sim/power programs 3000" \
	    "build/sim/power random 0 2000000" \
	    "build/sim/checked/power random 0 50000" \
	    "build/sim/names 0 1000000" \
	    "build/sim/checked/faults all"

prove-mutants: $(SIM_PROGRAMS) ## break the core on purpose and see that each break is noticed
	@$(PYTHON) test/sim/mutants.py --table docs/mutants.md

build/sim/core/%.o: src/core/%.c
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) $(WARNINGS) $(SIM_MALLOC) -MMD -MP -c $< -o $@

build/sim/%.o: test/sim/%.c
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) $(WARNINGS) -MMD -MP -c $< -o $@

build/sim/fold_table.inc: test/sim/fold_table.py
	@mkdir -p $(@D)
	@$(PYTHON) $< > $@

build/sim/fold.o build/sim/checked/fold.o: build/sim/fold_table.inc
build/sim/fold.o build/sim/checked/fold.o: SIM_CFLAGS += -Ibuild/sim

$(SIM_PROGRAMS): build/sim/%: build/sim/%.o $(SIM_PARTS) $(SIM_CORE)
	$(CC) $(SIM_CFLAGS) $^ -o $@

build/sim/checked/core/%.o: src/core/%.c
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) $(SIM_CHECKED_FLAGS) $(WARNINGS) $(SIM_MALLOC) -MMD -MP -c $< -o $@

build/sim/checked/%.o: test/sim/%.c
	@mkdir -p $(@D)
	$(CC) $(SIM_CFLAGS) $(SIM_CHECKED_FLAGS) $(WARNINGS) -MMD -MP -c $< -o $@

$(SIM_PROGRAMS:build/sim/%=build/sim/checked/%): build/sim/checked/%: build/sim/checked/%.o \
    $(SIM_PARTS:build/sim/%=build/sim/checked/%) $(SIM_CORE:build/sim/%=build/sim/checked/%)
	$(CC) $(SIM_CFLAGS) $(SIM_CHECKED_FLAGS) $^ -o $@

-include $(wildcard build/sim/*.d build/sim/core/*.d build/sim/checked/*.d build/sim/checked/core/*.d)
