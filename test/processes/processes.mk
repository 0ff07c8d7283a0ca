# Real processes, killed at random: `make test-processes` (a cut, in Python) and
# `make prove-processes` (checked for linearizability; needs go). A failure names
# its seed: make test-processes SEED=1. `make contention` prints the tables.
PROCESSES := test/processes
PROVE_ROUNDS ?= 6

.PHONY: test-processes prove-processes contention
test-processes: build/keyvalue_filesystem.wasm ## kill real processes, and check what they recorded
	@$(PY) $(PROCESSES)/run.py --seconds 2.5 --seed $(SEED)

prove-processes: build/keyvalue_filesystem.wasm build/processes/check ## the same, longer, linearizable (needs go)
	@$(PY) $(PROCESSES)/run.py --seconds 5 --rounds $(PROVE_ROUNDS) --profiles plain,mixed \
	    --check build/processes/check --seed $(SEED)

contention: build/keyvalue_filesystem.wasm build/processes/contention ## measure how writers share a bucket
	@$(PY) $(PROCESSES)/contention.py --native build/processes/contention

build/processes/check: $(wildcard $(PROCESSES)/check/*)
	@mkdir -p $(@D)
	cd $(PROCESSES)/check && go build -o $(CURDIR)/$@ .

# Measured, so optimised and without sanitizers.
build/processes/contention: $(PROCESSES)/contention.c $(CORE:%=src/%.c) src/posix/port.c $(wildcard src/*/*.h)
	@mkdir -p $(@D)
	$(CC) -O2 $(WARNINGS) -Isrc $(filter %.c,$^) -o $@
