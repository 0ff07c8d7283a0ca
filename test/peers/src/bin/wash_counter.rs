//! What wash's `keyvalue-counter` expects: each request adds one to the counter `n` of the bucket `counter`.
wit_bindgen::generate!({
    path: "../../wit",
    inline: "package peers:counter; world counter {
        import wasi:keyvalue/store@0.2.0-draft;
        import wasi:keyvalue/atomics@0.2.0-draft;
        export wasi:http/incoming-handler@0.2.0;
    }",
    world: "peers:counter/counter",
    generate_all,
});

include!("../answer.rs");
use wasi::keyvalue0_2_0_draft::{atomics, store};

struct Counter;
export!(Counter);

impl Guest for Counter {
    fn handle(_: IncomingRequest, out: ResponseOutparam) {
        match store::open("counter").and_then(|bucket| atomics::increment(&bucket, "n", 1)) {
            Ok(count) => answer(out, 200, count.to_string().as_bytes()),
            Err(error) => answer(out, 500, error.to_string().as_bytes()),
        }
    }
}
