//! The shop's own authority: made once, it signs the server's certificate, and every register believes it and nobody else.
//!
//! Owns its two files. Must not know who connects to what. See ADR 0030.

use crate::certificate::{self, Facts};
use crate::files::{self, Readers};
use crate::networks::Networks;
use crate::os::{self, Account};
use crate::{Home, ServerError};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData as _, SanType,
};
use std::fs;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// An authority lasts 20 years: longer than the machine, for its end is the end of every pairing.
const AUTHORITY_DAYS: u32 = 20 * 365;
/// A server's certificate lasts three years.
const SERVER_DAYS: u32 = 3 * 365;
/// From its last year on it is made anew at every occasion: whoever starts the server once in two years never sees it end.
pub const RENEWED_DAYS_BEFORE: u32 = 365;
/// Clocks of a shop differ: a certificate is valid a little before it is made.
const BEFORE: Duration = DAY;
/// What the label of a key in PEM says.
const KEY_LABEL: &str = "PRIVATE KEY";

/// Whom a server's certificate is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Names of the machine.
    pub names: Vec<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
}

impl Names {
    /// Every name and address of this machine, and further ones.
    pub fn of_this_machine(networks: &Networks, further: &[String]) -> Self {
        let own = os::machine_name();
        let short = own.split('.').next().unwrap_or_default();
        let mut names: Vec<String> = vec!["localhost".to_owned()];
        let mut addresses = networks.addresses();
        addresses.extend([IpAddr::from([127, 0, 0, 1]), "::1".parse().unwrap_or(IpAddr::from([0_u16; 8]))]);
        // A shop's router often answers for `NAME.local`.
        for name in [own.clone(), short.to_owned(), format!("{short}.local")] {
            if certificate::is_name(&name) {
                names.push(name.to_ascii_lowercase());
            }
        }
        for one in further {
            match one.parse() {
                Ok(address) => addresses.push(address),
                Err(_) => names.push(one.to_ascii_lowercase()),
            }
        }
        names.sort();
        names.dedup();
        addresses.sort();
        addresses.dedup();
        Names { names, addresses }
    }
}

/// An authority with its key.
pub struct Authority {
    der: Vec<u8>,
    key: KeyPair,
    facts: Facts,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// A certificate and its key, both in PEM.
pub struct Identity {
    /// The certificate, and behind it the authority's.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

impl Authority {
    /// A new one for a shop.
    ///
    /// # Errors
    /// The shop's name cannot stand in a certificate.
    pub fn new(shop: &str, now: SystemTime) -> Result<Self, ServerError> {
        let key = KeyPair::generate().map_err(refused)?;
        let params = authority_params(shop, now);
        let der = params.self_signed(&key).map_err(refused)?.der().to_vec();
        Authority::of(der, key)
    }

    fn of(der: Vec<u8>, key: KeyPair) -> Result<Self, ServerError> {
        let facts = certificate::read(&der).ok_or_else(|| broken("its certificate cannot be read"))?;
        Ok(Authority { der, key, facts })
    }

    /// What its certificate says.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Its certificate in PEM.
    pub fn pem(&self) -> String {
        certificate::to_pem(&self.der).unwrap_or_default()
    }

    /// Reads that of a server.
    ///
    /// # Errors
    /// There is none, it cannot be read, others can read its key, or key and certificate do not belong together.
    pub fn read(home: &Home) -> Result<Self, ServerError> {
        let (file, key_file) = (home.authority_file(), home.authority_key_file());
        let failed =
            |why: &str| ServerError::Authority { folder: home.root().display().to_string(), why: why.to_owned() };
        let pem = files::text(&file)?.ok_or_else(|| failed("its certificate is missing"))?;
        let key = files::text(&key_file)?.ok_or_else(|| failed("its key is missing"))?;
        if !os::is_private(&fs::metadata(&key_file).map_err(ServerError::file(&key_file))?) {
            return Err(failed("others on this machine can read its key"));
        }
        let (der, facts) = certificate::read_pem(&pem).ok_or_else(|| failed("its certificate is damaged"))?;
        let key = key_of(&key).ok_or_else(|| failed("its key is damaged"))?;
        if !has_key(&der, &key) {
            return Err(failed("its key belongs to another certificate"));
        }
        Ok(Authority { der, key, facts })
    }

    /// Reads that of a server, or makes one; whether it was made. The key is written before the certificate: a run that was
    /// killed between leaves a key that is used again.
    ///
    /// # Errors
    /// As [`Authority::read`], or the files cannot be written.
    pub(crate) fn ensure(home: &Home, shop: &str, owner: &Account) -> Result<(Self, bool), ServerError> {
        let (file, key_file) = (home.authority_file(), home.authority_key_file());
        if file.exists() {
            return Ok((Authority::read(home)?, false));
        }
        let known = files::text(&key_file)?.and_then(|text| key_of(&text));
        let key = match known {
            Some(key) => key,
            None => {
                let key = KeyPair::generate().map_err(refused)?;
                files::put(&key_file, key_pem(&key)?.as_bytes(), Readers::Owner, Some(owner))?;
                key
            }
        };
        let der = authority_params(shop, SystemTime::now()).self_signed(&key).map_err(refused)?.der().to_vec();
        let authority = Authority::of(der, key)?;
        files::put(&file, authority.pem().as_bytes(), Readers::All, Some(owner))?;
        Ok((authority, true))
    }

    /// Signs a new certificate for a server.
    ///
    /// # Errors
    /// A name cannot stand in a certificate.
    pub fn issue(&self, names: &Names, now: SystemTime) -> Result<Identity, ServerError> {
        let key = KeyPair::generate().map_err(refused)?;
        let mut params = CertificateParams::default();
        let mut subject = DistinguishedName::new();
        subject.push(DnType::CommonName, "AuraPOS server");
        subject.push(DnType::OrganizationName, organization(&self.facts.subject));
        params.distinguished_name = subject;
        params.not_before = (now - BEFORE).into();
        params.not_after = (now + DAY * SERVER_DAYS).into();
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        for name in &names.names {
            params.subject_alt_names.push(SanType::DnsName(name.as_str().try_into().map_err(refused)?));
        }
        params.subject_alt_names.extend(names.addresses.iter().map(|address| SanType::IpAddress(*address)));
        // The issuer's name must be the one in the authority's certificate, letter by letter.
        let issuer = Issuer::new(named_params(&self.facts.subject), &self.key);
        let der = params.signed_by(&key, &issuer).map_err(refused)?.der().to_vec();
        let own = certificate::to_pem(&der).ok_or_else(|| broken("the new certificate cannot be read"))?;
        Ok(Identity { certificate: own + &self.pem(), key: key_pem(&key)? })
    }
}

/// Why a certificate is to be made anew; `None` while it will do.
pub fn renewal(present: Option<&Facts>, authority: &Facts, names: &Names, now: SystemTime) -> Option<String> {
    let Some(present) = present else { return Some("there is none".to_owned()) };
    // A new authority of the same shop has the same name.
    if present.issuer != authority.subject || present.issuer_key_id != authority.key_id {
        return Some("another authority signed it".to_owned());
    }
    let left_us = present.not_after_us.saturating_sub(crate::state::microseconds(now));
    if left_us < i64::from(RENEWED_DAYS_BEFORE) * 24 * 3600 * 1_000_000 {
        return Some("it ends within a year".to_owned());
    }
    let missing_name = names.names.iter().find(|name| !present.names.contains(name)).cloned();
    let missing_address = names.addresses.iter().find(|address| !present.addresses.contains(address));
    let missing = missing_name.or_else(|| missing_address.map(IpAddr::to_string));
    missing.map(|missing| format!("{missing} is not in it"))
}

fn organization(subject: &str) -> &str {
    subject.strip_prefix("AuraPOS authority of ").unwrap_or(subject)
}

fn authority_params(shop: &str, now: SystemTime) -> CertificateParams {
    let mut params = named_params(&subject_of(shop));
    params.not_before = (now - BEFORE).into();
    params.not_after = (now + DAY * AUTHORITY_DAYS).into();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params
}

fn named_params(subject: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, subject);
    params.distinguished_name = name;
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A common name has at most 64 characters (X.520).
fn subject_of(shop: &str) -> String {
    format!("AuraPOS authority of {shop}").chars().take(64).collect::<String>().trim_end().to_owned()
}

fn key_pem(key: &KeyPair) -> Result<String, ServerError> {
    let encoded =
        x509_cert::der::pem::encode_string(KEY_LABEL, x509_cert::der::pem::LineEnding::LF, key.serialized_der());
    encoded.map_err(|error| broken(&error.to_string()))
}

fn key_of(pem: &str) -> Option<KeyPair> {
    let (label, der) = x509_cert::der::pem::decode_vec(pem.as_bytes()).ok()?;
    let der = rustls::pki_types::PrivatePkcs8KeyDer::from(der);
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_ECDSA_P256_SHA256).ok()?;
    (label == KEY_LABEL).then_some(key)
}

/// Whether a certificate is for this key.
fn has_key(der: &[u8], key: &KeyPair) -> bool {
    use x509_cert::der::{Decode as _, Encode as _};
    let certificate = x509_cert::Certificate::from_der(der).ok();
    let public = certificate.and_then(|one| one.tbs_certificate.subject_public_key_info.to_der().ok());
    public.is_some_and(|public| public == key.subject_public_key_info())
}

/// Takes an authority away that was made under another name, before anybody believed it.
pub(crate) fn forget_other(home: &Home, shop: &str) -> Result<(), ServerError> {
    let present = files::text(&home.authority_file())?.and_then(|pem| certificate::read_pem(&pem));
    if present.is_some_and(|(_, facts)| facts.subject != subject_of(shop)) {
        for file in [home.authority_file(), home.authority_key_file()] {
            fs::remove_file(&file).map_err(ServerError::file(&file))?;
        }
    }
    Ok(())
}

/// Whether a certificate and a key in PEM are for each other.
pub(crate) fn is_pair(certificate_file: &std::path::Path, key_file: &std::path::Path) -> bool {
    let read = |file: &std::path::Path| files::text(file).ok().flatten();
    let certificate = read(certificate_file).and_then(|pem| certificate::read_pem(&pem));
    let key = read(key_file).and_then(|pem| key_of(&pem));
    certificate.zip(key).is_some_and(|((der, _), key)| has_key(&der, &key))
}

fn refused(error: rcgen::Error) -> ServerError {
    broken(&error.to_string())
}

fn broken(why: &str) -> ServerError {
    ServerError::Authority { folder: "Postgres".to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names { names: vec!["kasse".into()], addresses: vec!["192.168.1.10".parse().unwrap()] }
    }

    fn home() -> (tempfile::TempDir, Home) {
        let place = tempfile::tempdir().unwrap();
        let home = Home::of_data(place.path());
        fs::create_dir(home.root()).unwrap();
        (place, home)
    }

    #[test]
    fn an_authority_names_its_shop_and_signs_for_a_machine() {
        let now = SystemTime::now();
        for shop in ["Épicerie du Coin", "A, B + \"C\"", &"é".repeat(64)] {
            let authority = Authority::new(shop, now).unwrap();
            let start: String = format!("AuraPOS authority of {shop}").chars().take(64).collect();
            assert_eq!(authority.facts().subject, start);
            let years =
                (authority.facts().not_after_us - authority.facts().not_before_us) / (365 * 24 * 3600 * 1_000_000);
            assert_eq!(years, 20);
            let identity = authority.issue(&names(), now).unwrap();
            let (_, facts) = certificate::read_pem(&identity.certificate).unwrap();
            assert_eq!(facts.issuer, authority.facts().subject);
            assert_eq!((facts.names, facts.addresses), (names().names, names().addresses));
            assert!(identity.certificate.contains(&authority.pem()) && identity.key.contains("BEGIN PRIVATE KEY"));
        }
    }

    #[test]
    fn a_certificate_is_renewed_in_time_and_for_a_new_address() {
        let now = SystemTime::now();
        let authority = Authority::new("Shop", now).unwrap();
        let made =
            |then: SystemTime| certificate::read_pem(&authority.issue(&names(), then).unwrap().certificate).unwrap().1;
        let check = |present: Option<&Facts>, names: &Names, why: Option<&str>| {
            assert_eq!(renewal(present, authority.facts(), names, now).as_deref(), why);
        };
        let fresh = made(now);
        check(Some(&fresh), &names(), None);
        check(None, &names(), Some("there is none"));
        check(Some(&made(now - DAY * 2 * 364)), &names(), None);
        check(Some(&made(now - DAY * (2 * 365 + 1))), &names(), Some("it ends within a year"));
        let moved = Names { addresses: vec!["192.168.1.11".parse().unwrap()], ..names() };
        check(Some(&fresh), &moved, Some("192.168.1.11 is not in it"));
        let renamed = Names { names: vec!["bar".into()], ..names() };
        check(Some(&fresh), &renamed, Some("bar is not in it"));
        // A machine that lost an address keeps its certificate: the cable may be back tomorrow.
        check(Some(&fresh), &Names::default(), None);
        for shop in ["Other", "Shop"] {
            let other = Authority::new(shop, now).unwrap();
            assert_eq!(
                renewal(Some(&fresh), other.facts(), &names(), now).as_deref(),
                Some("another authority signed it")
            );
        }
    }

    #[test]
    fn an_authority_is_made_once_and_its_files_belong_together() {
        let (_place, home) = home();
        let owner = Account::own().unwrap();
        let (first, made) = Authority::ensure(&home, "Shop", &owner).unwrap();
        let (second, again) = Authority::ensure(&home, "Shop", &owner).unwrap();
        assert!(made && !again && first.facts() == second.facts());
        // Killed between key and certificate: the key stays.
        let key = fs::read(home.authority_key_file()).unwrap();
        fs::remove_file(home.authority_file()).unwrap();
        Authority::ensure(&home, "Shop", &owner).unwrap();
        assert_eq!(fs::read(home.authority_key_file()).unwrap(), key);
        let check = |why: &str| {
            let error = Authority::read(&home).unwrap_err();
            assert!(error.code() == "AP-0618" && error.to_string().contains(why), "{error}");
        };
        let other = key_pem(&KeyPair::generate().unwrap()).unwrap();
        files::put(&home.authority_key_file(), other.as_bytes(), Readers::Owner, None).unwrap();
        check("belongs to another");
        files::put(&home.authority_key_file(), b"no key", Readers::Owner, None).unwrap();
        check("key is damaged");
        files::put(&home.authority_key_file(), &key, Readers::All, None).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(home.authority_key_file(), fs::Permissions::from_mode(0o644)).unwrap();
            check("others on this machine");
            fs::set_permissions(home.authority_key_file(), fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::write(home.authority_file(), "no certificate").unwrap();
        check("certificate is damaged");
        fs::remove_file(home.authority_key_file()).unwrap();
        check("key is missing");
    }
}
