//! What is wished for when a server is made; what is left open stays as it was, or is chosen.

use crate::networks::Network;
use crate::{Facts, ServerError};
use std::path::PathBuf;

/// Letters of a shop's name that fit into a certificate (X.520: 64).
pub(crate) const SHOP_CHARACTERS_MAX: usize = 64;
/// Letters of a register's code, so that its role has a name that PostgreSQL keeps whole (63 bytes).
const REGISTER_CHARACTERS_MAX: usize = 32;

/// Whether something beyond the server's own folders is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consent {
    /// The lines are shown.
    #[default]
    Shown,
    /// It is done.
    Done,
}

/// What is wished for.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Name of the shop.
    pub shop: Option<String>,
    /// Code of this machine's register.
    pub register: Option<String>,
    /// The port; 5432 where nothing is said.
    pub port: Option<u16>,
    /// Addresses to listen at beside the machine itself; empty: those of the shop's networks, found anew at each start.
    pub listen: Option<Vec<String>>,
    /// Networks that are let in beside those of the addresses: a VPN.
    pub networks: Option<Vec<Network>>,
    /// Further names of this machine for its certificate.
    pub names: Option<Vec<String>>,
    /// The folder of the cluster, elsewhere than in the data folder.
    pub cluster: Option<PathBuf>,
    /// The user whom the server runs as.
    pub user: Option<String>,
    /// The folder of PostgreSQL's programs.
    pub tools: Option<PathBuf>,
    /// The locale of the database.
    pub locale: Option<String>,
    /// Whether the firewall's lines are put in.
    pub firewall: Consent,
}

impl Wish {
    /// This wish, and what was chosen before where it leaves something open.
    pub(crate) fn or_of(&self, before: &Facts) -> Wish {
        let networks = before.further_networks();
        let known = |path: &PathBuf| Some(path.clone()).filter(|path| !path.as_os_str().is_empty());
        Wish {
            shop: self.shop.clone().or_else(|| Some(before.shop.clone())),
            register: self.register.clone().or_else(|| Some(before.register.clone())),
            port: self.port.or(Some(before.port)),
            listen: self.listen.clone().or_else(|| Some(before.listen.clone())),
            networks: self.networks.clone().or(Some(networks)),
            names: self.names.clone().or_else(|| Some(before.names.clone())),
            cluster: self.cluster.clone().or_else(|| Some(before.cluster.clone()).filter(|path| path.is_absolute())),
            user: self.user.clone(),
            tools: self.tools.clone().or_else(|| known(&before.tools)),
            locale: self.locale.clone().or_else(|| Some(before.locale.clone())),
            firewall: self.firewall,
        }
    }

    /// Checks what can be checked alone.
    ///
    /// # Errors
    /// A choice is not possible.
    pub(crate) fn check(&self) -> Result<(), ServerError> {
        if let Some(shop) = &self.shop {
            check_shop(shop)?;
        }
        if let Some(register) = &self.register {
            role_of(register)?;
        }
        if self.port == Some(0) {
            return Err(ServerError::choice("0 is no port"));
        }
        for address in self.listen.iter().flatten() {
            if address.parse::<std::net::IpAddr>().is_err() {
                return Err(ServerError::choice(format!("\"{address}\" is no address to listen at")));
            }
        }
        for name in self.names.iter().flatten() {
            if !crate::certificate::is_name(name) && name.parse::<std::net::IpAddr>().is_err() {
                return Err(ServerError::choice(format!("\"{name}\" is no name of a machine")));
            }
        }
        Ok(())
    }
}

/// A shop's name that a certificate and a file can hold.
pub(crate) fn check_shop(shop: &str) -> Result<(), ServerError> {
    let count = shop.chars().count();
    if count == 0 || count > SHOP_CHARACTERS_MAX || shop.trim() != shop || shop.chars().any(char::is_control) {
        let what = format!("the shop's name has 1 to {SHOP_CHARACTERS_MAX} characters, none of them invisible");
        return Err(ServerError::choice(what));
    }
    Ok(())
}

/// The names of the groups, of the reader and of pairing.
const TAKEN_ROLES: [&str; 6] = [
    "aurapos_owner",
    "aurapos_register",
    "aurapos_readonly",
    "aurapos_reader",
    crate::pair::PAIRING,
    crate::pair::INVITED,
];
/// The longest code that stands in receipt numbers.
const CODE_CHARACTERS_MAX: usize = 8;

/// The role of a register that is paired, whose code is one of a register: a capital, then capitals and digits.
pub(crate) fn register_role_of(register: &str) -> Option<String> {
    let rest = register.strip_prefix(|first: char| first.is_ascii_uppercase())?;
    let plain = rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    role_of(register).ok().filter(|_| plain && register.len() <= CODE_CHARACTERS_MAX)
}

/// The role of a register: `aurapos_r1` for `R1`.
///
/// # Errors
/// The code is not made of letters and digits of ASCII, `-` and `_`.
pub fn role_of(register: &str) -> Result<String, ServerError> {
    let plain = register.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let role = format!("aurapos_{}", register.to_ascii_lowercase());
    let taken = TAKEN_ROLES.contains(&role.as_str()) || role.starts_with(crate::pair::ROLE_PREFIX);
    if register.is_empty() || register.len() > REGISTER_CHARACTERS_MAX || !plain || taken {
        return Err(ServerError::choice(format!("\"{register}\" cannot be a register of a shared server")));
    }
    Ok(role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_named_after_its_register() {
        for (register, role) in [
            ("R1", Some("aurapos_r1")),
            ("bar-2", Some("aurapos_bar-2")),
            ("", None),
            ("owner", None),
            ("Reader", None),
            ("Régie", None),
            ("a\"b", None),
            ("a b", None),
            ("PAIRING", None),
            ("invited", None),
            ("pair_x", None),
        ] {
            assert_eq!(role_of(register).ok().as_deref(), role, "{register}");
        }
        assert!(role_of(&"a".repeat(32)).is_ok() && role_of(&"a".repeat(33)).is_err());
    }

    #[test]
    fn a_register_is_paired_under_a_code_of_receipts() {
        for (register, role) in [
            ("R2", Some("aurapos_r2")),
            ("BAR2", Some("aurapos_bar2")),
            ("r2", None),
            ("2R", None),
            ("R-2", None),
            ("", None),
            ("OWNER", None),
            ("ABCDEFGHI", None),
        ] {
            assert_eq!(register_role_of(register).as_deref(), role, "{register}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        let check = |wish: Wish, words: &str| {
            let error = wish.check().unwrap_err();
            assert!(error.code() == "AP-0619" && error.to_string().contains(words), "{error}");
        };
        check(Wish { shop: Some(" a".into()), ..Wish::default() }, "1 to 64");
        check(Wish { shop: Some("a\nb".into()), ..Wish::default() }, "invisible");
        check(Wish { shop: Some("é".repeat(65)), ..Wish::default() }, "1 to 64");
        check(Wish { port: Some(0), ..Wish::default() }, "no port");
        check(Wish { listen: Some(vec!["*".into()]), ..Wish::default() }, "no address");
        check(Wish { names: Some(vec!["a b".into()]), ..Wish::default() }, "no name");
        Wish { shop: Some("é".repeat(64)), ..Wish::default() }.check().unwrap();
    }
}
