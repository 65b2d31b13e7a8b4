//! A diagnosis in words: the sentence and the next step of the operator's language, and commands that anybody may try.

use super::{Diagnosis, Finding, Target};
use aurapos_locale::Language;
use aurapos_locale::errors::{self, Told};

/// The facts of a finding's sentence, in the order of the locale's places.
pub(super) fn args(seen: &Diagnosis, target: &Target) -> Vec<String> {
    let place = seen.place();
    let user = target.user.clone().unwrap_or_default();
    let certificate = seen.certificate.as_ref();
    let server = seen.server.clone().unwrap_or_default();
    match seen.finding {
        Finding::Ready => Vec::new(),
        Finding::NotRunning => vec![seen.port.to_string()],
        Finding::AddressChanged => {
            vec![target.host.clone(), seen.found_at.map_or_else(String::new, |at| at.to_string())]
        }
        Finding::OtherNetwork => vec![seen.address_text(), seen.own.join(", ")],
        Finding::NameNotFound => vec![target.host.clone()],
        Finding::WrongPassword | Finding::UserUnknown | Finding::Revoked => vec![user],
        Finding::WrongAuthority => {
            vec![target.host.clone(), certificate.map_or_else(String::new, |one| one.issuer.clone())]
        }
        Finding::WrongHost => vec![target.host.clone(), certificate.map_or_else(String::new, names_of)],
        Finding::Expired => vec![certificate.map_or_else(String::new, |one| day(one.not_after_us))],
        Finding::NotYetValid => vec![certificate.map_or_else(String::new, |one| day(one.not_before_us))],
        Finding::TooOld | Finding::TooNew => vec![server.version],
        Finding::DatabaseMissing | Finding::NotAuraPos => vec![target.database.clone()],
        Finding::OtherShop => vec![server.shop.unwrap_or_default(), target.shop.clone().unwrap_or_default()],
        Finding::Endangered => vec![server.dangers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")],
        _ => vec![place],
    }
}

fn names_of(certificate: &crate::certificate::Facts) -> String {
    let addresses = certificate.addresses.iter().map(ToString::to_string);
    let own = |name: &String| !name.starts_with("127.") && name != "::1" && name != "localhost";
    certificate.names.iter().cloned().chain(addresses).filter(own).collect::<Vec<_>>().join(", ")
}

/// A day as every language of ours reads it.
fn day(time_us: i64) -> String {
    crate::state::day(time_us)
}

impl Diagnosis {
    /// The same, of somebody who wrote and was told so: who only looks sees nothing of it.
    #[must_use]
    pub fn with_a_full_disk(mut self) -> Self {
        self.finding = Finding::DiskFull;
        self.args = vec![self.place()];
        self
    }

    /// All is well.
    pub fn is_good(&self) -> bool {
        self.finding == Finding::Ready
    }

    /// Host and port, as people write them.
    pub fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    fn address_text(&self) -> String {
        self.address.map_or_else(|| self.host.clone(), |address| address.to_string())
    }

    /// The code of the finding; empty when all is well.
    pub fn code(&self) -> &'static str {
        self.finding.code()
    }

    /// What an operator is told: what it is, and what to do next.
    pub fn told(&self, language: Language) -> Told {
        let args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        // Empty facts make half a sentence: then the plain one stands.
        let args = if args.iter().any(|arg| arg.is_empty()) { &[][..] } else { &args[..] };
        let none = || Told { sentence: String::new(), next: String::new() };
        errors::sentence(language, self.code(), args).unwrap_or_else(none)
    }

    /// Lines to type on the master or here that show more; for both systems, since either may be the master.
    pub fn commands(&self) -> Vec<String> {
        let port = self.port;
        let lines: &[&str] = match self.finding {
            Finding::Refused | Finding::NotRunning | Finding::Starting | Finding::NotPostgres => {
                &["aurapos-admin server status", "aurapos-admin server start", "services.msc"]
            }
            Finding::Silence | Finding::Rejected => &[
                "ping HOST",
                "nft list ruleset",
                "ufw status",
                "netsh advfirewall firewall show rule name=\"PostgreSQL AuraPOS\"",
            ],
            Finding::Unreachable | Finding::OtherNetwork | Finding::AddressChanged | Finding::WrongHost => {
                &["ip address", "ipconfig", "ping HOST"]
            }
            Finding::NameNotFound => &["getent hosts HOST", "nslookup HOST"],
            Finding::Expired | Finding::NotYetValid => &["date", "aurapos-admin server status --renew"],
            Finding::NoTls | Finding::TooOld | Finding::TooNew | Finding::Endangered | Finding::NotAdmitted => {
                &["aurapos-admin server status", "aurapos-admin server init"]
            }
            Finding::TooManyConnections | Finding::DiskFull => &["aurapos-admin server status"],
            _ => &[],
        };
        lines.iter().map(|line| line.replace("HOST", &self.host).replace("PORT", &port.to_string())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aurapos_locale::errors::facts;
    use std::collections::BTreeSet;

    fn seen(finding: Finding) -> (Diagnosis, Target) {
        let target =
            Target { user: Some("aurapos_r1".into()), shop: Some("Mine".into()), ..Target::new("192.168.1.10") };
        let mut seen = super::super::diagnose(&Target { host: String::new(), ..target.clone() }, None);
        seen.finding = finding;
        seen.host.clone_from(&target.host);
        seen.found_at = Some([192, 168, 1, 11].into());
        seen.own = vec!["192.168.0.0/24".into()];
        let authority = crate::authority::Authority::new("Other", std::time::SystemTime::now()).unwrap();
        let names = crate::authority::Names { names: vec!["kasse".into()], addresses: Vec::new() };
        let identity = authority.issue(&names, std::time::SystemTime::now()).unwrap();
        seen.certificate = crate::certificate::read_pem(&identity.certificate).map(|(_, facts)| facts);
        let danger = crate::Danger { setting: "fsync".into(), value: "off".into() };
        let version = "14.9".into();
        seen.server = Some(super::super::ServerFacts {
            version,
            shop: Some("Theirs".into()),
            dangers: vec![danger],
            ..Default::default()
        });
        seen.args = args(&seen, &target);
        (seen, target)
    }

    #[test]
    fn every_finding_is_told_with_its_facts_in_every_language() {
        let mut codes = BTreeSet::new();
        for finding in Finding::ALL {
            assert!(codes.insert(finding.code()), "{finding:?} has a code of its own");
            let (seen, _) = seen(finding);
            assert_eq!(seen.args.len(), facts(finding.code()).len().max(1), "{finding:?}");
            assert!(seen.args.iter().all(|arg| !arg.is_empty()), "{finding:?}: {:?}", seen.args);
            for language in Language::ALL {
                let told = seen.told(language);
                assert!(told.sentence.len() > 10 && told.next.len() > 10, "{finding:?} {language:?}: {told:?}");
                for (arg, _) in seen.args.iter().zip(facts(finding.code())) {
                    assert!(told.sentence.contains(arg.as_str()), "{finding:?} {language:?}: {told:?} without {arg}");
                }
            }
        }
    }
}
