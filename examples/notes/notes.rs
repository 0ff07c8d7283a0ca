// notes: a notebook for the command line, whose notes wasi:keyvalue keeps.
use std::process::ExitCode;
use wasi::keyvalue::store::{open, Error};
use wasi::keyvalue::{atomics::increment, batch};

wit_bindgen::generate!({
    path: "../../wit/deps/keyvalue-draft2",
    inline: "package example:notes; world notes { include wasi:keyvalue/imports@0.2.0-draft2; }",
    generate_all,
});

fn add(words: &[String]) -> Result<(), Error> {
    let pairs: Vec<_> = words.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone().into_bytes())).collect();
    batch::set_many(&open("notes")?, &pairs)
}

/// Each note, with how often it was shown.
fn show(names: &[String]) -> Result<(), Error> {
    let (notes, views) = (open("notes")?, open("views")?);
    for (name, found) in names.iter().zip(batch::get_many(&notes, names)?) {
        if let Some((_, text)) = found {
            let count = increment(&views, name, 1)?;
            println!("{name} ({count}): {}", String::from_utf8_lossy(&text));
        } else {
            println!("{name}: no such note");
        }
    }
    Ok(())
}

/// The names, in the store's order, page by page.
fn list() -> Result<(), Error> {
    let notes = open("notes")?;
    let mut cursor = None;
    loop {
        let page = notes.list_keys(cursor.as_deref())?;
        page.keys.iter().for_each(|name| println!("{name}"));
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

fn remove(names: &[String]) -> Result<(), Error> {
    batch::delete_many(&open("notes")?, names)?;
    batch::delete_many(&open("views")?, names)
}

fn message(error: Error) -> String {
    match error {
        Error::NoSuchStore => "a bucket is missing: make the directories notes and views".into(),
        Error::AccessDenied => "access is denied".into(),
        Error::Other(text) => text,
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words = arguments.get(1..).unwrap_or_default();
    let done = match arguments.first().map(String::as_str) {
        Some("add") if words.len() % 2 == 0 => add(words),
        Some("show") => show(words),
        Some("list") => list(),
        Some("remove") => remove(words),
        _ => Err(Error::Other("usage: add (NAME TEXT)... | show NAME... | list | remove NAME...".into())),
    };
    if let Err(error) = done {
        eprintln!("notes: {}", message(error));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
