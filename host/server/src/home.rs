//! The folder `Postgres` of a data folder: where its files are, and what was chosen (`server.toml`).

use crate::ServerError;
use crate::files::{self, Readers};
use crate::networks::Network;
use crate::os::Account;
use crate::wish::Wish;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The port of PostgreSQL.
const PORT: u16 = 5432;
/// The register of a machine that has none yet.
const REGISTER: &str = "R1";
/// Where the cluster lies in the folder.
const CLUSTER: &str = "Cluster";
/// What every glibc since 2.35 has by itself: sorted by code points, letters of every language known.
const LOCALE: &str = "C.UTF-8";

const HEAD: &str =
    "# AuraPOS: the PostgreSQL server of this machine. Written by `aurapos-admin server init`; change it there.\n\n";

/// The folder `Postgres` of a data folder. A value only names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// That of a data folder.
    pub fn of_data(data: &Path) -> Self {
        let data = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
        Home { root: data.join("Postgres") }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What was chosen.
    pub fn facts_file(&self) -> PathBuf {
        self.root.join("server.toml")
    }

    /// The certificate of the shop's authority; every register has a copy.
    pub fn authority_file(&self) -> PathBuf {
        self.root.join("authority.pem")
    }

    /// Its key; nowhere else.
    pub(crate) fn authority_key_file(&self) -> PathBuf {
        self.root.join("authority.key")
    }

    /// Who is at work on the server.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.root.join("server.lock")
    }

    /// The service's description where it could not be put in its place.
    pub fn unit_file(&self) -> PathBuf {
        self.root.join(crate::service::UNIT)
    }

    /// Where the cluster is.
    pub fn cluster(&self, facts: &Facts) -> PathBuf {
        self.root.join(&facts.cluster)
    }

    /// What was chosen.
    ///
    /// # Errors
    /// Nothing was made here, or the file cannot be read.
    pub fn facts(&self) -> Result<Facts, ServerError> {
        let missing = || ServerError::NotMade { folder: self.root.display().to_string() };
        self.known_facts()?.ok_or_else(missing)
    }

    /// What was chosen before, if anything.
    pub(crate) fn known_facts(&self) -> Result<Option<Facts>, ServerError> {
        let file = self.facts_file();
        let Some(text) = files::text(&file)? else { return Ok(None) };
        let damaged = |error: toml::de::Error| ServerError::File {
            path: file.display().to_string(),
            source: std::io::Error::new(std::io::ErrorKind::InvalidData, error.message().to_owned()),
        };
        toml::from_str(&text).map(Some).map_err(damaged)
    }

    /// Writes what was chosen; whether it changed.
    pub(crate) fn write_facts(&self, facts: &Facts, owner: Option<&Account>) -> Result<bool, ServerError> {
        let text = toml::to_string(facts).map_err(|error| ServerError::choice(error.to_string()))?;
        files::put(&self.facts_file(), format!("{HEAD}{text}").as_bytes(), Readers::Owner, owner)
    }
}

/// What was chosen for a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Tells this cluster from every other one; stands in the cluster's mark too.
    pub id: String,
    /// Name of the shop.
    pub shop: String,
    /// Code of this machine's register.
    pub register: String,
    /// The database.
    pub database: String,
    /// The port.
    pub port: u16,
    /// Addresses to listen at beside the machine itself; empty: those of the shop's networks.
    pub listen: Vec<String>,
    /// Networks that are let in beside those of the addresses.
    pub networks: Vec<String>,
    /// Further names of this machine.
    pub names: Vec<String>,
    /// Where the cluster is; relative to the folder `Postgres`.
    pub cluster: PathBuf,
    /// The user whom the server runs as.
    pub user: String,
    /// The folder of PostgreSQL's programs.
    pub tools: PathBuf,
    /// The cluster's major version.
    pub major: u32,
    /// The locale of the database.
    pub locale: String,
}

impl Facts {
    /// The role of this machine's register.
    ///
    /// # Errors
    /// Somebody changed the code by hand into one that cannot be.
    pub fn role(&self) -> Result<String, ServerError> {
        crate::wish::role_of(&self.register)
    }

    /// Networks that are let in beside those of the addresses.
    pub(crate) fn further_networks(&self) -> Vec<Network> {
        self.networks.iter().filter_map(|text| Network::parse(text)).collect()
    }

    /// What was chosen before, with what is wished for now. User, tools and version are settled later.
    pub(crate) fn wished(known: Option<Facts>, wish: &Wish) -> Result<Self, ServerError> {
        wish.check()?;
        let (mut facts, wish) = match known {
            Some(known) if known.major != 0 => (known, wish.clone()),
            // Nothing was made with them yet: what was mistyped can be said again.
            Some(half) => {
                let wish = wish.or_of(&half);
                (Facts { id: half.id, ..Facts::fresh(&wish)? }, wish)
            }
            None => (Facts::fresh(wish)?, wish.clone()),
        };
        let Wish { shop, register, port, listen, networks, names, locale, .. } = &wish;
        if shop.as_ref().is_some_and(|shop| *shop != facts.shop) {
            let what =
                format!("this server is that of the shop \"{}\", whose name stands in its authority", facts.shop);
            return Err(ServerError::choice(what));
        }
        if locale.as_ref().is_some_and(|locale| *locale != facts.locale) {
            return Err(ServerError::choice(format!("the cluster has the locale {}, which stays", facts.locale)));
        }
        replace(&mut facts.register, register.clone());
        replace(&mut facts.port, *port);
        replace(&mut facts.listen, listen.clone());
        replace(&mut facts.names, names.clone());
        let networks = networks.as_ref().map(|all| all.iter().map(Network::to_string).collect());
        replace(&mut facts.networks, networks);
        Ok(facts)
    }

    fn fresh(wish: &Wish) -> Result<Self, ServerError> {
        let unnamed = || ServerError::choice("a server needs the name of its shop: --shop NAME");
        Ok(Facts {
            id: crate::place::new_id()?,
            shop: wish.shop.clone().ok_or_else(unnamed)?,
            register: wish.register.clone().unwrap_or_else(|| REGISTER.to_owned()),
            database: "aurapos".to_owned(),
            port: PORT,
            listen: Vec::new(),
            networks: Vec::new(),
            names: Vec::new(),
            // From where the wish was said, not from the data folder.
            cluster: wish.cluster.as_ref().map_or_else(
                || PathBuf::from(CLUSTER),
                |cluster| std::path::absolute(cluster).unwrap_or_else(|_| cluster.clone()),
            ),
            user: String::new(),
            tools: PathBuf::new(),
            major: 0,
            locale: wish.locale.clone().unwrap_or_else(|| LOCALE.to_owned()),
        })
    }
}

fn replace<T>(place: &mut T, wished: Option<T>) {
    if let Some(wished) = wished {
        *place = wished;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_stays_until_it_is_wished_otherwise() {
        let first = Wish { shop: Some("Corner Shop".into()), port: Some(5433), ..Wish::default() };
        let half = Facts::wished(None, &first).unwrap();
        let again = Facts::wished(
            Some(half.clone()),
            &Wish { shop: Some("Other".into()), locale: Some("C".into()), ..Wish::default() },
        );
        let again = again.unwrap();
        assert_eq!((again.shop.as_str(), again.locale.as_str(), again.port, &again.id), ("Other", "C", 5433, &half.id));
        let made = Facts { major: 15, ..half };
        assert_eq!((made.port, made.register.as_str(), made.locale.as_str()), (5433, "R1", "C.UTF-8"));
        assert_eq!(Facts::wished(Some(made.clone()), &Wish::default()).unwrap(), made);
        let second = Wish { listen: Some(vec!["192.168.1.10".into()]), ..Wish::default() };
        let changed = Facts::wished(Some(made.clone()), &second).unwrap();
        assert_eq!((changed.port, changed.listen, &changed.id), (5433, vec!["192.168.1.10".to_owned()], &made.id));
        let check = |wish: Wish, words: &str| {
            let error = Facts::wished(Some(made.clone()), &wish).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        };
        check(Wish { shop: Some("Other".into()), ..Wish::default() }, "Corner Shop");
        check(Wish { locale: Some("C".into()), ..Wish::default() }, "C.UTF-8");
        assert!(Facts::wished(None, &Wish::default()).unwrap_err().to_string().contains("--shop"));
        assert_eq!(made.role().unwrap(), "aurapos_r1");
    }

    #[test]
    fn what_was_chosen_is_read_back() {
        let place = tempfile::tempdir().unwrap();
        let home = Home::of_data(place.path());
        assert_eq!(home.facts().unwrap_err().code(), "AP-0609");
        std::fs::create_dir(home.root()).unwrap();
        let facts = Facts::wished(None, &Wish { shop: Some("É \"x\"".into()), ..Wish::default() }).unwrap();
        assert!(home.write_facts(&facts, None).unwrap());
        assert!(!home.write_facts(&facts, None).unwrap(), "the same again is no change");
        assert_eq!(home.facts().unwrap(), facts);
        std::fs::write(home.facts_file(), "port = 1\n").unwrap();
        assert_eq!(home.facts().unwrap_err().code(), "AP-0612");
    }
}
