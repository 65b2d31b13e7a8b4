//! TLS with the shop's own authority: the only one that is believed.

use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What connects with TLS. `authority` is PEM text.
pub(crate) fn connector(authority: &str) -> PluginResult<MakeRustlsConnect> {
    let wrong = |words: String| {
        PluginError::new(ErrorCode::Config, format!("the setting `authority` {words}")).with_next(
            "Give the certificate of the shop's own authority, as PEM: the file that the server's setup wrote.",
        )
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
        // What it is instead may be a secret: it is not said.
        let certificate = certificate.map_err(|_| wrong("is not PEM".to_owned()))?;
        roots.add(certificate).map_err(|error| wrong(format!("is no authority's certificate: {error}")))?;
    }
    if roots.is_empty() {
        return Err(wrong("holds no certificate".to_owned()));
    }
    // Named, so that no other crate's choice of a provider decides.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|error| PluginError::new(ErrorCode::Internal, format!("TLS: {error}")))?;
    Ok(MakeRustlsConnect::new(versions.with_root_certificates(roots).with_no_client_auth()))
}

/// A failure of TLS as a sentence, and what to do.
pub(crate) fn words(error: &rustls::Error) -> (String, &'static str) {
    const AUTHORITY: &str = "Give the authority's certificate of this very shop in the settings. If it is the right one, another machine answers at this address: do not go on.";
    const RENEW: &str = "Renew the server's certificate on the server, and look at the clocks of both machines.";
    let rustls::Error::InvalidCertificate(reason) = error else {
        return (
            format!("no protected connection: {error}"),
            "Look whether the server offers TLS (ssl = on in postgresql.conf).",
        );
    };
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("the server's certificate has expired".to_owned(), RENEW)
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("the server's certificate is not valid yet".to_owned(), RENEW)
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "the server's certificate is for another name or address".to_owned(),
            "Use the name or address for which the certificate was made, or renew the certificate on the server for this one.",
        ),
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            ("the server's certificate is not of the shop's authority".to_owned(), AUTHORITY)
        }
        other => (format!("the server's certificate is refused: {other}"), AUTHORITY),
    }
}
