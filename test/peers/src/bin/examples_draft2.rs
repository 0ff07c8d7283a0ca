//! The first examples, against 0.2.0-draft2.
wit_bindgen::generate!({
    path: "../../wit/deps/keyvalue-draft2",
    inline: "package peers:examples; world examples { include wasi:keyvalue/imports@0.2.0-draft2; }",
    generate_all,
});

include!("../examples.rs");
