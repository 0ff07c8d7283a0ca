// The entry that libFuzzer calls, for the one target that the build names.
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_TARGET((struct bytes){data, size});
    return 0;
}
