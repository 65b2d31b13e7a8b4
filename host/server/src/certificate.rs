//! What a certificate says: whose it is, whom it names, from when to when, its fingerprint.
//!
//! Must not know how it is made ([`crate::authority`]) or believed (rustls).

use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::time::Duration;
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _, EncodePem as _};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectAltName, SubjectKeyIdentifier};

/// What is read of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whom it is for: its common name.
    pub subject: String,
    /// Who signed it: the authority's common name.
    pub issuer: String,
    /// Names of machines that it is for.
    pub names: Vec<String>,
    /// Addresses that it is for.
    pub addresses: Vec<IpAddr>,
    /// Not valid before, microseconds since 1970 UTC.
    pub not_before_us: i64,
    /// Not valid after, microseconds since 1970 UTC.
    pub not_after_us: i64,
    /// The key that it is for, where it says so: an authority's does.
    pub key_id: Option<String>,
    /// The key that signed it, where it says so.
    pub issuer_key_id: Option<String>,
    /// SHA-256 of the certificate, as people compare it: `AB:CD:…`.
    pub fingerprint: String,
}

/// Reads a certificate in DER.
pub fn read(der: &[u8]) -> Option<Facts> {
    let certificate = Certificate::from_der(der).ok()?;
    let body = &certificate.tbs_certificate;
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    let others = body.filter::<SubjectAltName>().filter_map(Result::ok).flat_map(|(_, others)| others.0);
    for other in others {
        match other {
            GeneralName::DnsName(name) => names.push(name.to_string()),
            GeneralName::IpAddress(bytes) => addresses.extend(address_of(bytes.as_bytes())),
            _ => {}
        }
    }
    let key = body.filter::<SubjectKeyIdentifier>().find_map(Result::ok).map(|(_, key)| hex(key.0.as_bytes()));
    let issuer =
        body.filter::<AuthorityKeyIdentifier>().find_map(Result::ok).and_then(|(_, issuer)| issuer.key_identifier);
    Some(Facts {
        key_id: key,
        issuer_key_id: issuer.map(|key| hex(key.as_bytes())),
        subject: common_name(&body.subject),
        issuer: common_name(&body.issuer),
        names,
        addresses,
        not_before_us: microseconds(body.validity.not_before.to_unix_duration()),
        not_after_us: microseconds(body.validity.not_after.to_unix_duration()),
        fingerprint: fingerprint(der),
    })
}

/// Reads the first certificate of a file in PEM; its DER and what it says.
pub fn read_pem(pem: &str) -> Option<(Vec<u8>, Facts)> {
    let der = Certificate::load_pem_chain(pem.as_bytes()).ok()?.first()?.to_der().ok()?;
    let facts = read(&der)?;
    Some((der, facts))
}

/// A certificate as files and people carry it.
pub(crate) fn to_pem(der: &[u8]) -> Option<String> {
    Certificate::from_der(der).ok()?.to_pem(x509_cert::der::pem::LineEnding::LF).ok()
}

/// SHA-256, in pairs: what people compare by eye.
pub fn fingerprint(der: &[u8]) -> String {
    let pairs: Vec<String> = Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text is a name of a machine: letters, digits and hyphens between dots.
pub fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        (1..=63).contains(&label.len()) && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label) && text.parse::<IpAddr>().is_err()
}

fn address_of(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

fn microseconds(since_1970: Duration) -> i64 {
    i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
}

/// The text behind `CN=`; names with a comma keep it.
fn common_name(name: &x509_cert::name::Name) -> String {
    use x509_cert::der::asn1::{PrintableStringRef, Utf8StringRef};
    // 2.5.4.3 is the common name.
    let parts = name.0.iter().flat_map(|part| part.0.iter());
    let common = parts.filter(|part| part.oid.to_string() == "2.5.4.3").find_map(|part| {
        let utf8 = part.value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str().to_owned());
        utf8.or_else(|_| part.value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str().to_owned())).ok()
    });
    common.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_machines_are_told_from_other_texts() {
        for (text, expected) in [
            ("kasse-1", true),
            ("master.shop.lan", true),
            ("192.168.1.10", false),
            ("::1", false),
            ("a b", false),
            ("-a", false),
            ("a..b", false),
            ("", false),
            ("é", false),
        ] {
            assert_eq!(is_name(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_certificate_says_nothing() {
        assert_eq!(read(b"nothing"), None);
        assert_eq!(read_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), None);
    }
}
