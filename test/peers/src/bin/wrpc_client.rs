//! What wRPC's example client expects, which has the store alone at 0.2.0-draft2: a bucket `example`, whose keys it prints.
wit_bindgen::generate!({
    path: "../../wit/deps/keyvalue-draft2",
    inline: "package peers:wrpc; world client { import wasi:keyvalue/store@0.2.0-draft2; }",
    generate_all,
});

use wasi::keyvalue::store;

fn main() -> Result<(), store::Error> {
    let bucket = store::open("example")?;
    bucket.set("foo", b"bar")?;
    assert!(bucket.exists("foo")?);
    assert_eq!(bucket.get("foo")?, Some(b"bar".to_vec()));
    for key in bucket.list_keys(None)?.keys {
        println!("key: {key}");
    }
    Ok(())
}
