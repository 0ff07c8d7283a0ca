//! The first examples, against 0.2.0-draft.
wit_bindgen::generate!({
    path: "../../wit/deps/keyvalue-draft",
    inline: "package peers:examples; world examples { include wasi:keyvalue/imports@0.2.0-draft; }",
    generate_all,
});

include!("../examples.rs");
