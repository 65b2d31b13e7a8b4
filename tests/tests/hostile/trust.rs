//! What the owner said about a plugin, and files that changed afterwards.

use super::files::library_in;
use super::*;
use aurapos_plugin_host::{Instance, Trust};
use aurapos_tests::plugins::{lay, mark, replace};
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
        assert!(!table.place.plugin("misbehaving-1.0.0").exists(), "{what}");
    }
    lay(&download, &MISBEHAVING.replace("id = \"misbehaving\"", "id = \"sqlite\""), &good);
    assert_eq!(host.install(&download).map(drop).unwrap_err().code, Code::Duplicate);
    lay(&download, MISBEHAVING, &good);
    host.install(&download).unwrap();
    drop(host.payment(&table.place.instance("misbehaving", &[])).expect("installed is trusted"));
    stores_go_on(&table.place, &host);
}

/// What each folder of the id is refused for; the good one has no entry.
fn refused_folders(place: &Place) -> Vec<(String, Code)> {
    let listed = place.host().list().into_iter().filter(|plugin| plugin.id == "misbehaving");
    let name = |path: std::path::PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    listed.filter_map(|plugin| Some((name(plugin.path), plugin.refusal?.code))).collect()
}

/// Copies of a trusted plugin, and strangers under its name, do not switch it off.
#[test]
fn what_is_trusted_goes_on_beside_copies_and_strangers() {
    let mut table = Table::new();
    table.place.options.trust = Trust::Tofu;
    let place = &table.place;
    let (good, mut evil) = (misbehaving(), misbehaving());
    mark(&mut evil, "aborts");
    let download = place.data().join("download");
    lay(&download, MISBEHAVING, &good);
    place.host().install(&download).unwrap();
    let works = |what: &str| {
        let host = place.host();
        let made = host.payment(&place.instance("misbehaving", &[])).map(drop);
        made.unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
        goes_on(place, &host);
    };
    works("installed");

    place.put("a-copy", MISBEHAVING, &good);
    works("a copy under another name");
    assert_eq!(refused_folders(place).iter().map(|(_, code)| *code).collect::<Vec<_>>(), [Code::Duplicate]);
    // It claims, by its sidecar, to be the very file; and its name comes first.
    fs::write(library_in(&place.plugin("a-copy")), &evil).unwrap();
    works("a stranger under a copied sidecar");
    assert_eq!(refused_folders(place), [("a-copy".to_owned(), Code::Duplicate)]);
    place.put("a-copy", MISBEHAVING, &evil);
    works("a stranger of the same version");
    assert_eq!(refused_folders(place), [("a-copy".to_owned(), Code::Duplicate)]);
    place.put("a-copy", &MISBEHAVING.replace("1.0.0", "9.0.0"), &evil);
    works("a stranger of a later version");
    assert_eq!(refused_folders(place), [("a-copy".to_owned(), Code::NotTrusted)]);
    let later = place.host().payment(&place.instance("misbehaving@^9", &[])).map(drop).unwrap_err();
    assert!(later.code == Code::NotTrusted && later.message.contains("trusted: 1.0.0"), "{later}");
    // What was trusted is damaged: the whole copy takes its place.
    place.put("a-copy", MISBEHAVING, &good);
    fs::write(library_in(&place.plugin("misbehaving-1.0.0")), &evil).unwrap();
    works("the copy is the trusted file");
}

/// A manifest and library that fit each other, of another version.
pub(super) fn of_version(version: &str) -> (String, Vec<u8>) {
    let mut library = misbehaving();
    replace(&mut library, b"\nversion = \"1.0.0\"\n", format!("\nversion = \"{version}\"\n").as_bytes());
    (MISBEHAVING.replace("1.0.0", version), library)
}

#[test]
fn two_versions_are_trusted_side_by_side() {
    let mut table = Table::new();
    table.place.options.trust = Trust::Tofu;
    let place = &table.place;
    let host = place.host();
    let download = place.data().join("download");
    let install = |version: &str| {
        let (manifest, library) = of_version(version);
        lay(&download, &manifest, &library);
        host.install(&download).unwrap().others.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let uses = |selector: &str| host.payment(&place.instance(selector, &[])).map(drop).map_err(|refusal| refusal.code);
    assert_eq!(install("1.0.0"), Vec::<String>::new());
    assert_eq!(install("2.0.0"), ["1.0.0"], "the older one stays");
    assert_eq!((uses("misbehaving@^1"), uses("misbehaving@^2")), (Ok(()), Ok(())));
    assert_eq!(uses("misbehaving"), Err(Code::Ambiguous));
    assert_eq!(install("2.0.0"), ["1.0.0"], "the same version is replaced");

    let refusal = host.remove("misbehaving").unwrap_err();
    assert!(refusal.code == Code::Ambiguous && refusal.next.contains("misbehaving@1.0.0"), "{refusal:?}");
    assert_eq!(host.trust("misbehaving").unwrap_err().code, Code::Ambiguous);
    assert_eq!(host.trust("misbehaving@2.0.0").unwrap().version.to_string(), "2.0.0");
    assert_eq!(host.remove("misbehaving@3.0.0").unwrap_err().code, Code::NotFound);
    assert_eq!(host.remove("misbehaving@^1").unwrap_err().code, Code::NotFound, "one version, not a range");
    host.remove("misbehaving@1.0.0").unwrap();
    assert_eq!((uses("misbehaving@^1"), uses("misbehaving")), (Err(Code::NotFound), Ok(())));
    host.remove("misbehaving").unwrap();
    assert_eq!(uses("misbehaving"), Err(Code::NotFound));
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
