// main_wasi.h: a component's start, for the export of wasi:cli/run.
#ifndef MAIN_WASI_H
#define MAIN_WASI_H

#include <stdint.h>

// Runs the program on the command's arguments. Comes back with 0 if it went well;
// else the instance is gone.
int32_t main_wasi(void);

#endif
