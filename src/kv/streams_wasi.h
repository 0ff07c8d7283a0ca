// streams_wasi.h: which streams of wasi:io a component's standard streams are. A
// command has those of wasi:cli (command_wasi.c).
#ifndef STREAMS_WASI_H
#define STREAMS_WASI_H

#include "host.h"

// The handle of a stream, the component's to the end.
int32_t streams_wasi(enum host_stream stream);

#endif
