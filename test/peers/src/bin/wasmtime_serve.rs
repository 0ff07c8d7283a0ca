//! What wasmtime's `p2_cli_serve_keyvalue` expects: the default bucket has `hello`, which is the answer to a request.
wit_bindgen::generate!({
    path: "../../wit",
    inline: "package peers:serve; world serve {
        import wasi:keyvalue/store@0.2.0-draft;
        export wasi:http/incoming-handler@0.2.0;
    }",
    world: "peers:serve/serve",
    generate_all,
});

include!("../answer.rs");

struct Serve;
export!(Serve);

impl Guest for Serve {
    fn handle(_: IncomingRequest, out: ResponseOutparam) {
        let bucket = wasi::keyvalue0_2_0_draft::store::open("").unwrap();
        answer(out, 200, &bucket.get("hello").unwrap().unwrap());
    }
}
