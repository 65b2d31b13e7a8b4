//! Pairing at both ends, with the data folder that belongs to it: a pairing is issued on the master, and used in a folder that has
//! no shop yet.
//!
//! Must not know: who asks for it, and how it is shown.

use crate::{Kept, MasterError, POSTGRES, give_to_owner_of};
use aurapos_runtime::contract::Progress;
use aurapos_runtime::joining::{self, AUTHORITY_FILE, Joining, check_free, paired_as};
use aurapos_runtime::settings::{MachineSettings, Mode};
use aurapos_runtime::storage_choice::StorageChoice;
use aurapos_runtime::{DataFolder, OpenOptions, Reader, RuntimeError, zone};
use aurapos_server::pair::{Document, Invite, Issued, Joined, Ticket, Way, issue};
use aurapos_server::{Home, Keep, Secret, ServerError};

/// Refuses where nobody would bring anything to who joins: a shop of one register. A terminal may pair all the same, so that machines
/// are ready when the shop is shared.
///
/// # Errors
/// [`MasterError::ByItself`].
pub fn is_shared(options: &OpenOptions) -> Result<(), MasterError> {
    let mode = MachineSettings::read(&options.folder).map_or(Mode::Single, |settings| settings.mode);
    if mode == Mode::Single { Err(MasterError::ByItself) } else { Ok(()) }
}

/// Issues a pairing; of the wish, what the shop and its settings say is filled in here.
///
/// # Errors
/// This register keeps its own data on the server, which nobody can share then; those of issuing.
pub fn invite(options: &OpenOptions, wish: Invite) -> Result<Issued, MasterError> {
    let folder = &options.folder;
    let facts = if folder.is_fresh() { None } else { Reader::open(options).ok().map(|reader| reader.facts.clone()) };
    let settings = MachineSettings::read(folder).ok();
    if settings.as_ref().is_some_and(|settings| settings.storage.plugin() == POSTGRES) {
        return Err(MasterError::OwnDataElsewhere);
    }
    let known_zone = settings.map(|settings| settings.time_zone.name().to_owned());
    let invite = Invite {
        time_zone: known_zone.unwrap_or_default(),
        shop_id: facts.map(|facts| facts.shop.to_string()),
        ..wish
    };
    Ok(issue(&Home::of_data(folder.root()), &invite)?)
}

/// Joins a shop: afterwards the folder is a register's that takes the shop in when it is opened. `program`: who does it, for the lock.
///
/// # Errors
/// The folder is not free, or has a server of its own; what is wrong with the pairing or the way to the master. A run that was
/// cut off is made again.
pub fn join(
    folder: &DataFolder,
    program: &str,
    ticket: &Ticket,
    way: &Way,
    progress: &dyn Progress,
) -> Result<Joined, MasterError> {
    // Before anything is asked of the server: a pairing is used once. A run that was cut off goes on with the register that it made.
    let goes_on = paired_as(folder)?;
    if goes_on.is_none() {
        check_free(folder)?;
    }
    if let Ok(facts) = Home::of_data(folder.root()).facts() {
        return Err(MasterError::ServerHere { folder: folder.root().display().to_string(), shop: facts.shop });
    }
    let way = &Way { register: goes_on.clone(), ..way.clone() };
    let joined = aurapos_server::pair::join(ticket, way, &NewFolder { folder }, progress)?;
    if goes_on.is_some() {
        return Ok(joined);
    }
    let shared = shared(&joined);
    let joining = Joining {
        code: &joined.document.register,
        name: if way.name.is_empty() { &joined.document.register_name } else { &way.name },
        time_zone: zone_of(&joined.document),
        shared: &shared,
        authority: &joined.document.authority,
    };
    joining::prepare(folder, program, &joining)?;
    let root = folder.root();
    for file in
        [folder.settings_file(), folder.secrets_file(), root.join(AUTHORITY_FILE), joining::arriving_file(folder)]
    {
        give_to_owner_of(root, &file).map_err(MasterError::Owner)?;
    }
    Ok(joined)
}

/// A zone of the master that this machine does not know is the usual one until the store says better.
fn zone_of(document: &Document) -> &str {
    zone::zone_of_name(&document.time_zone).map_or(zone::DEFAULT_ZONE.name(), |zone| zone.name())
}

/// The shop's database as the settings name it.
fn shared(joined: &Joined) -> StorageChoice {
    let document = &joined.document;
    let quoted = |text: &str| format!("{text:?}");
    let settings = [
        ("host", quoted(&joined.host)),
        ("port", joined.port.to_string()),
        ("database", quoted(&document.database)),
        ("schema", quoted(&document.schema)),
        ("user", quoted(&document.user)),
        ("authority", quoted(AUTHORITY_FILE)),
    ];
    StorageChoice {
        plugin: POSTGRES.to_owned(),
        settings: settings.map(|(key, text)| (key.to_owned(), text)).into(),
        secrets: vec![("password".to_owned(), joined.password.text().to_owned())],
        in_process: false,
    }
}

/// The passwords of a data folder that is made when there is something to keep.
struct NewFolder<'a> {
    folder: &'a DataFolder,
}

impl Keep for NewFolder<'_> {
    fn get(&self, role: &str) -> Result<Option<Secret>, ServerError> {
        if self.folder.root().exists() { Kept::new(self.folder).get(role) } else { Ok(None) }
    }

    fn set(&self, role: &str, secret: &Secret) -> Result<(), ServerError> {
        let root = self.folder.root();
        let is_new = !root.exists();
        self.folder.create().map_err(|error| {
            let error = RuntimeError::from(error);
            ServerError::Keep { code: error.code().to_owned(), why: error.to_string(), next: error.next() }
        })?;
        if is_new {
            // Root makes a folder in somebody's home for them.
            let failed = |source| ServerError::File { path: root.display().to_string(), source };
            give_to_owner_of(root.parent().unwrap_or(root), root).map_err(failed)?;
        }
        Kept::new(self.folder).set(role, secret)
    }
}
