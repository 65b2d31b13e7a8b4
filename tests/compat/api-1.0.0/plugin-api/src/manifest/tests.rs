//! Manifests and settings as tables.

use super::*;
use aurapos_contract::Value;

const GOOD: &str = r#"
id = "acme-pay"
version = "1.2.0"
kinds = ["payment", "events"]
api = "^1"
publisher = "Acme SA"
name = { en = "Acme terminal", fr = "Terminal Acme" }
description = "Cards."
asks = ["network"]

[[config.field]]
key = "port"
type = "int"
label = { en = "Port", nl = "Poort" }
default = 20007
min = 1
max = 65535

[[config.field]]
key = "mode"
type = "text"
choices = ["tcp", "serial"]
required = true

[[config.field]]
key = "password"
type = "text"
secret = true
show_if = { key = "mode", equals = "tcp" }
"#;

#[test]
fn a_manifest_is_read_whole() {
    let manifest = Manifest::parse(GOOD).unwrap();
    assert_eq!(manifest.kinds, [Kind::Payment, Kind::Events]);
    assert_eq!((manifest.name.get("fr"), manifest.name.get("de")), ("Terminal Acme", "Acme terminal"));
    assert_eq!(manifest.description.get("nl"), "Cards.");
    assert_eq!(manifest.fields[0].default, Some(Value::Int(20007)));
    assert_eq!(manifest.fields[2].show_if.as_ref().map(|shown| shown.key.as_str()), Some("mode"));
    assert!(manifest.artifact.is_none());
}

fn check(from: &str, to: &str, line: usize, words: &str) {
    assert!(GOOD.contains(from), "{from}");
    let error = Manifest::parse(&GOOD.replacen(from, to, 1)).unwrap_err();
    assert!(error.to_string().contains(words), "{to:?}: {error}");
    assert_eq!(error.line, line, "{to:?}: {error}");
}

#[test]
fn a_wrong_manifest_is_refused_by_line_and_key() {
    check("id = \"acme-pay\"", "id = \"Acme Pay\"", 2, "an id has");
    check("version = \"1.2.0\"", "version = \"1.2\"", 3, "`version`");
    check("[\"payment\", \"events\"]", "[\"pay\"]", 4, "no kind of plugin; there are storage");
    check("[\"payment\", \"events\"]", "[]", 4, "names no kind");
    check("[\"payment\", \"events\"]", "[\"events\", \"events\"]", 4, "twice");
    check("api = \"^1\"", "api = \"one\"", 5, "not a range");
    check("publisher = \"Acme SA\"", "publisher = 3", 6, "`publisher`");
    check("asks = [\"network\"]", "colour = \"red\"", 9, "`colour`");
    check("type = \"int\"", "type = \"float\"", 13, "a type is");
    check("default = 20007", "default = 0", 15, "the default is 0, the lowest is 1");
    check("default = 20007", "default = 1.5", 15, "whole number");
    check("key = \"mode\"", "key = \"port\"", 19, "stands twice");
    check("id = \"acme-pay\"", "id = ", 2, "`id`");
}

fn settings(toml: &str) -> Result<Settings, String> {
    let manifest = Manifest::parse(GOOD).unwrap();
    settings_from_toml(&toml.parse().unwrap(), &manifest).map_err(|error| error.to_string())
}

#[test]
fn settings_get_defaults_and_are_checked() {
    let settings_of_tcp = settings("mode = \"tcp\"").unwrap();
    assert_eq!(settings_of_tcp.int("port"), Ok(20007));
    assert_eq!(settings_of_tcp.text("mode"), Ok("tcp"));
    assert!(settings_of_tcp.get("password").is_none());
    for (toml, words) in [
        ("", "the setting `mode` is missing"),
        ("mode = \"usb\"", "must be one of `tcp`, `serial`"),
        ("mode = \"tcp\"\nport = 70000", "is 70000, the highest is 65535"),
        ("mode = \"tcp\"\nport = \"1\"", "must be a whole number"),
        ("mode = \"tcp\"\nport = 1.5", "must be a text, a whole number"),
        ("mode = \"tcp\"\nprot = 1", "`prot` is no setting of `acme-pay`; it has port, mode, password"),
        ("mode = \"tcp\"\npassword = \"x\"", "secret"),
    ] {
        let error = settings(toml).unwrap_err();
        assert!(error.contains(words), "{toml}: {error}");
    }
}

#[test]
fn packing_adds_the_artifact_and_nothing_else() {
    let artifact = Artifact::of(b"library", "libacme.so", "x86_64-unknown-linux-gnu");
    let packed = pack(GOOD, &artifact).unwrap();
    assert_eq!(Manifest::parse(&packed).unwrap().artifact, Some(artifact.clone()));
    assert!(same_manifest(GOOD, &packed) && !same_manifest(GOOD, &packed.replace("1.2.0", "1.2.1")));
    assert!(!same_manifest(GOOD, "not = [toml") && !same_manifest("x = [", "x = ["));
    assert_eq!(pack(&packed, &artifact).unwrap(), packed, "packing twice changes nothing");
    for file in ["../x.so", "", "a/b"] {
        assert!(pack(GOOD, &Artifact { file: file.to_owned(), ..artifact.clone() }).is_err(), "{file}");
    }
}
