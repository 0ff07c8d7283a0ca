// Answers a request. Included by the programs for HTTP, each of which has bindings of its own.
use exports::wasi::http::incoming_handler::Guest;
use wasi::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

fn answer(out: ResponseOutparam, status: u16, text: &[u8]) {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(status).expect("a status code");
    let body = response.body().expect("a body");
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write().expect("a stream");
    stream.blocking_write_and_flush(text).expect("an open stream");
    drop(stream);
    OutgoingBody::finish(body, None).expect("a whole body");
}

fn main() {}
