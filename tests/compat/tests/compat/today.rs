//! Today's host, with plugins of both versions.

pub(crate) use today_plugin_api::loader::Plugin;
pub(crate) use today_plugin_api::manifest::Manifest;
pub(crate) use today_plugin_api::{AbiLink, Border, contract};
pub(crate) use today_plugin_host as host;
pub(crate) use today_plugin_testkit as kit;

#[path = "border.rs"]
mod border;

use super::{GROWN, PLUGINS};
use aurapos_compat::TERMINAL;
use aurapos_compat::programs::Programs;
use aurapos_tests::plugins::{example, lay, replace};
use border::{Place, begin, intent};
use contract::host::NoProgress;
use contract::payment::PaymentState;
use contract::{ApiVersion, ErrorCode};
use host::{Code, TARGET, pack_library};

#[test]
fn todays_host_works_with_plugins_of_both_versions() {
    for &(library, api) in PLUGINS {
        let place = Place::with(library, &Programs::today());
        border::works(&place, api);
        border::first_party_plugins_work(&place);
    }
}

/// What is new in its answers is skipped, or comes as what is nearest for this host.
#[test]
fn a_later_plugin_is_understood_as_far_as_possible() {
    let place = Place::with(GROWN, &Programs::today());
    let payment = place.payment();
    let paid = begin(payment.as_ref(), &intent(1, 1_000));
    assert_eq!((paid.state, paid.approved_minor, paid.change_minor), (PaymentState::Approved, 1_000, 0));
    assert_eq!(paid.message, "payment as it comes, points for \"\"", "what an older host does not say is the default");
    assert_eq!(
        begin(payment.as_ref(), &intent(2, 401)).state,
        PaymentState::Declined,
        "since 1.1, for older: declined"
    );
    assert_eq!(begin(payment.as_ref(), &intent(3, 402)).state, PaymentState::Unknown, "the fallback");
    let code = |number, amount| payment.begin(&intent(number, amount), &NoProgress).unwrap_err().code;
    assert_eq!(code(4, 403), ErrorCode::Declined, "since 1.1, for older: declined");
    assert_eq!(code(5, 404), ErrorCode::Internal, "the fallback");
    place.is_in_good_standing();
}

/// It asks for what this host does not have, and is told so.
#[test]
fn a_later_plugin_gets_defaults_from_this_host() {
    let place = Place::with(GROWN, &Programs::today());
    begin(place.payment().as_ref(), &intent(1, 1_000));
    let words = "for a shop without a name (Unsupported)".to_owned();
    assert!(place.said().contains(&words), "{:?}", place.said());
    let (plugin, _, said) = border::root_and_object(GROWN);
    assert_eq!(said, ["attached to a shop without a name (Unsupported), pulse 0"]);
    assert_eq!(plugin.api(), ApiVersion { major: 1, minor: 1 }, "this host knows whom it talks to");
}

/// A plugin says in its manifest which hosts it needs; one that needs more than today's is refused with a reason.
#[test]
fn a_plugin_that_needs_the_later_version_says_so() {
    let (plain, later) = super::grown::needing_more();
    let mut library = example(GROWN);
    replace(&mut library, plain.as_bytes(), later.as_bytes());
    let manifest = TERMINAL.replace(plain, &later);
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), TERMINAL, &library);
    let refusal = pack_library(&manifest, &folder.path().join("libplugin.so"), TARGET).unwrap_err();
    assert_eq!(refusal.code, Code::ApiRange, "{refusal}");
    assert!(refusal.message.contains("^1.1") && refusal.message.contains("1.0.0"), "{refusal}");
    // The same key, with the claim to fit today's host: a mistake of the author, by line.
    let refusal =
        pack_library(&manifest.replace("^1.1", "^1"), &folder.path().join("libplugin.so"), TARGET).unwrap_err();
    assert!(refusal.code == Code::Manifest && refusal.message.contains("tips"), "{refusal}");
}
