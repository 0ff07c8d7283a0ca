//! What wasmtime's program `keyvalue_main` expects: the default bucket, in which `atomics_key` is the text 5, and nothing
//! else. Stops with a panic where something is different.
wit_bindgen::generate!({
    path: "../../wit/deps/keyvalue-draft",
    inline: "package peers:wasmtime; world main { include wasi:keyvalue/imports@0.2.0-draft; }",
    generate_all,
    additional_derives: [PartialEq],
});

use wasi::keyvalue::{atomics, batch, store};

fn main() {
    let bucket = store::open("").unwrap();
    // A counter in text is one.
    assert_eq!(atomics::increment(&bucket, "atomics_key", 1), Ok(6));
    let page = bucket.list_keys(None).unwrap();
    assert_eq!((page.keys, page.cursor), (vec!["atomics_key".to_string()], None));

    bucket.set("hello", b"world").unwrap();
    assert_eq!(bucket.get("hello"), Ok(Some(b"world".to_vec())));
    assert_eq!(bucket.exists("hello"), Ok(true));
    bucket.delete("hello").unwrap();
    assert_eq!(bucket.exists("hello"), Ok(false));

    let keys = ["a1", "b1", "c1"].map(String::from);
    batch::set_many(&bucket, &keys.clone().map(|key| (key, b"v1".to_vec()))).unwrap();
    batch::delete_many(&bucket, &["a1", "c1"].map(String::from)).unwrap();
    let found = batch::get_many(&bucket, &keys).unwrap();
    assert_eq!(found, [None, Some(("b1".to_string(), b"v1".to_vec())), None]);
}
