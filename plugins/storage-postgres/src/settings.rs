//! The settings: where the server is, as whom, and how the way there is protected.

use crate::contract::error::{ErrorCode, PluginError, PluginResult};
use crate::contract::host::Settings;
use crate::contract::{Uuid, Value};
use crate::tls;
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;
use tokio_postgres::config::{ChannelBinding, SslMode, TargetSessionAttrs};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

const PORT: u16 = 5432;
/// How long one host may take to answer a connection. A call for one that gets lost is repeated after a second: whoever comes back is
/// found soon.
const CONNECT: Duration = Duration::from_secs(2);
/// When a link that was cut is noticed while something is on its way, and something is every quarter of a second: a register tells
/// within two seconds. In a network that only stutters the connection is made anew, and nothing is lost.
const CUT: Duration = Duration::from_millis(1_200);
/// The longest name that PostgreSQL keeps whole, less what a restore appends.
const SCHEMA_BYTES_MAX: usize = 40;

/// One server that may have the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    /// A name, an address, or the folder of a socket.
    pub name: String,
    pub port: u16,
}

/// Who connects.
#[derive(Clone)]
pub(crate) struct Login {
    pub user: String,
    password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Everything that the settings say.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub hosts: Vec<Host>,
    pub database: String,
    /// The schema that has the tables.
    pub schema: String,
    /// Who sells.
    pub user: Login,
    /// Who owns the tables, when that is somebody else.
    pub owner: Option<Login>,
    /// Whom rights are given to when there is an owner.
    pub role: String,
    /// PEM, where TLS is on.
    authority: Option<String>,
    pub read_only: bool,
    /// One register's own data: nobody else may write it meanwhile.
    pub alone: bool,
    /// This opening, by which the server's sessions are told from those of others.
    pub opening: Uuid,
}

/// How a session is protected.
pub(crate) enum Way {
    Tls(MakeRustlsConnect),
    Plain(NoTls),
}

/// What is wrong: the setting and the end of a sentence that begins with it.
pub(crate) type Wrong = (&'static str, String);

fn text<'a>(settings: &'a Settings, key: &'static str, default: &'a str) -> Result<&'a str, Wrong> {
    match settings.get(key) {
        None => Ok(default),
        Some(Value::Text(text)) if !text.contains('\0') => Ok(text),
        Some(_) => Err((key, "must be text".to_owned())),
    }
}

impl Target {
    /// Reads settings. `data_dir` stands for a `*` in the schema's name: one schema a data folder, for trials.
    pub fn read(settings: &Settings, data_dir: &str) -> Result<Self, Wrong> {
        let port = match settings.get("port") {
            None => PORT,
            Some(Value::Int(port)) => {
                u16::try_from(*port).ok().filter(|port| *port > 0).ok_or(("port", "must be 1 to 65535".to_owned()))?
            }
            Some(_) => return Err(("port", "must be a whole number".to_owned())),
        };
        let hosts = hosts(text(settings, "host", "localhost")?, port)?;
        let schema = schema(text(settings, "schema", "aurapos")?, data_dir)?;
        let user = text(settings, "user", "aurapos")?;
        let login = |user: &str, password: &str| Login { user: user.to_owned(), password: password.to_owned() };
        let owner = match text(settings, "owner_user", "")? {
            "" => None,
            owner => Some(login(owner, text(settings, "owner_password", "")?)),
        };
        let protected = match settings.get("tls") {
            None => true,
            Some(Value::Bool(on)) => *on,
            Some(_) => return Err(("tls", "must be true or false".to_owned())),
        };
        let far = hosts.iter().find(|host| !host.is_this_machine());
        if let Some(host) = far.filter(|_| !protected) {
            let words = format!(
                "must be on: {} is another machine, and passwords and sales would cross the network in the open",
                host.name
            );
            return Err(("tls", words));
        }
        // A socket is a file: nobody can listen on the way.
        let needs_tls = protected && hosts.iter().any(|host| !host.is_socket());
        if needs_tls && hosts.iter().any(Host::is_socket) {
            return Err((
                "host",
                "names a socket beside servers that are reached over the network: give one kind".to_owned(),
            ));
        }
        let authority = if needs_tls { Some(authority(text(settings, "authority", "")?, data_dir)?) } else { None };
        let role = text(settings, "register_role", "")?;
        Ok(Target {
            hosts,
            database: text(settings, "database", "aurapos")?.to_owned(),
            schema,
            user: login(user, text(settings, "password", "")?),
            owner,
            role: if role.is_empty() { user.to_owned() } else { role.to_owned() },
            authority,
            read_only: settings.get("read_only") == Some(&Value::Bool(true)),
            alone: settings.get("alone") == Some(&Value::Bool(true)),
            opening: Uuid::nil(),
        })
    }

    /// The same for one opening.
    pub fn opened_as(mut self, opening: Uuid) -> Self {
        self.opening = opening;
        self
    }

    /// The same as an error of the contract.
    pub fn of(settings: &Settings, data_dir: &str) -> PluginResult<Self> {
        Self::read(settings, data_dir).map_err(|(key, words)| {
            PluginError::new(ErrorCode::Config, format!("the setting `{key}` {words}"))
                .with_next("Correct it in aurapos.toml, under the storage's settings.")
        })
    }

    /// Where the data is, for people.
    pub fn location(&self) -> String {
        let hosts: Vec<String> = self.hosts.iter().map(|host| format!("{}:{}", host.name, host.port)).collect();
        format!("{}/{} (schema {})", hosts.join(","), self.database, self.schema)
    }

    /// Who makes and changes tables.
    pub fn owner(&self) -> &Login {
        self.owner.as_ref().unwrap_or(&self.user)
    }

    /// How to connect as somebody.
    pub fn config(&self, login: &Login) -> PluginResult<(Config, Way)> {
        let mut config = Config::new();
        for host in &self.hosts {
            config.host(&host.name).port(host.port);
        }
        config.dbname(&self.database).user(&login.user).application_name("aurapos");
        if !login.password.is_empty() {
            config.password(&login.password);
        }
        config.connect_timeout(CONNECT).tcp_user_timeout(CUT);
        config.keepalives(true).keepalives_idle(Duration::from_secs(2));
        config.keepalives_interval(Duration::from_secs(1)).keepalives_retries(3);
        if !self.read_only {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let way = match &self.authority {
            Some(authority) => {
                config.ssl_mode(SslMode::Require).channel_binding(ChannelBinding::Require);
                Way::Tls(tls::connector(authority)?)
            }
            None => {
                config.ssl_mode(SslMode::Disable);
                Way::Plain(NoTls)
            }
        };
        Ok((config, way))
    }

    /// The same data, as `schema`.
    pub fn in_schema(&self, schema: &str) -> Self {
        Target { schema: schema.to_owned(), ..self.clone() }
    }
}

impl Host {
    fn is_socket(&self) -> bool {
        self.name.starts_with('/')
    }

    fn is_this_machine(&self) -> bool {
        self.is_socket()
            || self.name == "localhost"
            || self.name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// `host`, `host:port`, `[address]:port`, several separated by commas.
fn hosts(text: &str, port: u16) -> Result<Vec<Host>, Wrong> {
    let parsed: Option<Vec<Host>> = text.split(',').map(|part| host(part.trim(), port)).collect();
    parsed.ok_or(("host", format!("must be names or addresses of servers, separated by commas, not `{text}`")))
}

fn host(text: &str, port: u16) -> Option<Host> {
    let of = |name: &str, port: &str| Some(Host { name: name.to_owned(), port: port.parse().ok()? });
    if text.is_empty() || text.contains(char::is_whitespace) {
        return None;
    }
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return match rest.strip_prefix(':') {
            Some(port) => of(address, port),
            None if rest.is_empty() => Some(Host { name: address.to_owned(), port }),
            None => None,
        };
    }
    match text.split_once(':') {
        // More colons: an address of IPv6 without brackets.
        Some((name, number)) if !number.contains(':') && !name.is_empty() => of(name, number),
        Some(_) if text.parse::<IpAddr>().is_err() => None,
        _ => Some(Host { name: text.to_owned(), port }),
    }
}

fn schema(text: &str, data_dir: &str) -> Result<String, Wrong> {
    let short: String = Sha256::digest(data_dir).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let name = text.replace('*', &short);
    let good = name.len() <= SCHEMA_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !name.starts_with("pg_")
        && name != "public"
        && name != "information_schema";
    if good {
        return Ok(name);
    }
    Err((
        "schema",
        format!(
            "must be a name of lower-case letters, digits and _, at most {SCHEMA_BYTES_MAX}, and not a schema of PostgreSQL's own"
        ),
    ))
}

/// The authority's PEM: itself, or the file that holds it, relative to the data folder.
fn authority(text: &str, data_dir: &str) -> Result<String, Wrong> {
    if text.is_empty() {
        return Err((
            "authority",
            "is missing: the certificate of the shop's own authority, by which the server is known".to_owned(),
        ));
    }
    if text.contains("-----BEGIN") {
        return Ok(text.to_owned());
    }
    let file = Path::new(data_dir).join(text);
    std::fs::read_to_string(&file).map_err(|error| ("authority", format!("names {}: {error}", file.display())))
}

/// A name that a restore gives to what is kept.
pub(crate) fn previous_schema(schema: &str, id: Uuid) -> String {
    format!("{schema}_{}", &id.simple().to_string()[12..])
}

#[cfg(test)]
mod tests;
