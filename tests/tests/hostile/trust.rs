//! What the owner said about a plugin, and files that changed afterwards.

use super::files::library_in;
use super::*;
use aurapos_plugin_host::{Instance, Trust};
use aurapos_tests::plugins::{lay, mark};
use std::fs;

#[test]
fn only_what_was_trusted_is_loaded() {
    let mut table = Table::new();
    table.place.options.trust = Trust::Tofu;
    let good = misbehaving();
    table.put(&good);
    table.refused("nobody trusted it", Code::NotTrusted);
    table.place.host().trust("misbehaving").unwrap();
    let instance = table.place.instance("misbehaving", &[]);
    drop(table.place.host().payment(&instance).expect("trusted"));

    let alone = Instance { in_process: false, ..instance.clone() };
    assert_eq!(table.place.host().payment(&alone).map(drop).unwrap_err().code, Code::NeedsConsent);

    let mut other = good.clone();
    mark(&mut other, "aborts");
    table.put(&other);
    let refusal = table.refused("changed after it was trusted", Code::Changed);
    assert!(refusal.message.contains("trusted on 20"), "it says when: {refusal}");
    table.put(&good);
    drop(table.place.host().payment(&instance).expect("the very file that was trusted"));

    table.place.host().disable("misbehaving").unwrap();
    table.refused("switched off", Code::Disabled);
    table.place.host().enable("misbehaving").unwrap();
    drop(table.place.host().payment(&instance).expect("switched on"));
    table.refused_as("another kind", "cash-register", &[], Code::NotFound);
    assert_eq!(table.place.host().backup(&instance).map(drop).unwrap_err().code, Code::WrongKind);
    table.distinct(4);
}

#[test]
fn installing_looks_at_the_file_first() {
    let mut table = Table::new();
    table.place.options.trust = Trust::Tofu;
    let good = misbehaving();
    let download = table.place.data().join("download");
    let host = table.place.host();
    for (what, library, expected) in [
        ("half a library", &good[..good.len() / 2], Code::CutOff),
        ("a text", b"MZ, or so it says", Code::NotALibrary),
        ("nothing", b"", Code::Empty),
    ] {
        lay(&download, MISBEHAVING, library);
        let refusal = host.install(&download).map(drop).expect_err(what);
        assert_eq!(refusal.code, expected, "{what}: {refusal}");
        assert!(!table.place.plugin("misbehaving").exists(), "{what}");
    }
    lay(&download, &MISBEHAVING.replace("id = \"misbehaving\"", "id = \"sqlite\""), &good);
    assert_eq!(host.install(&download).map(drop).unwrap_err().code, Code::Duplicate);
    lay(&download, MISBEHAVING, &good);
    host.install(&download).unwrap();
    drop(host.payment(&table.place.instance("misbehaving", &[])).expect("installed is trusted"));
    stores_go_on(&table.place, &host);
}

#[test]
fn a_built_in_that_was_replaced() {
    let table = Table::new();
    let place = &table.place;
    let folder = place.program().join("plugins/cash");
    let manifest = aurapos_tests::plugins::repository().join("plugins/payment-cash/plugin.toml");
    fs::remove_file(library_in(&folder)).unwrap();
    lay(&folder, &fs::read_to_string(manifest).unwrap(), &misbehaving());
    let refusal = place.host().payment(&place.instance("cash", &[])).map(drop).unwrap_err();
    assert_eq!(refusal.code, Code::NotBuiltIn, "{refusal}");
    let sqlite = place.host().storage(&place.instance("sqlite", &[]));
    assert!(sqlite.is_ok(), "the others go on");
}
