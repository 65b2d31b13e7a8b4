//! The grown host, with plugins of both versions.

pub(crate) use aurapos_plugin_api::loader::Plugin;
pub(crate) use aurapos_plugin_api::manifest::Manifest;
pub(crate) use aurapos_plugin_api::{AbiLink, Border, contract};
pub(crate) use aurapos_plugin_host as host;
pub(crate) use aurapos_plugin_testkit as kit;

#[path = "border.rs"]
mod border;

use super::{GROWN, PLUGINS, TODAY, grown_programs};
use aurapos_compat::TERMINAL;
use aurapos_tests::plugins::{example, replace};
use border::{Place, begin, intent};
use contract::ErrorCode;
use contract::error::Retry;
use contract::host::NoProgress;
use contract::payment::{PaymentIntent, PaymentKind, PaymentState};
use host::{TARGET, pack_library};

#[test]
fn the_grown_host_works_with_plugins_of_both_versions() {
    let programs = grown_programs();
    for &(library, api) in PLUGINS {
        let place = Place::with(library, &programs);
        border::works(&place, api);
        border::first_party_plugins_work(&place);
    }
}

/// An intent that the plugin is too old for: named, nothing charged, nobody suspected, and the next one is paid.
fn is_refused_as_too_new(place: &Place, intent: &PaymentIntent, words: &str) {
    let (what, payment, before) = (&place.what, place.payment(), place.charges());
    let error = payment.begin(intent, &NoProgress).unwrap_err();
    assert_eq!((error.code, error.retry), (ErrorCode::NeedsNewer, Retry::Never), "{what}: {error:?}");
    assert!(error.message.contains(words) && error.detail.next.contains("Update the plugin"), "{what}: {error:?}");
    assert_eq!(place.charges(), before, "{what}");
    place.is_in_good_standing();
    assert_eq!(begin(payment.as_ref(), &border::intent(99, 100)).state, PaymentState::Approved, "{what}");
}

/// What an older plugin may overlook it overlooks; what it must not overlook it refuses before anything happens.
#[test]
fn an_older_plugin_skips_or_refuses_what_it_does_not_know() {
    let programs = grown_programs();
    let place = Place::with(TODAY, &programs);
    let loyal = PaymentIntent { loyalty_card: "4711".into(), ..intent(1, 1_000) };
    let paid = begin(place.payment().as_ref(), &loyal);
    assert_eq!(
        (paid.state, paid.tip_minor),
        (PaymentState::Approved, 0),
        "an answer without what is new has its default"
    );
    let tap = PaymentIntent { contactless_only: true, ..intent(2, 1_000) };
    is_refused_as_too_new(&place, &tap, "version 2 of PaymentIntent, this side knows 1");
    let deposit = PaymentIntent { kind: PaymentKind::Deposit, ..intent(3, 1_000) };
    is_refused_as_too_new(&place, &deposit, "version 3 of PaymentKind, this side knows 2");
}

/// A method that came later is not there in an older plugin, whatever its default in this host is.
#[test]
fn an_older_plugin_has_no_later_method() {
    let programs = grown_programs();
    let place = Place::with(TODAY, &programs);
    let error = place.payment().tip(500).unwrap_err();
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert!(error.message.contains("no method 8"), "{error}");
    place.is_in_good_standing();
    let (plugin, object, _) = border::root_and_object(TODAY);
    assert_eq!((plugin.motto(), object.method_count(), plugin.api().minor), (None, 0, 0));
}

#[test]
fn everything_that_is_new_works_between_two_that_know_it() {
    let programs = grown_programs();
    let place = Place::with(GROWN, &programs);
    let payment = place.payment();
    let kind = PaymentKind::Deposit;
    let all = PaymentIntent { loyalty_card: "4711".into(), contactless_only: true, kind, ..intent(1, 1_000) };
    let paid = begin(payment.as_ref(), &all);
    assert_eq!((paid.state, paid.tip_minor), (PaymentState::Approved, 50));
    assert_eq!(paid.message, "deposit without contact, points for \"4711\"");
    let state = |number, amount| begin(payment.as_ref(), &intent(number, amount)).state;
    assert_eq!((state(2, 401), state(3, 402)), (PaymentState::DeclinedForGood, PaymentState::Suspended));
    let code = |number, amount| payment.begin(&intent(number, amount), &NoProgress).unwrap_err().code;
    assert_eq!((code(4, 403), code(5, 404)), (ErrorCode::CardBlocked, ErrorCode::BankClosed));
    assert_eq!(payment.tip(500), Ok(50));
    assert!(place.said().contains(&"for the grown shop".to_owned()), "{:?}", place.said());
    let (plugin, object, said) = border::root_and_object(GROWN);
    assert_eq!(said, ["attached to the grown shop, pulse 60"]);
    assert_eq!((plugin.motto(), object.method_count()), (Some("made with the grown API"), 8));
}

/// A part of the terminal's manifest, and the same in as many bytes asking for the later version, with a key that came
/// with it.
pub(crate) fn needing_more() -> (&'static str, String) {
    let plain = "api = \"^1\"\npublisher = \"AuraPOS tests\"";
    (plain, format!("{:<width$}", "api = \"^1.1\"\ntips = true", width = plain.len()))
}

#[test]
fn a_plugin_that_needs_the_later_version_has_it_here() {
    let (plain, later) = needing_more();
    let mut library = example(GROWN);
    replace(&mut library, plain.as_bytes(), later.as_bytes());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("libplugin.so");
    std::fs::write(&file, &library).unwrap();
    let packed = pack_library(&TERMINAL.replace(plain, &later), &file, TARGET).unwrap();
    assert!(Manifest::parse(&packed).unwrap().tips);
}
