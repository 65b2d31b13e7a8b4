//! The firewall of this machine: which one is at work, the lines that let the shop's registers in, and putting them in.
//!
//! Owns rules for one port only. Nothing of the owner's is changed or removed.

use crate::networks::Network;
use crate::process::run;
use crate::{ServerError, os};
use std::process::Command;

/// What the rule is called; the seed's name.
pub const RULE: &str = "PostgreSQL AuraPOS";

/// A firewall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `ufw`, switched on.
    Ufw,
    /// `firewalld`, running.
    Firewalld,
    /// Rules of nftables that refuse what nobody allowed.
    Nftables,
    /// That of Windows.
    Windows,
    /// None that refuses anything, as far as this user can see.
    None,
}

impl Kind {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ufw => "ufw",
            Kind::Firewalld => "firewalld",
            Kind::Nftables => "nftables",
            Kind::Windows => "Windows Defender Firewall",
            Kind::None => "none",
        }
    }
}

/// A chain of nftables that decides about what comes in: family, table, name.
type Chain = (String, String, String);

/// The firewall, and what lets registers through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firewall {
    /// Which one is at work.
    pub kind: Kind,
    /// The rule is there, as far as this user can see.
    pub is_open: bool,
    /// For the one that is at work: lines of a shell. Where none was seen, those of every one.
    pub lines: Vec<String>,
    /// The chains that the rule belongs into.
    chains: Vec<Chain>,
}

impl Firewall {
    pub(crate) fn none() -> Self {
        Firewall { kind: Kind::None, is_open: false, lines: Vec::new(), chains: Vec::new() }
    }
}

/// Looks which firewall is at work.
pub(crate) fn look(port: u16, networks: &[Network]) -> Firewall {
    if !os::MAKES_SERVERS {
        let lines = vec![netsh(port)];
        return Firewall { kind: Kind::Windows, is_open: false, lines, chains: Vec::new() };
    }
    if let Ok(said) = run(Command::new("ufw").arg("status"), "ufw")
        && said.contains("Status: active")
    {
        let is_open = said.lines().any(|line| line.contains(&port.to_string()) && line.contains("ALLOW"));
        return Firewall { kind: Kind::Ufw, is_open, lines: ufw_lines(port, networks), chains: Vec::new() };
    }
    if run(Command::new("firewall-cmd").arg("--state"), "firewall-cmd").is_ok_and(|said| said.contains("running")) {
        let listed = run(Command::new("firewall-cmd").args(["--list-rich-rules"]), "firewall-cmd").unwrap_or_default();
        let is_open = !networks.is_empty() && networks.iter().all(|network| listed.contains(&rich_rule(port, network)));
        return Firewall { kind: Kind::Firewalld, is_open, lines: firewalld_lines(port, networks), chains: Vec::new() };
    }
    let ruleset = run(Command::new("nft").args(["list", "ruleset"]), "nft").unwrap_or_default();
    let chains = refusing_chains(&ruleset);
    if !chains.is_empty() {
        let is_open = ruleset.contains(&format!("comment \"{RULE}\"")) && ruleset.contains(&format!("dport {port}"));
        return Firewall { kind: Kind::Nftables, is_open, lines: nft_lines(port, networks, &chains), chains };
    }
    let input = vec![("inet".to_owned(), "filter".to_owned(), "input".to_owned())];
    let mut lines = nft_lines(port, networks, &input);
    lines.extend(ufw_lines(port, networks));
    lines.push(netsh(port));
    Firewall { kind: Kind::None, lines, ..Firewall::none() }
}

/// Puts the rule in; whether something changed.
///
/// # Errors
/// This user may not, or the firewall refuses.
pub(crate) fn open(firewall: &Firewall) -> Result<bool, ServerError> {
    if firewall.is_open || firewall.kind == Kind::None {
        return Ok(false);
    }
    if !os::is_root() {
        return Err(ServerError::NeedsRoot { what: "change the firewall".to_owned() });
    }
    for line in &firewall.lines {
        let words = words_of(line);
        let Some((program, arguments)) = words.split_first() else { continue };
        let failed = |error: ServerError| ServerError::Firewall {
            firewall: firewall.kind.name().to_owned(),
            said: error.to_string(),
        };
        run(Command::new(program).args(arguments), program).map_err(failed)?;
    }
    Ok(!firewall.lines.is_empty())
}

fn family(network: &Network) -> &'static str {
    if network.to_string().contains(':') { "ip6" } else { "ip" }
}

/// Inserted, not added: behind a last rule that refuses it would never be reached.
fn nft_lines(port: u16, networks: &[Network], chains: &[Chain]) -> Vec<String> {
    let rule = |chain: &Chain, network: &Network| {
        let (kind, table, name) = chain;
        format!(
            "nft insert rule {kind} {table} {name} {} saddr {network} tcp dport {port} accept comment '\"{RULE}\"'",
            family(network)
        )
    };
    let fits = |chain: &Chain, network: &Network| chain.0 == "inet" || chain.0 == family(network);
    let all = chains.iter().flat_map(|chain| networks.iter().map(move |network| (chain, network)));
    all.filter(|(chain, network)| fits(chain, network)).map(|(chain, network)| rule(chain, network)).collect()
}

fn ufw_lines(port: u16, networks: &[Network]) -> Vec<String> {
    networks
        .iter()
        .map(|network| format!("ufw allow proto tcp from {network} to any port {port} comment '{RULE}'"))
        .collect()
}

fn rich_rule(port: u16, network: &Network) -> String {
    let kind = if family(network) == "ip6" { "ipv6" } else { "ipv4" };
    format!("rule family=\"{kind}\" source address=\"{network}\" port port=\"{port}\" protocol=\"tcp\" accept")
}

fn firewalld_lines(port: u16, networks: &[Network]) -> Vec<String> {
    let add = |network: &Network| format!("firewall-cmd --permanent --add-rich-rule='{}'", rich_rule(port, network));
    let mut lines: Vec<String> = networks.iter().map(add).collect();
    if !lines.is_empty() {
        lines.push("firewall-cmd --reload".to_owned());
    }
    lines
}

fn netsh(port: u16) -> String {
    format!(
        "netsh advfirewall firewall add rule name=\"{RULE}\" dir=in action=allow protocol=TCP localport={port} remoteip=localsubnet"
    )
}

/// Chains at the hook `input` that refuse: by their policy, or by a rule at their end.
fn refusing_chains(ruleset: &str) -> Vec<Chain> {
    let (mut found, mut table, mut chain) = (Vec::new(), None, None);
    let (mut is_input, mut refuses) = (false, false);
    for line in ruleset.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["table", kind, name, "{"] => table = Some(((*kind).to_owned(), (*name).to_owned())),
            ["chain", name, "{"] => {
                chain = Some((*name).to_owned());
                (is_input, refuses) = (false, false);
            }
            ["type", "filter", "hook", "input", ..] => {
                is_input = true;
                refuses |= line.contains("policy drop");
            }
            // Without a condition: everything that comes so far.
            ["drop" | "reject", ..] | ["counter", "packets", _, "bytes", _, "drop" | "reject", ..] => refuses = true,
            ["}"] => {
                if let (Some((kind, table)), Some(name)) = (&table, chain.take()) {
                    if is_input && refuses && ["inet", "ip", "ip6"].contains(&kind.as_str()) {
                        found.push((kind.clone(), table.clone(), name));
                    }
                    is_input = false;
                }
            }
            _ => {}
        }
    }
    found
}

/// The words of one of the lines above, as a shell splits them: quotes of both kinds, no variables.
fn words_of(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for sign in line.chars() {
        match (quote, sign) {
            (Some(open), sign) if sign == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (_, sign) => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks() -> Vec<Network> {
        ["192.168.1.0/24", "fd00:1::/64"].iter().map(|text| Network::parse(text).unwrap()).collect()
    }

    #[test]
    fn every_firewall_has_its_lines() {
        let chain = |kind: &str| (kind.to_owned(), "filter".to_owned(), "input".to_owned());
        assert_eq!(
            nft_lines(5432, &networks(), &[chain("inet"), chain("ip6")]),
            [
                "nft insert rule inet filter input ip saddr 192.168.1.0/24 tcp dport 5432 accept comment '\"PostgreSQL AuraPOS\"'",
                "nft insert rule inet filter input ip6 saddr fd00:1::/64 tcp dport 5432 accept comment '\"PostgreSQL AuraPOS\"'",
                "nft insert rule ip6 filter input ip6 saddr fd00:1::/64 tcp dport 5432 accept comment '\"PostgreSQL AuraPOS\"'",
            ]
        );
        assert_eq!(
            ufw_lines(5433, &networks()[..1]),
            ["ufw allow proto tcp from 192.168.1.0/24 to any port 5433 comment 'PostgreSQL AuraPOS'"]
        );
        assert_eq!(
            firewalld_lines(5432, &networks()[..1]),
            [
                "firewall-cmd --permanent --add-rich-rule='rule family=\"ipv4\" source address=\"192.168.1.0/24\" port port=\"5432\" \
                 protocol=\"tcp\" accept'",
                "firewall-cmd --reload",
            ]
        );
        assert!(netsh(5432).contains("name=\"PostgreSQL AuraPOS\" dir=in action=allow protocol=TCP localport=5432"));
    }

    #[test]
    fn a_line_falls_into_the_words_of_a_shell() {
        assert_eq!(words_of("a 'b c' \"d\" ''"), ["a", "b c", "d", ""]);
        let words = words_of(&nft_lines(5432, &networks()[..1], &[("ip".into(), "f".into(), "i".into())])[0]);
        assert_eq!(words.last().unwrap(), "\"PostgreSQL AuraPOS\"");
        let words = words_of(&firewalld_lines(5432, &networks()[..1])[0]);
        assert_eq!(words.len(), 3, "{words:?}");
        assert!(words[2].starts_with("--add-rich-rule=rule family=\"ipv4\""), "{words:?}");
    }

    #[test]
    fn chains_that_refuse_are_found() {
        let check = |rules: &str, count: usize| {
            let text = format!(
                "table inet filter {{\n\tchain input {{\n{rules}\n\t}}\n\tchain other {{\n\t\tdrop\n\t}}\n}}\n"
            );
            assert_eq!(refusing_chains(&text).len(), count, "{text}");
        };
        check("type filter hook input priority filter; policy drop;\n tcp dport 22 accept", 1);
        check("type filter hook input priority filter; policy accept;\n tcp dport 22 accept", 0);
        check(
            "type filter hook input priority filter; policy accept;\n tcp dport 22 accept\n reject with icmpx admin-prohibited",
            1,
        );
        check("type filter hook input priority filter; policy accept;\n counter packets 0 bytes 0 drop", 1);
        check("type filter hook forward priority filter; policy drop;", 0);
        check("type filter hook input priority filter; policy accept;\n ip saddr 10.0.0.1 drop", 0);
        check("", 0);
    }
}
