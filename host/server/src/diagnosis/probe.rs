//! The first questions, without a client of PostgreSQL: the name, the port, whether it speaks TLS, whose certificate it shows.

use super::judge::{Judge, Judged};
use super::{Finding, Target};
use crate::certificate;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, ClientConnection, Error, RootCertStore};
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What asks a PostgreSQL for TLS: eight bytes, then 80877103.
const ASK_FOR_TLS: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// A firewall's refusal comes at once; that nobody answered to the question for a machine's address takes the kernel seconds.
const REFUSAL_MAX: Duration = Duration::from_millis(900);

/// How long a server may take to go, too.
const PARTING: Duration = Duration::from_millis(300);

/// Whether a port was reached.
pub(crate) enum Reach {
    /// A PostgreSQL that speaks TLS.
    Tls(Tls),
    /// Why not, and the words of the system.
    Not(Finding, String),
}

/// A connection that is about to speak TLS.
pub(crate) struct Tls {
    stream: TcpStream,
}

/// The addresses of a name. The system's own resolver has no deadline: it is asked on a thread that is left behind.
pub(crate) fn resolve(host: &str, port: u16, patience: Duration) -> Result<Vec<IpAddr>, String> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    let (answer, answers) = std::sync::mpsc::channel();
    let asked = (host.to_owned(), port);
    let ask = move || {
        let found = asked.to_socket_addrs().map(|all| all.map(|one| one.ip()).collect::<Vec<IpAddr>>());
        // Whoever asked may have gone.
        let _ = answer.send(found);
    };
    std::thread::Builder::new().name("resolver".to_owned()).spawn(ask).map_err(|error| error.to_string())?;
    match answers.recv_timeout(patience * 2) {
        Ok(Ok(mut found)) if !found.is_empty() => {
            // A shop's network is of version 4 first.
            found.sort_by_key(IpAddr::is_ipv6);
            found.dedup();
            Ok(found)
        }
        Ok(Ok(_)) => Err("the name has no address".to_owned()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("whoever knows names does not answer".to_owned()),
    }
}

/// Reaches a port and asks for TLS.
pub(crate) fn reach(address: SocketAddr, patience: Duration) -> Reach {
    let begun = Instant::now();
    let stream = match TcpStream::connect_timeout(&address, patience) {
        Ok(stream) => stream,
        Err(error) => return Reach::Not(finding_of(&error, begun.elapsed()), error.to_string()),
    };
    match ask_for_tls(&stream, patience) {
        Ok(b'S') => Reach::Tls(Tls { stream }),
        Ok(b'N') => Reach::Not(Finding::NoTls, "it answers N".to_owned()),
        Ok(other) => Reach::Not(Finding::NotPostgres, format!("it answers with byte {other}")),
        // Something took the connection and says nothing, or ended it: a port that is handed on, another program.
        Err(error) => Reach::Not(Finding::NotPostgres, error.to_string()),
    }
}

fn ask_for_tls(mut stream: &TcpStream, patience: Duration) -> io::Result<u8> {
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    stream.write_all(&ASK_FOR_TLS)?;
    let mut answer = [0_u8; 1];
    stream.read_exact(&mut answer)?;
    Ok(answer[0])
}

fn finding_of(error: &io::Error, after: Duration) -> Finding {
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => Finding::Refused,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Finding::Silence,
        io::ErrorKind::PermissionDenied => Finding::Rejected,
        io::ErrorKind::HostUnreachable if after < REFUSAL_MAX => Finding::Rejected,
        _ => Finding::Unreachable,
    }
}

impl Tls {
    /// Shakes hands with whoever is there: what it shows, and why that is not believed.
    pub(super) fn shake_hands(
        mut self,
        target: &Target,
    ) -> (Option<certificate::Facts>, Result<(), (Finding, String)>) {
        let watcher = match Watcher::new(target.authority.as_deref(), Names::MustFit) {
            Ok(watcher) => Arc::new(Judged(watcher)),
            Err(detail) => return (None, Err((Finding::AuthorityUnknown, detail))),
        };
        let shaken = hands(&mut self.stream, &target.host, watcher.clone());
        (watcher.0.shown(), shaken.map_err(|error| (disbelief(&error), error.to_string())))
    }

    /// Shakes hands and lets somebody else judge what is shown.
    pub(crate) fn greet(mut self, host: &str, judge: Arc<dyn ServerCertVerifier>) -> Result<(), Error> {
        hands(&mut self.stream, host, judge)
    }

    /// Whether whoever is there has the key of a certificate that the shop's authority signed, whatever name it is for.
    pub(super) fn belongs_to_shop(mut self, authority: &str) -> bool {
        let watcher = Watcher::new(Some(authority), Names::AreNotAsked);
        let host = self.stream.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default();
        watcher.is_ok_and(|watcher| hands(&mut self.stream, &host, Arc::new(Judged(watcher))).is_ok())
    }
}

fn hands(stream: &mut TcpStream, host: &str, watcher: Arc<dyn ServerCertVerifier>) -> Result<(), Error> {
    let config = config_with(watcher)?;
    let name = ServerName::try_from(host.to_owned()).map_err(|error| Error::General(error.to_string()))?;
    let mut connection = ClientConnection::new(Arc::new(config), name)?;
    while connection.is_handshaking() {
        connection.complete_io(stream).map_err(|error| {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).cloned();
            inner.unwrap_or_else(|| Error::General(error.to_string()))
        })?;
    }
    part(&mut connection, stream);
    Ok(())
}

/// Goes in order: a server that is left without a word writes that into its log. Whatever fails now does not matter.
fn part(connection: &mut ClientConnection, stream: &mut TcpStream) {
    connection.send_close_notify();
    let _ = connection.write_tls(stream);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.set_read_timeout(Some(PARTING));
    let mut rest = [0_u8; 512];
    while stream.read(&mut rest).is_ok_and(|count| count > 0) {}
}

fn config_with(watcher: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(builder.dangerous().with_custom_certificate_verifier(watcher).with_no_client_auth())
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// TLS of a client that believes one authority.
pub(crate) fn client_config(authority: &str) -> Result<ClientConfig, String> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots(authority)?).with_no_client_auth())
}

/// TLS of a client that believes nobody.
pub(super) fn believes_nobody() -> ClientConfig {
    // The provider has TLS 1.2 and 1.3: its own defaults cannot miss.
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    builder.expect("ring speaks TLS 1.3").with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}

fn roots(authority: &str) -> Result<RootCertStore, String> {
    let (der, _) = certificate::read_pem(authority).ok_or("the authority's file holds no certificate")?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(der)).map_err(|error| error.to_string())?;
    Ok(roots)
}

/// What an error of the handshake means.
fn disbelief(error: &Error) -> Finding {
    let Error::InvalidCertificate(why) = error else { return Finding::NotPostgres };
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Finding::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Finding::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Finding::WrongHost,
        _ => Finding::WrongAuthority,
    }
}

/// Whether the certificate's names are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    MustFit,
    AreNotAsked,
}

/// Checks as webpki does, and remembers what was shown. Without an authority nothing can be checked: the certificate is only
/// looked at, and nobody signs in.
#[derive(Debug)]
struct Watcher {
    inner: Option<Arc<WebPkiServerVerifier>>,
    names: Names,
    shown: Mutex<Option<certificate::Facts>>,
}

impl Watcher {
    fn new(authority: Option<&str>, names: Names) -> Result<Self, String> {
        let inner = match authority {
            Some(authority) => {
                let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots(authority)?), provider());
                Some(builder.build().map_err(|error| error.to_string())?)
            }
            None => None,
        };
        Ok(Watcher { inner, names, shown: Mutex::new(None) })
    }

    fn shown(&self) -> Option<certificate::Facts> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Judge for Watcher {
    fn judge(
        &self,
        own: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        revoked: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = certificate::read(own);
        let Some(inner) = &self.inner else { return Ok(ServerCertVerified::assertion()) };
        match inner.verify_server_cert(own, between, name, revoked, now) {
            // Names are looked at last: whoever gets there was signed by the authority.
            Err(error) if self.names == Names::AreNotAsked && disbelief(&error) == Finding::WrongHost => {
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firewall_answers_at_once_and_a_missing_machine_late() {
        let check = |kind: io::ErrorKind, after_ms: u64, finding: Finding| {
            assert_eq!(
                finding_of(&kind.into(), Duration::from_millis(after_ms)),
                finding,
                "{kind:?} after {after_ms} ms"
            );
        };
        check(io::ErrorKind::ConnectionRefused, 1, Finding::Refused);
        check(io::ErrorKind::TimedOut, 3000, Finding::Silence);
        check(io::ErrorKind::HostUnreachable, 1, Finding::Rejected);
        check(io::ErrorKind::HostUnreachable, 3000, Finding::Unreachable);
        check(io::ErrorKind::NetworkUnreachable, 0, Finding::Unreachable);
        check(io::ErrorKind::PermissionDenied, 0, Finding::Rejected);
    }
}
