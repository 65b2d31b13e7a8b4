//! All kinds of hostile plugin, one of each, in one process that does not end: each has a code of its own.
//!
//! The other modules try many of each kind; this table is the promise.

use super::deaths::victim;
use super::files::library_in;
use super::loading::marked;
use super::*;
use aurapos_contract::query::Query;
use aurapos_plugin_host::Trust;
use aurapos_tests::plugins::pin_text;
use std::fs;
use std::time::Duration;

const SHORT: Duration = Duration::from_secs(2);

/// The one process, and what it met.
struct Gallery {
    table: Table,
    met: Vec<(&'static str, Code)>,
}

impl Gallery {
    /// A start of the host with a library that was packed and trusted, and what becomes of it.
    fn meets(
        &mut self,
        kind: &'static str,
        library: &[u8],
        expected: Code,
        harm: impl FnOnce(&mut Place, &mut PluginHost) -> Code,
    ) {
        self.table.clear();
        let place = &mut self.table.place;
        let artifact = place.put("evil", MISBEHAVING, library);
        fs::write(&place.options.plugins_lock, pin_text(MISBEHAVING, &artifact)).unwrap();
        let mut host = place.host();
        let met = harm(place, &mut host);
        assert_eq!(met, expected, "{kind}");
        goes_on(place, &host);
        self.met.push((kind, met));
    }
}

/// Refused before it does anything.
fn refused(place: &mut Place, host: &mut PluginHost) -> Code {
    host.payment(&place.instance("misbehaving", &[])).map(drop).unwrap_err().code
}

/// What the owner is told of it.
fn told(host: &PluginHost) -> Code {
    let plugin = host.list().into_iter().find(|plugin| plugin.id == "misbehaving").unwrap();
    plugin.refusal.unwrap().code
}

/// A payment by a plugin with this setting.
fn pays(how: &'static str) -> impl FnOnce(&mut Place, &mut PluginHost) -> Code {
    move |place, host| {
        let payment = host.payment(&place.instance("misbehaving", &[("how", how)]));
        match payment {
            Err(refusal) => refusal.code,
            Ok(payment) => {
                let _ = payment.begin(&intent(), &NoProgress);
                drop(payment);
                told(host)
            }
        }
    }
}

#[test]
fn every_kind_has_a_code_of_its_own() {
    let mut table = Table::new();
    goes_on(&table.place, &table.place.host());
    table.place.options.trust = Trust::Tofu;
    let mut gallery = Gallery { table, met: Vec::new() };
    of_files(&mut gallery);
    of_libraries(&mut gallery);
    of_calls(&mut gallery);
    let codes: BTreeSet<Code> = gallery.met.iter().map(|(_, code)| *code).collect();
    assert_eq!((gallery.met.len(), codes.len()), (24, 24), "{:?}", gallery.met);
    stores_go_on(&gallery.table.place, &gallery.table.place.host());
}

fn of_files(gallery: &mut Gallery) {
    let good = misbehaving();
    let half = good.len() / 2;
    gallery.meets("not a library", b"#!/bin/sh\n", Code::NotALibrary, refused);
    gallery.meets("empty", b"", Code::Empty, refused);
    gallery.meets("cut in half", &good, Code::Size, |place, host| {
        fs::write(library_in(&place.plugin("evil")), &good[..half]).unwrap();
        refused(place, host)
    });
    gallery.meets("tail cut", &good[..good.len() - 64], Code::CutOff, refused);
    gallery.meets("bits flipped", &good, Code::Hash, |place, host| {
        let mut flipped = good.clone();
        flipped[half] ^= 0x10;
        fs::write(library_in(&place.plugin("evil")), flipped).unwrap();
        refused(place, host)
    });
    let mut other = good.clone();
    other[18] = 0xb7;
    gallery.meets("other CPU", &other, Code::Target, refused);
    gallery.meets("duplicate id", &good, Code::Duplicate, |place, host| {
        fs::remove_file(&place.options.plugins_lock).unwrap();
        place.put("twin", MISBEHAVING, &good);
        refused(place, host)
    });
    gallery.meets("changed after it was trusted", &good, Code::Changed, |place, host| {
        place.put("evil", MISBEHAVING, &marked("hostile_misbehaving", "is somebody else"));
        refused(place, host)
    });
    gallery.meets("manifest differs from the embedded one", &good, Code::ManifestDiffers, |place, host| {
        let sidecar = place.plugin("evil").join("plugin.toml");
        let text = fs::read_to_string(&sidecar).unwrap();
        fs::write(sidecar, text.replace("Misbehaving", "Well-behaved")).unwrap();
        refused(place, host)
    });
}

fn of_libraries(gallery: &mut Gallery) {
    gallery.meets("without our root", &example("hostile_stranger"), Code::NoRoot, refused);
    gallery.meets("newer major", &example("hostile_major"), Code::Generation, refused);
    gallery.meets("changed layout", &example("hostile_changed"), Code::Layout, refused);
    gallery.meets("aborts while loading", &marked("hostile_misbehaving", "aborts"), Code::ProbeDied, refused);
    gallery.meets("lies in the probe", &marked("hostile_misbehaving", "lies"), Code::ProbeLied, refused);
    gallery.table.place.options.probe_deadline = SHORT;
    gallery.meets("hangs in the probe", &marked("hostile_misbehaving", "hangs"), Code::ProbeHung, |place, host| {
        let code = refused(place, host);
        place.options.probe_deadline = Duration::from_secs(60);
        *host = place.host();
        code
    });
}

fn of_calls(gallery: &mut Gallery) {
    let good = misbehaving();
    gallery.meets("panics in the constructor", &good, Code::FactoryPanic, pays("constructor panics"));
    gallery.meets("panics in a method", &good, Code::Panicked, pays("begin panics"));
    gallery.meets("panics in Drop", &good, Code::PanickedInDrop, pays("drop panics"));
    gallery.meets("health that lies", &good, Code::LyingHealth, pays("everything fails"));
    gallery.table.place.options.deadlines.start = SHORT;
    gallery.meets("hangs in the constructor", &good, Code::FactoryHung, |place, host| {
        let code = pays("constructor hangs")(place, host);
        place.options.deadlines.start = Duration::from_secs(60);
        *host = place.host();
        code
    });
    gallery.table.place.options.deadlines.payment = SHORT;
    gallery.meets("hangs in a method", &good, Code::Hung, pays("begin hangs"));
    gallery.meets("aborts in a method", &good, Code::Crashed, |place, host| {
        victim(place, "misbehaving", "begin", &["how=begin aborts"]);
        *host = place.host();
        refused(place, host)
    });
    gallery.meets("row batches that are none", &good, Code::BadRows, |place, host| {
        let storage = host.storage(&place.instance("misbehaving", &[("rows", "01ff00ff")])).unwrap();
        storage.open(&Settings::default()).unwrap().scan(&Query::over("product")).unwrap_err();
        told(host)
    });
    gallery.meets("change that is wrong", &good, Code::WrongAnswer, |place, host| {
        let payment = host.payment(&place.instance("misbehaving", &[("how", "change too much")])).unwrap();
        let wrong = begin(payment.as_ref()).change_minor != 50;
        assert!(wrong && host.report_wrong_answer("misbehaving", "begin", "150 given back of 50").is_some());
        refused(place, host)
    });
}
