//! PINs, permissions, and a lockout that a clock cannot cheat.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::calendar::{SECOND_US, Timestamp};

#[test]
fn pins_that_may_be_chosen() {
    fn check(text: &str, expected: Result<(), PinError>) {
        assert_eq!(Pin::choose(text).map(|_| ()), expected, "{text}");
    }
    for text in ["4711", "2580", "1212", "13579246", "1235", "0007"] {
        check(text, Ok(()));
    }
    for text in ["", "471", "471147114", "47a1", "4 11", "４７１１"] {
        check(text, Err(PinError::Form));
    }
    for text in ["0000", "99999999", "55555"] {
        check(text, Err(PinError::Repeated));
    }
    for text in ["1234", "0123", "12345678", "4321", "9876"] {
        check(text, Err(PinError::InARow));
    }
    assert!(Pin::parse("0000").is_ok(), "who signs in is told that the PIN is wrong, not that it is weak");
    assert_eq!(format!("{:?}", Pin::parse("4711").unwrap()), "Pin(hidden)");
}

#[test]
fn roles_allow_and_refuse() {
    let may = |role: Role, active, permission| {
        Operator { id: OperatorId::from_bytes([1; 16]), name: "Mia".to_owned(), role, active }.may(permission)
    };
    assert!(may(Role::cashier(), true, Permission::Sell));
    assert!(!may(Role::cashier(), true, Permission::PriceOverride));
    assert!(!may(Role::cashier(), true, Permission::ManageOperators));
    for permission in Permission::ALL {
        assert!(may(Role::manager(), true, *permission));
        assert!(!may(Role::manager(), false, *permission), "somebody who left may nothing");
        assert_eq!(Permission::from_code(permission.code()), Some(*permission));
        let one = PermissionSet::NONE.with(*permission);
        assert_eq!(one.iter().collect::<Vec<_>>(), [*permission], "one bit each");
        assert_eq!(one.without(*permission), PermissionSet::NONE);
    }
    assert_eq!(Role::built_in("manager"), Some(Role::manager()));
    assert_eq!(Role::built_in("owner"), None);
    let owner = Role::unknown("owner");
    assert_eq!((owner.code.as_str(), owner.permissions), ("owner", PermissionSet::NONE), "kept, and allowed nothing");
    assert_eq!(Permission::from_code("fly"), None);
    let newer = PermissionSet::from_bits(1 << 63 | 1);
    assert_eq!(newer.bits(), 1 << 63 | 1, "permissions of a newer program are kept");
}

#[test]
fn permissions_of_a_newer_program_are_kept_and_allow_nothing() {
    let stored = RolePermissions::parse("sell  fly refund sell\nbark");
    assert_eq!(stored.to_string(), "bark fly refund sell", "sorted, each once, nothing lost");
    assert_eq!(stored.known, PermissionSet::of(&[Permission::Sell, Permission::Refund]));
    let role = Role::new("shift", "Shift", stored.clone());
    assert_eq!((role.permissions, role.allows()), (stored.known, stored));
    assert_eq!(RolePermissions::parse("").to_string(), "");
    assert_eq!(Role::new("manager", "Boss", RolePermissions::parse("sell")), Role::manager(), "whatever is stored");
    assert_ne!(Role::new("cashier", "", RolePermissions::default()), Role::cashier(), "a shop may change it");
}

#[test]
fn nobody_decides_about_what_they_have_not() {
    fn check(mine: &Role, wanted: &str, lacks: Result<(), Lacking>) {
        assert_eq!(mine.has(&RolePermissions::parse(wanted)), lacks, "{} {wanted}", mine.code);
        assert_eq!(
            mine.covers(&Role::new("other", "", RolePermissions::parse(wanted))),
            lacks,
            "{} {wanted}",
            mine.code
        );
    }
    let shift = Role::new("shift", "", RolePermissions::parse("sell manage_operators fly"));
    check(&shift, "", Ok(()));
    check(&shift, "sell fly", Ok(()));
    check(&shift, "sell refund", Err(Lacking::Right(Permission::Refund)));
    check(&shift, "sell swim", Err(Lacking::Newer("swim".to_owned())));
    check(&Role::manager(), "sell refund swim", Ok(()));
    check(&Role::unknown("owner"), "sell", Err(Lacking::Right(Permission::Sell)));
    let all = Role::new("all", "", Role::manager().allows());
    assert_eq!(all.covers(&Role::manager()), Err(Lacking::Everything), "not those of tomorrow");
    assert_eq!(Role::manager().covers(&all).and(Role::manager().covers(&Role::manager())), Ok(()));
}

#[test]
fn codes_and_names_of_roles() {
    for code in ["shift", "a", "shift-lead_2", "manager"] {
        assert_eq!(Role::check_code(code), Ok(()), "{code}");
    }
    for code in ["", "Shift", "2shift", "-a", "chef d'équipe", "a b", "abcdefghijklmnopqrstuvwxyz0123456"] {
        assert!(Role::check_code(code).is_err(), "{code}");
    }
    assert!(Role::check_name("Chef d'équipe").is_ok());
    assert!(Role::check_name(&"é".repeat(Role::NAME_CHARS_MAX)).is_ok());
    for name in ["", " ", "a\nb", &"é".repeat(Role::NAME_CHARS_MAX + 1)] {
        assert!(Role::check_name(name).is_err(), "{name}");
    }
}

/// The whole table: what a cashier may is a decision, and so is what is added to it.
#[test]
fn a_cashier_may_exactly_this() {
    let may: Vec<&str> = Role::cashier().permissions.iter().map(Permission::code).collect();
    assert_eq!(may, ["sell", "drawer_session", "reprint", "void_line"]);
}

/// Types wrong PINs at the given seconds, waiting out nothing, and tells the lock after each.
fn locks_s(times_s: &[i64]) -> Vec<i64> {
    let policy = LockoutPolicy::default();
    let mut state = LockoutState::default();
    let mut locks = Vec::new();
    for time in times_s {
        state = policy.after_failure(state, Timestamp(time * SECOND_US));
        locks.push(state.lock_us / SECOND_US);
    }
    locks
}

#[test]
fn locks_double_up_to_an_hour() {
    let thirteen: Vec<i64> = (0..13).collect();
    assert_eq!(locks_s(&thirteen), [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    assert_eq!(locks_s(&[0; 200]).last(), Some(&3600), "no overflow however patient somebody is");
}

#[test]
fn a_lock_ends_by_waiting_and_never_by_the_clock() {
    let policy = LockoutPolicy::default();
    let at = |s: i64| Timestamp(s * SECOND_US);
    let locked = LockoutState { failures: 5, locked_from: at(1000), lock_us: 30 * SECOND_US };
    let left_s = |state, now| policy.at(state, now).1.map(|us| us / SECOND_US);
    assert_eq!(left_s(locked, at(1000)), Some(30));
    assert_eq!(left_s(locked, at(1029)), Some(1));
    assert_eq!(left_s(locked, at(1030)), None);
    // Back by a day: the lock starts again from there, in full, and then ends.
    let (moved, left) = policy.at(locked, at(1000 - 86_400));
    assert_eq!((left, moved.locked_from), (Some(30 * SECOND_US), at(1000 - 86_400)));
    assert_eq!(left_s(moved, at(1000 - 86_400 + 29)), Some(1));
    assert_eq!(left_s(moved, at(1000 - 86_400 + 30)), None);
    // Back by a second in the middle of it: never earlier than it would have been.
    assert_eq!(left_s(locked, at(999)), Some(30));
    assert_eq!(left_s(LockoutState::default(), at(i64::MIN / SECOND_US)), None);
    assert_eq!(left_s(LockoutState { locked_from: Timestamp(i64::MIN), ..locked }, Timestamp(i64::MAX)), None);
}
