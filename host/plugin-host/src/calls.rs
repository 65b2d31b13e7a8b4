//! Names of the calls into plugins, as numbers that fit into a sentinel: the methods of the contract's tables, and what the
//! host does with a library before and after there are any.

use aurapos_contract::backup::BackupTable;
use aurapos_contract::call::{Lane, Method, Repeat, Table, Within};
use aurapos_contract::events::EventsTable;
use aurapos_contract::payment::PaymentTable;
use aurapos_contract::printer::PrinterTable;
use aurapos_contract::settings::SettingsTable;
use aurapos_contract::storage::{StorageTable, StoreTable};

/// What the host does itself, in no table.
const fn own(number: u32, name: &'static str) -> Method {
    let (lane, within, repeat) = (Lane::Main, Within::Start, Repeat::Never);
    Method { kind: 0, number, name, lane, within, repeat, always: true }
}

/// Opening the library, up to its health.
pub(crate) static LOAD: Method = own(1, "loading");
/// A factory.
pub(crate) static FACTORY: Method = own(2, "starting");
/// Dropping an object.
pub(crate) static DROP: Method = own(3, "cleaning up");

/// All methods that a plugin can be inside of.
fn all() -> impl Iterator<Item = &'static Method> {
    let tables = [
        SettingsTable::METHODS,
        StorageTable::METHODS,
        StoreTable::METHODS,
        PaymentTable::METHODS,
        BackupTable::METHODS,
        PrinterTable::METHODS,
        EventsTable::METHODS,
    ];
    [&LOAD, &FACTORY, &DROP].into_iter().chain(tables.into_iter().flatten().copied())
}

/// The name of the call with that [`Method::code`].
pub(crate) fn name_of(code: u32) -> &'static str {
    all().find(|method| method.code() == code).map_or("an unknown call", |method| method.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_call_has_a_number_of_its_own_and_is_never_none() {
        let mut seen: BTreeMap<u32, &str> = BTreeMap::new();
        for method in all() {
            assert!(method.code() != 0);
            assert_eq!(seen.insert(method.code(), method.name), None, "{}", method.name);
            assert_eq!(name_of(method.code()), method.name);
        }
        assert_eq!(name_of(0), "an unknown call");
    }

    #[test]
    fn money_and_commits_are_never_repeated_blindly() {
        for method in all() {
            let careful = matches!(method.within, Within::Payment | Within::Commit);
            assert!(!careful || method.repeat != Repeat::Freely, "{}", method.name);
            assert!(!careful || !method.always, "{}: nothing new is begun with a plugin in quarantine", method.name);
        }
    }
}
