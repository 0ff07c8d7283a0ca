// wasi:cli/run, of kv. (kv_transfer's is in its bindings.)
#include "main_wasi.h"

__attribute__((export_name("wasi:cli/run@0.2.0#run"))) int32_t export_run(void);

int32_t export_run(void)
{
    return main_wasi(); // result: 0 is ok
}
