//! Meeting a server by a pairing code: the authority is taken from what the server shows, and believed when it is the one of the code.
//!
//! Everything else is webpki's: that this authority signed the server's certificate, for this name, at this time, and that the
//! server has its key. Must not know who signs in afterwards.

use super::code::{Code, Keys};
use crate::certificate;
use crate::diagnosis::judge::{Judge, Judged};
use crate::diagnosis::probe;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};
use std::sync::{Arc, Mutex, PoisonError};

/// Certificates behind the server's own that are looked at: each is a guess at the fingerprint.
const CERTIFICATES_MAX: usize = 2;

/// What a handshake showed.
#[derive(Debug, Default, Clone)]
struct Shown {
    /// The authority that the code is for, DER.
    authority: Option<Vec<u8>>,
    /// Who signed the server's certificate, as it says itself.
    issuer: String,
}

/// What came of a handshake.
#[derive(Debug)]
pub(super) enum Met {
    /// The shop's authority, in PEM. Whether the server's certificate is good under it was not said yet.
    Authority(String),
    /// Whoever answers has nothing of the code's shop; who signed what it shows.
    Stranger(String),
}

/// Shakes hands with whoever answers.
///
/// # Errors
/// The handshake failed before a certificate was shown; in the words of TLS.
pub(super) fn meet(tls: probe::Tls, host: &str, code: &Code, keys: Keys) -> Result<Met, String> {
    let introduction = Arc::new(Judged(Introduction { code: code.clone(), keys, shown: Mutex::default() }));
    let shaken = tls.greet(host, introduction.clone());
    let shown = introduction.0.shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match (shown.authority, shaken) {
        // Where its certificate has ended or is for another name, the diagnosis says so with the authority at hand.
        (Some(der), _) => Ok(certificate::to_pem(&der).map_or(Met::Stranger(shown.issuer), Met::Authority)),
        (None, Err(error)) if shown.issuer.is_empty() => Err(error.to_string()),
        (None, _) => Ok(Met::Stranger(shown.issuer)),
    }
}

/// Believes the authority of a code, and what webpki believes under it.
struct Introduction {
    code: Code,
    keys: Keys,
    shown: Mutex<Shown>,
}

impl Judge for Introduction {
    fn judge(
        &self,
        own: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        revoked: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let authority = between.iter().take(CERTIFICATES_MAX).find(|one| self.code.is_for(&self.keys, one));
        let issuer = certificate::read(own).map_or_else(|| "?".to_owned(), |facts| facts.issuer);
        let shown = Shown { authority: authority.map(|der| der.to_vec()), issuer };
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = shown;
        let Some(authority) = authority else { return Err(CertificateError::UnknownIssuer.into()) };
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), probe::provider());
        let verifier = builder.build().map_err(|error| Error::General(error.to_string()))?;
        verifier.verify_server_cert(own, between, name, revoked, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::{Authority, Names};
    use std::time::{Duration, SystemTime};
    use x509_cert::der::Encode as _;

    /// The certificates of a file, as a handshake shows them.
    fn chain(pem: &str) -> Vec<CertificateDer<'static>> {
        let all = x509_cert::Certificate::load_pem_chain(pem.as_bytes()).unwrap();
        all.iter().map(|one| CertificateDer::from(one.to_der().unwrap())).collect()
    }

    fn der(authority: &Authority) -> CertificateDer<'static> {
        chain(&authority.pem()).remove(0)
    }

    #[test]
    fn only_the_authority_of_the_code_is_believed_and_only_what_it_signed() {
        let now = SystemTime::now();
        let (ours, theirs) = (Authority::new("Shop", now).unwrap(), Authority::new("Shop", now).unwrap());
        let names = Names { names: vec!["localhost".to_owned()], addresses: Vec::new() };
        let issued = |by: &Authority, at: SystemTime| chain(&by.issue(&names, at).unwrap().certificate);
        let code = Code::generate(&der(&ours)).unwrap();
        let judge = |shown: &[CertificateDer<'static>], host: &'static str| {
            let judge = Introduction { code: code.clone(), keys: code.keys().unwrap(), shown: Mutex::default() };
            let name = ServerName::try_from(host).unwrap();
            let judged = judge.judge(&shown[0], &shown[1..], &name, &[], UnixTime::now());
            (judged.is_ok(), judge.shown.lock().unwrap().authority.is_some())
        };
        let good = issued(&ours, now);
        assert_eq!(judge(&good, "localhost"), (true, true));
        assert_eq!(judge(&good, "elsewhere"), (false, true), "for another name");
        let old = issued(&ours, now - Duration::from_secs(4 * 365 * 24 * 3600));
        assert_eq!(judge(&old, "localhost"), (false, true), "ended");
        let stranger = issued(&theirs, now);
        assert_eq!(judge(&stranger, "localhost"), (false, false));
        // Somebody's own certificate with the shop's authority behind it, which everybody can see.
        let forged = [stranger[0].clone(), der(&ours)];
        assert_eq!(judge(&forged, "localhost"), (false, true));
        // Certificates without end would be as many guesses.
        let many = [good[0].clone(), der(&theirs), der(&theirs), der(&ours)];
        assert_eq!(judge(&many, "localhost"), (false, false));
    }
}
