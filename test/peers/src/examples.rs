// The examples that the first keyvalue-filesystem had in its description. Included by one program for each draft, which
// has made the bindings: its code is the same for both.
use wasi::keyvalue::store::{self, Bucket, Error};
use wasi::keyvalue::{atomics, batch};

/// Opens a bucket, sets a value and gets it.
fn first_steps() -> Result<(), Error> {
    let bucket = store::open("my-bucket")?;
    bucket.set("my-key", b"my-value")?;
    println!("my-key: {:?}", bucket.get("my-key")?.map(text));
    bucket.delete("my-key")
}

/// One key at a time.
fn single(bucket: &Bucket) -> Result<(), Error> {
    bucket.set("user:123", b"John Doe")?;
    if let Some(value) = bucket.get("user:123")? {
        println!("User: {}", text(value));
    }
    println!("User exists: {}", bucket.exists("user:123")?);
    for key in bucket.list_keys(None)?.keys {
        println!("Key: {key}");
    }
    bucket.delete("user:123")?;
    println!("User exists: {}", bucket.exists("user:123")?);
    println!("Keys: {}", bucket.list_keys(None)?.keys.len());
    Ok(())
}

/// Several keys at a time, of which one is not there.
fn several(bucket: &Bucket) -> Result<(), Error> {
    let users = [("user:1", "Alice"), ("user:2", "Bob"), ("user:3", "Charlie")];
    batch::set_many(bucket, &users.map(|(key, name)| (key.to_string(), name.as_bytes().to_vec())))?;
    let asked = ["user:1", "user:2", "user:999"].map(String::from);
    for found in batch::get_many(bucket, &asked)? {
        match found {
            Some((key, value)) => println!("{key}: {}", text(value)),
            None => println!("not there"),
        }
    }
    batch::delete_many(bucket, &asked)?;
    println!("Left: {:?}", bucket.list_keys(None)?.keys);
    Ok(())
}

/// Counters: one by one, and by more.
fn counters() -> Result<(), Error> {
    let bucket = store::open("counters")?;
    println!("Page views: {}", atomics::increment(&bucket, "page_views", 1)?);
    println!("Page views: {}", atomics::increment(&bucket, "page_views", 1)?);
    println!("Total requests: {}", atomics::increment(&bucket, "total_requests", 100)?);
    Ok(())
}

fn text(value: Vec<u8>) -> String {
    String::from_utf8(value).expect("UTF-8")
}

fn main() -> Result<(), Error> {
    first_steps()?;
    let bucket = store::open("my-bucket")?;
    single(&bucket)?;
    several(&bucket)?;
    counters()
}
