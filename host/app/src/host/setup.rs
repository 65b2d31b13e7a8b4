//! Setting a shop up: all of it or nothing.
//!
//! The shop is made in a folder of its own below the data folder and moved into place when it is whole; the database is
//! moved last. Killed anywhere, the next start finds a whole shop or none, and what lies in that folder is removed.

use super::work::Told;
use super::{Inner, catalog, trouble};
use aurapos_runtime::contract::Progress as _;
use aurapos_runtime::engine::Command;
use aurapos_runtime::engine::command::{Reply, SessionId};
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::engine::setup::{NewShop, check};
use aurapos_runtime::lock::RegisterLock;
use aurapos_runtime::settings::{self, MachineSettings, SettingsError};
use aurapos_runtime::{DataFolder, OpenOptions, Reader, Register, RuntimeError, ids, setup};
use aurapos_ui::host::{Cancel, CatalogSource, HostResult, Listener, Progress, SetUp, StorageWish, Trouble};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder in which a shop is made, below the data folder: on the same disk, so that moving it is renaming it.
const STAGE: &str = ".setup";

/// Removes what a start that was killed in the middle of setting up left.
pub(super) fn sweep(folder: &DataFolder) {
    let stage = folder.root().join(STAGE);
    // Somebody who sets up right now has the lock.
    if !stage.exists() || RegisterLock::holder(folder).is_some() {
        return;
    }
    if let Err(error) = fs::remove_dir_all(&stage) {
        tracing::warn!("what is left of a set-up cannot be removed: {error}");
    }
}

impl Inner {
    /// Sets a shop up with its catalog.
    pub(super) fn set_up(
        &self,
        new: &NewShop,
        storage: &StorageWish,
        source: &CatalogSource,
        progress: Listener<Progress>,
        cancel: Cancel,
    ) -> HostResult<SetUp> {
        check(new)?;
        let told = Told::new(progress, cancel.clone());
        let fail = |error: RuntimeError| trouble::of_runtime(&error);
        let place = Place::claim(&self.options).map_err(fail)?;
        place.is_free(&self.options).map_err(fail)?;
        if *storage != StorageWish::File {
            // Nothing is made for a catalog that cannot be read.
            self.preview_catalog(source, Some(new.clone()), &cancel)?;
            return self.set_up_elsewhere(place, new, storage, source, &told);
        }
        let staged = place.stage(&self.options)?;
        told.report(0, 0, "making the shop");
        let file = self.choice(storage)?.filter(|_| staged.folder.settings_file().exists());
        setup::set_up_on(&staged, new.clone(), file.as_ref()).map_err(fail)?;
        fill(&staged, new, source, &told)?;
        if told.cancelled() {
            return Err(trouble::called_off());
        }
        place.move_in(&staged.folder)?;
        self.write_preferences();
        Ok(SetUp::default())
    }

    /// With a storage beside or instead of a file of the data folder: nothing can be moved there, so the shop itself comes last and whole,
    /// and what was written for it goes again when it is refused (ADR 0034).
    fn set_up_elsewhere(
        &self,
        mut place: Place,
        new: &NewShop,
        storage: &StorageWish,
        source: &CatalogSource,
        told: &Told,
    ) -> HostResult<SetUp> {
        if *storage == StorageWish::NewServer {
            self.make_server(Some(new.name.clone()), &new.register, told)?;
            // It stands for itself: refused below, it is offered first the next time.
            place.folder_was = true;
        }
        let choice = self.choice(storage)?;
        if told.cancelled() {
            return Err(trouble::called_off());
        }
        told.report(0, 0, "making the shop");
        // It is taken again at once, by what makes the shop.
        place.lock = None;
        let made = match (storage, &choice) {
            // A server beside the register is for several of them.
            (StorageWish::OwnServer | StorageWish::NewServer | StorageWish::Shared { .. }, Some(shared)) => {
                setup::set_up_sharing(&self.options, new.clone(), shared)
            }
            _ => setup::set_up_on(&self.options, new.clone(), choice.as_ref()),
        };
        made.map_err(|error| trouble::of_runtime(&error))?;
        (place.folder_was, place.lock_was) = (true, true);
        drop(place);
        self.write_preferences();
        tracing::info!("the shop is set up");
        Ok(SetUp { catalog: fill(&self.options, new, source, told).err() })
    }
}

/// Brings the catalog in, as the new manager.
fn fill(staged: &OpenOptions, new: &NewShop, source: &CatalogSource, told: &Told) -> HostResult<()> {
    let Some(input) = catalog::open(source, told)? else { return Ok(()) };
    let register = Register::open(staged).map_err(|error| trouble::of_runtime(&error))?;
    let session = sign_in(&register, new)?;
    let report = catalog::import(&register, session, input, &catalog::colours(source))
        .map_err(|error| if told.cancelled() { trouble::called_off() } else { error })?;
    register.close();
    tracing::info!(products = report.added, refused = report.rejected_count, "catalog imported");
    Ok(())
}

fn sign_in(register: &Register, new: &NewShop) -> HostResult<SessionId> {
    let command = Command::SignIn { operator: new.manager.clone(), pin: new.pin.clone().into() };
    match register.call(None, command)? {
        Reply::SignedIn { session, .. } => Ok(session),
        _ => Err(Trouble::from(Code::Bug.error("The engine answered a sign-in with something else."))),
    }
}

/// The data folder while a shop is made in it. Dropped before the shop moved in, what was made goes again.
struct Place {
    folder: DataFolder,
    stage: PathBuf,
    lock: Option<RegisterLock>,
    /// What was there before.
    folder_was: bool,
    lock_was: bool,
}

impl Place {
    fn claim(options: &OpenOptions) -> Result<Place, RuntimeError> {
        let folder = options.folder.clone();
        let (folder_was, lock_was) = (folder.root().exists(), folder.register_lock().exists());
        folder.create()?;
        let stage = folder.root().join(STAGE);
        let mut place = Place { folder, stage, lock: None, folder_was, lock_was };
        match RegisterLock::take(&place.folder, &options.program, ids::now()) {
            Ok(lock) => place.lock = Some(lock),
            Err(error) => {
                place.lock_was = true;
                return Err(error.into());
            }
        }
        Ok(place)
    }

    /// A shop that is here, or was, is not replaced.
    fn is_free(&self, options: &OpenOptions) -> Result<(), RuntimeError> {
        let exists = || RuntimeError::ShopExists { folder: self.folder.root().display().to_string() };
        if self.folder.last_good_file().exists() {
            return Err(exists());
        }
        if !self.folder.database().exists() {
            return Ok(());
        }
        // A database without a shop is what an `init` leaves that was cut short.
        match Reader::open(options) {
            Ok(_) => Err(exists()),
            Err(RuntimeError::NoShop { .. }) => Ok(()),
            Err(RuntimeError::Engine(error)) if error.is(Code::NoShop) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The empty folder in which the shop is made, with the settings that lie here.
    fn stage(&self, options: &OpenOptions) -> HostResult<OpenOptions> {
        let fail = |error| trouble::of_file(&self.stage, &error);
        if self.stage.exists() {
            fs::remove_dir_all(&self.stage).map_err(fail)?;
        }
        let folder = DataFolder::new(&self.stage);
        folder.create().map_err(|error| trouble::of_runtime(&error.into()))?;
        match settings::read_text(&self.folder) {
            Err(SettingsError::Missing { .. }) => {}
            Err(error) => return Err(trouble::of_runtime(&error.into())),
            Ok(text) => {
                let file = self.folder.settings_file().display().to_string();
                MachineSettings::parse(&text, &file, false).map_err(|error| trouble::of_runtime(&error.into()))?;
                settings::write_text(&folder, &text).map_err(|error| trouble::of_runtime(&error.into()))?;
            }
        }
        Ok(OpenOptions { folder, ..options.clone() })
    }

    /// Moves the whole shop into place. The database comes last: with it there is a shop.
    fn move_in(mut self, staged: &DataFolder) -> HostResult<()> {
        let database = self.folder.database();
        let left = beside(&staged.database(), "-wal");
        if fs::metadata(&left).is_ok_and(|left| left.len() > 0) {
            let message = "The new shop's database was not closed cleanly.";
            return Err(trouble::trouble("AP-0909", message, "Try again; the log file tells more."));
        }
        for (from, to) in [
            (staged.settings_file(), self.folder.settings_file()),
            (staged.register_token(), self.folder.register_token()),
        ] {
            fs::rename(&from, &to).map_err(|error| trouble::of_file(&to, &error))?;
        }
        // How far a shop had come whose database is gone for good.
        let _ = fs::remove_file(self.folder.register_head());
        for ending in ["-wal", "-shm"] {
            // Of a database that held no shop; mostly there is none.
            let _ = fs::remove_file(beside(&database, ending));
        }
        fs::rename(staged.database(), &database).map_err(|error| trouble::of_file(&database, &error))?;
        sync(self.folder.root());
        (self.folder_was, self.lock_was) = (true, true);
        tracing::info!("the shop is set up");
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed now is removed at the next start.
        let _ = fs::remove_dir_all(&self.stage);
        if !self.lock_was {
            let _ = fs::remove_file(self.folder.register_lock());
        }
        drop(self.lock.take());
        if !self.folder_was {
            // Refused when anything else is in it.
            let _ = fs::remove_dir(self.folder.root());
        }
    }
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes the renames last.
fn sync(folder: &Path) {
    if let Err(error) = aurapos_runtime::plugin_host::sync_folder(folder) {
        tracing::warn!("the data folder could not be synced: {error}");
    }
}
