//! What Spin's `wasi-key-value` expects, with the get-many that gives pairs. Stops with a panic where something is
//! different. Left out are the two rules that are Spin's own: which buckets a manifest grants, and how much one get-many
//! may return.
wit_bindgen::generate!({
    path: "../../wit/pairs/keyvalue-draft2",
    inline: "package peers:spin; world spin { include wasi:keyvalue/imports@0.2.0-draft2; }",
    generate_all,
});

use wasi::keyvalue::store::{Bucket, Error};
use wasi::keyvalue::{atomics, batch, store};

type Found = Option<Vec<u8>>;

fn get(bucket: &Bucket, key: &str) -> (bool, Found) {
    (bucket.exists(key).unwrap(), bucket.get(key).unwrap())
}

fn keys(bucket: &Bucket) -> Vec<String> {
    let mut keys = bucket.list_keys(None).unwrap().keys;
    keys.sort();
    keys
}

fn single(bucket: &Bucket) {
    bucket.delete("bar").unwrap();
    assert_eq!(get(bucket, "bar"), (false, None));
    assert!(keys(bucket).is_empty());
    for value in ["baz", "wow"] {
        bucket.set("bar", value.as_bytes()).unwrap();
        assert_eq!(get(bucket, "bar"), (true, Some(value.into())));
        assert_eq!(keys(bucket), ["bar"]);
    }
    assert!(matches!(bucket.list_keys(Some("0")), Err(Error::Other(_))), "a cursor that no page gave");
    bucket.set("qux", b"yay").unwrap();
    assert_eq!(keys(bucket), ["bar", "qux"]);
    for key in ["bar", "bar", "qux"] {
        bucket.delete(key).unwrap();
    }
    assert!(keys(bucket).is_empty());
}

fn several(bucket: &Bucket) {
    let pairs = [("bar", "bin"), ("baz", "buzz"), ("empty", "")].map(|(key, value)| (key.to_string(), value.into()));
    batch::set_many(bucket, &pairs).unwrap();
    let asked = ["baz", "missing", "bar", "empty", "baz"].map(String::from);
    let found = batch::get_many(bucket, &asked).unwrap();
    let values = [Some("buzz"), None, Some("bin"), Some(""), Some("buzz")].map(|value| value.map(Vec::<u8>::from));
    assert_eq!(found, asked.clone().into_iter().zip(values).collect::<Vec<_>>());
    batch::delete_many(bucket, &asked).unwrap();
    assert!(keys(bucket).is_empty());
    assert!(batch::get_many(bucket, &[]).unwrap().is_empty());
}

fn atomic(bucket: &Bucket) {
    assert_eq!(atomics::increment(bucket, "counter", 10).unwrap(), 10);
    assert_eq!(atomics::increment(bucket, "counter", 5).unwrap(), 15);
    bucket.set("bar", b"wow").unwrap();
    let cas = atomics::Cas::new(bucket, "bar").unwrap();
    assert_eq!(cas.current().unwrap(), Some(b"wow".to_vec()));
    atomics::swap(cas, b"swapped").unwrap();
    assert_eq!(get(bucket, "bar"), (true, Some(b"swapped".to_vec())));
}

fn main() {
    let bucket = store::open("default").unwrap();
    single(&bucket);
    several(&bucket);
    atomic(&bucket);
}
