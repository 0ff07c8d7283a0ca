# What the power cuts are made with. Linux's alone: where it cannot be compiled, the tests say so and skip.
POWER := build/power/disk build/power/omit.so

build/power/disk: test/power/disk.c
build/power/omit.so: test/power/omit.c
build/power/omit.so: private more := -shared -fPIC
$(POWER):
	@mkdir -p $(@D)
	@$(CC) -O2 $(WARNINGS) $(more) $< -o $@ || echo "the power cuts cannot be made here"

# The tools of the file systems, from Debian's packages: for CI, as root.
.PHONY: power-tools
power-tools:
	@{ command -v mkfs.xfs && command -v mkfs.btrfs; } > /dev/null || \
	    { apt-get update && apt-get install -y --no-install-recommends xfsprogs btrfs-progs; } > /dev/null 2>&1
