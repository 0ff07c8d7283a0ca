//! What wash's template `http-kv-handler` expects: POST keeps the value of a key, both in a JSON object, and GET with
//! `?key=` returns it. The bucket is named for wash's own store in memory.
wit_bindgen::generate!({
    path: "../../wit",
    inline: "package peers:handler; world handler {
        import wasi:keyvalue/store@0.2.0-draft;
        export wasi:http/incoming-handler@0.2.0;
    }",
    world: "peers:handler/handler",
    generate_all,
});

include!("../answer.rs");
use wasi::http::types::{IncomingBody, Method};
use wasi::keyvalue0_2_0_draft::store;

const BUCKET: &str = "in_memory";

struct Handler;
export!(Handler);

type Answer = Result<(u16, String), (u16, String)>;

fn failed(error: store::Error) -> (u16, String) {
    (500, error.to_string())
}

fn body(request: IncomingRequest) -> Vec<u8> {
    let body = request.consume().expect("a body");
    let stream = body.stream().expect("a stream");
    let mut bytes = Vec::new();
    while let Ok(piece) = stream.blocking_read(65536) {
        bytes.extend(piece);
    }
    drop(stream);
    IncomingBody::finish(body);
    bytes
}

fn post(request: IncomingRequest) -> Answer {
    let object: serde_json::Value = serde_json::from_slice(&body(request)).map_err(|error| (400, error.to_string()))?;
    let field = |name: &str| object[name].as_str().ok_or((400, format!("no {name}")));
    let (key, value) = (field("key")?, field("value")?);
    store::open(BUCKET).and_then(|bucket| bucket.set(key, value.as_bytes())).map_err(failed)?;
    Ok((200, format!("[{BUCKET}] Stored key '{key}'\n")))
}

fn get(request: IncomingRequest) -> Answer {
    let path = request.path_with_query().unwrap_or_default();
    let (_, key) = path.split_once("?key=").ok_or((400, "no key".to_string()))?;
    match store::open(BUCKET).and_then(|bucket| bucket.get(key)).map_err(failed)? {
        Some(value) => Ok((200, format!("[{BUCKET}] {}\n", String::from_utf8_lossy(&value)))),
        None => Ok((404, format!("[{BUCKET}] Key '{key}' not found\n"))),
    }
}

impl Guest for Handler {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (status, text) = match request.method() {
            Method::Post => post(request),
            Method::Get => get(request),
            _ => Err((405, "GET or POST".to_string())),
        }
        .unwrap_or_else(|refused| refused);
        answer(out, status, text.as_bytes());
    }
}
