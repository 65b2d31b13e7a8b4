//! The certificates of a made-up shop, good ones and bad ones.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};

/// An authority of its own.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate with its key, both as PEM.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl Authority {
    /// Another one with every call, whatever its name is.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let mut wanted = CertificateParams::default();
        wanted.distinguished_name.push(DnType::CommonName, name);
        wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = wanted.self_signed(&key).expect("the authority signs itself").pem();
        Self { issuer: Issuer::new(wanted, key), pem }
    }

    /// The authority's own certificate, as PEM: what clients are given.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for these host names and addresses.
    #[must_use]
    pub fn issue(&self, names: &[&str]) -> Identity {
        self.issue_until(names, 2090)
    }

    /// The same, valid until the beginning of a year.
    #[must_use]
    pub fn issue_until(&self, names: &[&str], year: i32) -> Identity {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let key = KeyPair::generate().expect("a key can be made");
        let mut wanted = CertificateParams::new(names).expect("these are names");
        wanted.distinguished_name.push(DnType::CommonName, "AuraPOS test server");
        wanted.not_before = date_time_ymd(2020, 1, 1);
        wanted.not_after = date_time_ymd(year, 1, 1);
        let certificate = wanted.signed_by(&key, &self.issuer).expect("the authority signs").pem();
        Identity { certificate, key: key.serialize_pem() }
    }
}
