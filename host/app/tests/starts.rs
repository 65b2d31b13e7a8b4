//! A second start, and safe mode.

#![allow(clippy::unwrap_used)]

mod common;

use aurapos_app::instance::{self, Claim};
use aurapos_app::{HostOptions, RuntimeHost};
use aurapos_ui::host::{Host, HostEvent, Opening, PluginState};
use common::{PATIENCE, Shop, ask, host, open, options, ready, scratch};
use std::fs;
use std::sync::Arc;
use std::sync::mpsc::channel;

#[cfg(target_os = "linux")]
#[test]
fn a_second_start_shows_the_window_of_the_first() {
    let place = scratch();
    let host = Arc::new(host(place.path()));
    let (tell, heard) = channel();
    host.listen(Arc::new(move |event| drop(tell.send(event))));
    let Claim::First(first) = instance::claim(place.path()) else { panic!("nobody else is there") };
    instance::serve(first, &host);
    assert!(matches!(instance::claim(place.path()), Claim::Shown));
    assert!(matches!(heard.recv_timeout(PATIENCE).unwrap(), HostEvent::ShowWindow));
    let elsewhere = scratch();
    assert!(matches!(instance::claim(elsewhere.path()), Claim::First(_)), "another data folder is another register");
}

#[test]
fn safe_mode_leaves_third_parties_out_and_shows_them() {
    let shop = Shop::sample(0);
    shop.host.end();
    let file = shop.folder().join("aurapos.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n[[payment]]\nname = \"card\"\nuse = \"acme-pay\"\n")).unwrap();
    let safe = HostOptions { safe_mode: true, ..options(&shop.folder()) };
    let safe = RuntimeHost::new(safe, Box::new(|| {})).unwrap();
    let facts = ready(&safe);
    assert!(facts.safe_mode && facts.refused.len() == 1, "{facts:?}");
    assert!(facts.refused[0].trouble.message.contains("safe mode"), "{facts:?}");
    let list = ask(|answer| safe.plugins(common::manager(&safe), answer)).unwrap();
    assert_eq!(list.iter().find(|plugin| plugin.id == "cash").unwrap().state, PluginState::Active);
    safe.end();
    let usual = host(&shop.folder());
    match open(&usual) {
        Opening::Ready(facts) => assert!(!facts.safe_mode),
        other => panic!("{other:?}"),
    }
    usual.end();
    let later = host(&shop.folder());
    match ask(|answer| later.open_safely(answer)) {
        Opening::Ready(facts) => assert!(facts.safe_mode),
        other => panic!("{other:?}"),
    }
}
