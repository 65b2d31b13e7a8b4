//! Files that are refused before any of their code runs, or by the loader itself.

use super::*;
use aurapos_plugin_host::{Holding, TARGET};
use aurapos_tests::plugins::{mark, replace};
use std::fs;

impl Table {
    /// Writes over the library behind the sidecar's back.
    fn damage(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let folder = self.place.plugin("evil");
        let file = library_in(&folder);
        let mut bytes = fs::read(&file).unwrap();
        change(&mut bytes);
        fs::write(file, bytes).unwrap();
    }

    fn edit_sidecar(&self, before: &str, after: &str) {
        let file = self.place.plugin("evil").join("plugin.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(before), "{before}");
        fs::write(file, text.replace(before, after)).unwrap();
    }
}

pub(super) fn library_in(folder: &std::path::Path) -> std::path::PathBuf {
    let suffix = std::env::consts::DLL_SUFFIX;
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.find(|file| file.to_string_lossy().ends_with(suffix)).expect("a plugin folder has a library")
}

#[test]
fn damaged_behind_the_sidecars_back() {
    let good = misbehaving();
    let mut table = Table::new();
    type Damage = fn(&mut Vec<u8>);
    let cases: [(&str, Damage, Code); 6] = [
        ("empty", |bytes| bytes.clear(), Code::Empty),
        ("cut in half", |bytes| bytes.truncate(bytes.len() / 2), Code::Size),
        ("tail cut", |bytes| bytes.truncate(bytes.len() - 64), Code::Size),
        ("grown", |bytes| bytes.extend([0; 64]), Code::Size),
        ("one bit flipped", |bytes| bytes[70_000] ^= 4, Code::Hash),
        ("another plugin's bytes", |bytes| bytes.rotate_left(4096), Code::Hash),
    ];
    for (what, damage, expected) in cases {
        table.put(&good);
        table.damage(damage);
        table.refused(what, expected);
    }
    fs::remove_file(library_in(&table.place.plugin("evil"))).unwrap();
    table.refused("gone", Code::Unreadable);
    table.distinct(4);
}

#[test]
fn a_thousand_flipped_bits_are_all_found() {
    let table = Table::new();
    // The hash is compared before anything else is looked at, so a small file does as well as a large one.
    let mut bytes = misbehaving();
    bytes.truncate(200_000);
    table.put(&bytes);
    let file = library_in(&table.place.plugin("evil"));
    let host = table.place.host();
    let instance = table.place.instance("misbehaving", &[]);
    // A walk over the whole file by a prime step.
    let length = bytes.len();
    for step in 0..1_000_usize {
        let at = (step * 104_729 + 17) % length;
        let bit = 1 << (step % 8);
        bytes[at] ^= bit;
        fs::write(&file, &bytes).unwrap();
        let refusal = host.payment(&instance).map(drop).expect_err("a flipped bit");
        assert_eq!(refusal.code, Code::Hash, "bit {step} of byte {at}");
        bytes[at] ^= bit;
    }
}

/// Makes the first part to load longer than the file, in its program header: the file itself is whole.
fn stretch_a_segment(library: &mut [u8]) {
    let headers = u64::from_le_bytes(library[32..40].try_into().unwrap()) as usize;
    let count = u16::from_le_bytes(library[56..58].try_into().unwrap()) as usize;
    let mut starts = (0..count).map(|index| headers + index * 56);
    let load = starts.find(|&start| library[start..start + 4] == 1_u32.to_le_bytes()).unwrap();
    let length = library.len() as u64;
    library[load + 32..load + 40].copy_from_slice(&(length + 1).to_le_bytes());
}

/// Whoever packs a broken library gives it a sidecar that fits.
#[test]
fn broken_before_it_was_packed() {
    let good = misbehaving();
    let mut table = Table::new();
    let half = good.len() / 2;
    let with = |change: fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        bytes
    };
    let cases: [(&str, Vec<u8>, Code); 10] = [
        ("a text", b"#!/bin/sh\necho I am a plugin\n".to_vec(), Code::NotALibrary),
        ("an object file", with(|bytes| bytes[16] = 1), Code::NotALibrary),
        ("empty", Vec::new(), Code::Empty),
        ("only a header", good[..40].to_vec(), Code::CutOff),
        ("cut in half", good[..half].to_vec(), Code::CutOff),
        ("tail cut", good[..good.len() - 64].to_vec(), Code::CutOff),
        ("a segment that ends behind the file", with(|library| stretch_a_segment(library)), Code::CutOff),
        ("another processor", with(|bytes| bytes[18] = 0xb7), Code::Target),
        (
            "made with another foundation",
            with(|bytes| replace(bytes, FOUNDATION, b"abi stable library for Dust     ")),
            Code::Foundation,
        ),
        (
            "needs what is not there",
            with(|bytes| replace(bytes, b"\0libgcc_s.so.1\0", b"\0libgcc_z.so.9\0")),
            Code::Open,
        ),
    ];
    for (what, library, expected) in cases {
        table.put(&library);
        table.refused(what, expected);
    }
    table.put(&example("hostile_stranger"));
    table.refused("a library without our root", Code::NoRoot);
    table.put(&example("hostile_major"));
    table.refused("a newer major", Code::Generation);
    table.put(&example("hostile_changed"));
    let refusal = table.refused("changed layout", Code::Layout);
    assert!(refusal.message.contains("kinds"), "{refusal}");
    table.distinct(9);
}

/// The first bytes of what abi_stable exports.
const FOUNDATION: &[u8; 32] = b"abi stable library for Rust     ";

/// A manifest of a gigabyte is refused by its size, and not read to find out.
#[test]
fn a_manifest_larger_than_the_memory() {
    let table = Table::new();
    table.put(&misbehaving());
    let sidecar = table.place.plugin("evil").join("plugin.toml");
    let before = fs::read(&sidecar).unwrap();
    for (what, tail) in [("spaces", b' '), ("no text", 0xff)] {
        let file = fs::OpenOptions::new().write(true).open(&sidecar).unwrap();
        // A file with a hole: no test fills the disk.
        file.set_len(64 << 30).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, &[tail; 128 * 1024], before.len() as u64).unwrap();
        let refusal = table.place.host().payment(&table.place.instance("evil", &[])).map(drop).unwrap_err();
        assert_eq!(refusal.code, Code::Manifest, "{what}: {refusal}");
        goes_on(&table.place, &table.place.host());
        fs::write(&sidecar, &before).unwrap();
    }
}

#[test]
fn sidecars_that_do_not_fit() {
    let mut good = misbehaving();
    let mut table = Table::new();
    let cases = [
        ("no toml", "id = ", "id ", Code::Manifest),
        ("a size that is a text", "size = ", "size = \"\" # ", Code::Manifest),
        ("a library outside its folder", "file = \"", "file = \"../", Code::Manifest),
        ("for another version of the interface", "\"^1\"", "\"^9\"", Code::ApiRange),
        ("for another machine", TARGET, "riscv64gc-unknown-linux-gnu", Code::Target),
        ("another name than the one inside", "Misbehaving", "Behaving", Code::ManifestDiffers),
        (
            "asks for nothing, inside it asks for much",
            "[[config.field]]\nkey = \"number\"\ntype = \"int\"\ndefault = 1\nmin = 0\nmax = 9\n",
            "",
            Code::ManifestDiffers,
        ),
    ];
    for (what, before, after, expected) in cases {
        table.clear();
        table.put(&good);
        table.edit_sidecar(before, after);
        let selector = if expected == Code::Manifest { "evil" } else { "misbehaving" };
        table.refused_as(what, selector, &[], expected);
    }
    table.clear();
    table.put(&good);
    table.place.put("evil-twin", MISBEHAVING, &good);
    table.refused("the same id twice", Code::Duplicate);
    table.place.put("evil-twin", &MISBEHAVING.replace("1.0.0", "2.0.0"), &good);
    table.refused("two versions, none named", Code::Ambiguous);
    table.refused_as("a version that is not there", "misbehaving@^7", &[], Code::NotFound);
    table.clear();
    // The id of a built-in: refused alone, and `goes_on` shows that the built-in still answers.
    table.place.put("evil", &MISBEHAVING.replace("misbehaving", "cash"), &good);
    let listed = table.place.host().list();
    let twins: Vec<_> = listed.iter().filter(|plugin| plugin.id == "cash").collect();
    assert_eq!(twins.len(), 2);
    assert_eq!(
        twins.iter().filter_map(|twin| twin.refusal.as_ref()).map(|refusal| refusal.code).collect::<Vec<_>>(),
        [Code::Duplicate]
    );
    goes_on(&table.place, &table.place.host());
    table.clear();
    replace(&mut good, b"[\"storage\", \"payment\", \"printer\"]", b"[\"storage\", \"payment\", \"backup\" ]");
    table.place.put(
        "evil",
        &MISBEHAVING.replace("[\"storage\", \"payment\", \"printer\"]", "[\"storage\", \"payment\", \"backup\" ]"),
        &good,
    );
    table.refused("promises what it does not have", Code::KindMissing);
    table.refused_as("settings of the wrong kind", "misbehaving", &[("number", "many")], Code::Settings);
    table.distinct(9);
}

/// A trial program that does what `meanwhile` says before it does its work: the moment between the check and the load.
fn trial_that(table: &mut Table, meanwhile: &str) {
    use std::os::unix::fs::PermissionsExt;
    let script = table.place.data().join("trial-probe");
    fs::write(&script, format!("#!/bin/sh\n{meanwhile}\nexec '{PROBE}' \"$@\"\n")).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    table.place.options.probe_program = script;
}

/// Writes other bytes over files, into the same file and as a new one under the same name.
fn swap(table: &Table, files: &str) -> String {
    let mut evil = misbehaving();
    mark(&mut evil, "aborts");
    let other = table.place.data().join("evil-library");
    fs::write(&other, &evil).unwrap();
    let (other, data) = (other.display().to_string(), table.place.data().display().to_string());
    format!("for f in '{data}'/{files}; do cat '{other}' > \"$f\"; cp '{other}' \"$f.new\"; mv \"$f.new\" \"$f\"; done")
}

/// The library is swapped in the moment after the check: what was checked is tried out, and runs.
#[test]
fn what_was_checked_is_what_runs() {
    for holding in [Holding::Sealed, Holding::Copy] {
        let mut table = Table::new();
        table.place.options.holding = holding;
        table.put(&misbehaving());
        let swap = swap(&table, "plugins/evil/*.so");
        trial_that(&mut table, &swap);
        let host = table.place.host();
        drop(host.payment(&table.place.instance("misbehaving", &[])).expect("what was checked"));
        // The file itself is another one now, and a host that reads it sees that.
        table.refused_without_good("swapped", Code::Hash);
    }
}

/// Where a library lies on the disk, the private copy is compared through the handle that is loaded.
#[test]
fn a_private_copy_that_changes_is_not_loaded() {
    let mut table = Table::new();
    let good = misbehaving();
    table.put(&good);
    table.place.options.holding = Holding::Copy;
    let instance = table.place.instance("misbehaving", &[]);
    drop(table.place.host().payment(&instance).unwrap());
    let cache = table.place.data().join("plugin-cache");
    let [copy] = <[_; 1]>::try_from(fs::read_dir(&cache).unwrap().collect::<Vec<_>>()).unwrap();
    let copy = copy.unwrap().path();
    let mut evil = good.clone();
    mark(&mut evil, "aborts");
    // A new file under the old name: the copy that is mapped stays as it is.
    fs::remove_file(&copy).unwrap();
    fs::write(&copy, &evil).unwrap();
    drop(table.place.host().payment(&instance).expect("the copy is made anew, never trusted"));
    assert_eq!(fs::read(&copy).unwrap(), good);

    let mut table = Table::new();
    table.put(&good);
    table.place.options.holding = Holding::Copy;
    let swap = swap(&table, "plugin-cache/*.so");
    // Only into the file that is open: a new one under its name would change nothing.
    trial_that(&mut table, swap.split("; cp").next().map(|start| format!("{start}; done")).unwrap().as_str());
    table.refused_without_good("changed in place", Code::Cache);
    trial_that(&mut table, "");
    drop(table.place.host().payment(&table.place.instance("misbehaving", &[])).expect("made anew"));
}

#[test]
fn nothing_lies_on_the_disk_where_memory_can_be_sealed() {
    let table = Table::new();
    table.put(&misbehaving());
    drop(table.place.host().payment(&table.place.instance("misbehaving", &[])).unwrap());
    assert!(!table.place.data().join("plugin-cache").exists());
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    assert!(maps.lines().any(|line| line.contains("r-xp") && line.contains("memfd:aurapos-plugin")), "{maps}");
}
