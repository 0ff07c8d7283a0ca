// over_http.h: a command served over HTTP, for hosts that run no commands.
//
// The command is compiled as it is, with this header in front of each of its files:
// its calls of wasi:cli come here. `GET /?export+my-bucket` runs it with these two
// words as its arguments, each percent-decoded; the request's body is its standard
// input and the response's its standard output. What it writes to standard error
// goes to the host's. The status is 200 before the command has begun, so a command
// that fails breaks the response off: the client sees that it is not whole.
#ifndef OVER_HTTP_H
#define OVER_HTTP_H

#define wasi_cli_environment_get_arguments over_http_arguments
#define wasi_cli_exit_exit_with_code over_http_exit
#define wasi_cli_stdin_get_stdin over_http_input
#define wasi_cli_stdout_get_stdout over_http_output

// Commands drop these handles and may ask for them again; the bodies have one each,
// which is dropped after the command.
#define wasi_io_streams_input_stream_drop_own over_http_keep_input
#define wasi_io_streams_output_stream_drop_own over_http_keep_output

#endif
