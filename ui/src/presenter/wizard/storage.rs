//! The step "data": a file on this machine, a server, or another plugin with its form.
//!
//! Nobody with one register is asked: the step is passed over until somebody goes to it, or settings lie there that name a storage.
//! Whoever makes the first of several registers chooses a server.

use super::Step;
use crate::host::{ConnectionReport, HostResult, OfferKind, StorageOffer, StorageWish, Tested};
use crate::markup::{ListState, StorageLook, StorageTile, WizardKind};
use crate::presenter::connection::{self, Connection};
use crate::presenter::plugin_form::Form;
use crate::presenter::status;
use crate::shell::Shell;

/// The plugin whose servers several registers share.
const SHARES: &str = "postgres";

/// State of the step.
#[derive(Debug)]
pub struct Storage {
    /// For which kind of register.
    kind: WizardKind,
    /// Everything that there is.
    all: Vec<StorageOffer>,
    /// What of it is for this kind.
    offers: Vec<StorageOffer>,
    state: ListState,
    error: String,
    chosen: usize,
    /// What is asked by the plugin that is chosen.
    pub form: Form,
    /// The owner lets the plugin that is chosen run inside the register.
    pub consent: bool,
    /// "Continue" was pressed without that.
    pub consent_missing: bool,
    /// The test of what is chosen.
    pub connection: Connection,
    /// The step is one of the line: somebody went to it, or a server waits.
    pub opened: bool,
}

impl Default for Storage {
    fn default() -> Self {
        Storage {
            kind: WizardKind::Single,
            all: Vec::new(),
            offers: Vec::new(),
            state: ListState::Loading,
            error: String::new(),
            chosen: 0,
            form: Form::default(),
            consent: false,
            consent_missing: false,
            connection: Connection::default(),
            opened: false,
        }
    }
}

impl Storage {
    /// What the list shows.
    pub fn state(&self) -> ListState {
        self.state
    }

    /// Why there is no list.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// Which one is chosen.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    fn offer(&self) -> Option<&StorageOffer> {
        self.offers.get(self.chosen)
    }

    /// What the shop is set up on.
    pub fn wish(&self) -> StorageWish {
        match self.offer() {
            None => StorageWish::File,
            Some(offer) => match &offer.kind {
                OfferKind::File => StorageWish::File,
                OfferKind::OwnServer { .. } => StorageWish::OwnServer,
                OfferKind::NewServer { .. } => StorageWish::NewServer,
                OfferKind::AsSettings => StorageWish::AsSettings,
                OfferKind::Plugin if self.kind == WizardKind::Master => {
                    StorageWish::Shared { id: offer.plugin.clone(), typed: self.form.typed() }
                }
                OfferKind::Plugin => {
                    StorageWish::Plugin { id: offer.plugin.clone(), typed: self.form.typed(), consent: self.consent }
                }
            },
        }
    }

    /// Whoever has one register is not asked.
    pub fn is_passed_over(&self) -> bool {
        self.kind == WizardKind::Single && !self.opened
    }

    /// What is for a kind of register.
    pub(super) fn show(&mut self, kind: WizardKind) {
        if self.kind != kind {
            self.kind = kind;
            self.connection.forget();
            let all = std::mem::take(&mut self.all);
            take(self, all);
        }
    }

    /// There is another end that can be tried.
    fn can_be_tried(&self) -> bool {
        self.offer().is_some_and(|offer| matches!(offer.kind, OfferKind::OwnServer { .. } | OfferKind::Plugin))
    }

    /// Looks at everything that was asked; whether all is well.
    fn check(&mut self) -> bool {
        self.consent_missing = !self.consent && self.offer().is_some_and(|offer| offer.needs_consent);
        self.form.check() && !self.consent_missing
    }

    /// What is chosen cannot be taken: an administrator has to make the server first.
    fn waits_for_somebody(&self) -> bool {
        matches!(self.offer().map(|offer| &offer.kind), Some(OfferKind::NewServer { allowed: false, .. }))
    }
}

fn of(shell: &mut Shell) -> &mut Connection {
    &mut shell.wizard.storage.connection
}

/// Looks at what there is; what was chosen and typed stays.
pub fn look(shell: &mut Shell) {
    if shell.wizard.storage.all.is_empty() {
        shell.wizard.storage.state = ListState::Loading;
    }
    let answer = shell.expect(looked);
    shell.host().storages(shell.language, answer);
}

fn looked(shell: &mut Shell, result: HostResult<Vec<StorageOffer>>) {
    match result {
        Ok(offers) => {
            // A server that waits is for several registers, unless somebody said already what this one is to be.
            let waits = matches!(offers.first().map(|offer| &offer.kind), Some(OfferKind::OwnServer { .. }));
            if waits && shell.wizard.reached <= Step::Kind && shell.wizard.kind() == WizardKind::Single {
                shell.wizard.choose(WizardKind::Master);
            }
            take(&mut shell.wizard.storage, offers);
        }
        Err(trouble) => {
            let (sentence, next) = status::told(shell, &trouble);
            shell.wizard.storage.error = format!("{sentence} {next}");
            shell.wizard.storage.state = ListState::Failed;
            // What is wrong is told where it can be seen, and not after everything was typed.
            shell.wizard.storage.opened = true;
        }
    }
}

/// Whether an offer is for a kind of register: one alone keeps its data by itself, the first of several shares a server.
fn fits(offer: &StorageOffer, kind: WizardKind) -> bool {
    match (&offer.kind, kind) {
        (OfferKind::AsSettings, _) => true,
        (OfferKind::OwnServer { .. } | OfferKind::NewServer { .. }, kind) => kind == WizardKind::Master,
        (OfferKind::File, kind) => kind != WizardKind::Master,
        (OfferKind::Plugin, WizardKind::Master) => offer.plugin == SHARES,
        (OfferKind::Plugin, _) => true,
    }
}

fn take(storage: &mut Storage, all: Vec<StorageOffer>) {
    let offers: Vec<StorageOffer> = all.iter().filter(|offer| fits(offer, storage.kind)).cloned().collect();
    storage.all = all;
    let nearest =
        offers.first().is_some_and(|offer| !matches!(offer.kind, OfferKind::File | OfferKind::NewServer { .. }));
    let known = storage.offer().map(|offer| (std::mem::discriminant(&offer.kind), offer.plugin.clone()));
    let same =
        offers.iter().position(|offer| Some((std::mem::discriminant(&offer.kind), offer.plugin.clone())) == known);
    let waited = storage.waits_for_somebody();
    storage.opened |= nearest && storage.kind == WizardKind::Single;
    storage.chosen = match same {
        // The server that somebody was asked for is there.
        _ if waited && nearest => 0,
        Some(same) => same,
        None => 0,
    };
    storage.offers = offers;
    storage.state = ListState::Ready;
    let fields = storage.offer().map(|offer| offer.fields.clone()).unwrap_or_default();
    storage.form.show(&fields);
}

/// Another storage.
pub fn choose(shell: &mut Shell, index: usize) {
    let storage = &mut shell.wizard.storage;
    if index == storage.chosen || index >= storage.offers.len() {
        return;
    }
    storage.chosen = index;
    // Consent is given to one plugin, and to no other.
    (storage.consent, storage.consent_missing) = (false, false);
    storage.connection.forget();
    let fields = storage.offers[index].fields.clone();
    storage.form.show(&fields);
}

/// A field of the form was typed in.
pub fn edited(shell: &mut Shell, place: usize, text: &str) {
    shell.wizard.storage.form.edited(place, text);
    shell.wizard.storage.connection.forget();
}

/// A choice of a field was made.
pub fn picked(shell: &mut Shell, place: usize, choice: usize) {
    shell.wizard.storage.form.chosen(place, choice);
    shell.wizard.storage.connection.forget();
}

/// The owner lets the plugin run inside the register, or does not.
pub fn allow(shell: &mut Shell, consent: bool) {
    let storage = &mut shell.wizard.storage;
    (storage.consent, storage.consent_missing) = (consent, false);
    storage.connection.forget();
}

/// Tries the connection.
pub fn test(shell: &mut Shell) {
    try_it(shell, |_| {});
}

fn try_it(shell: &mut Shell, well: impl FnOnce(&mut Shell) + 'static) {
    if shell.wizard.storage.connection.is_running() || !shell.wizard.storage.check() {
        return;
    }
    let tested = Tested::New(shell.wizard.storage.wish());
    connection::begin(shell, of, tested, |shell, report: &ConnectionReport| {
        if report.good {
            well(shell);
        } else {
            shell.wizard.storage.form.blame(&report.key, &report.sentence);
        }
    });
}

/// The test shall stop.
pub fn stop(shell: &mut Shell) {
    connection::stop(shell, of);
}

/// Whether the step may be left. What can be tried is tried first, and goes on by itself when it is well.
pub(super) fn may_go_on(shell: &mut Shell) -> bool {
    let storage = &mut shell.wizard.storage;
    if storage.state != ListState::Ready || storage.waits_for_somebody() {
        return false;
    }
    if !storage.can_be_tried() || storage.connection.is_good() {
        return storage.check();
    }
    try_it(shell, |shell| {
        if shell.wizard.step == Step::Storage {
            super::next(shell);
        }
    });
    false
}

/// What the summary and the last step look at: what is chosen can be taken. What was never looked at is the file.
pub(super) fn can_be_taken(shell: &mut Shell) -> bool {
    let storage = &mut shell.wizard.storage;
    storage.is_passed_over() || (storage.state == ListState::Ready && !storage.waits_for_somebody() && storage.check())
}

/// The tiles.
pub fn tiles(shell: &Shell) -> Vec<StorageTile> {
    shell.wizard.storage.offers.iter().map(|offer| tile(shell, offer)).collect()
}

/// The one that is chosen.
pub fn chosen_tile(shell: &Shell) -> StorageTile {
    shell.wizard.storage.offer().map(|offer| tile(shell, offer)).unwrap_or_default()
}

fn tile(shell: &Shell, offer: &StorageOffer) -> StorageTile {
    let mut shown = StorageTile {
        name: offer.name.as_str().into(),
        description: offer.description.as_str().into(),
        plugin: offer.plugin.as_str().into(),
        needs_consent: offer.needs_consent,
        ..StorageTile::default()
    };
    shown.look = match &offer.kind {
        OfferKind::File => StorageLook::File,
        OfferKind::AsSettings => StorageLook::AsSettings,
        OfferKind::Plugin => StorageLook::Plugin,
        OfferKind::OwnServer { place, shop, trouble } => {
            let (sentence, next) = trouble.as_ref().map(|trouble| status::told(shell, trouble)).unwrap_or_default();
            shown.place = place.as_str().into();
            shown.shop = shop.as_str().into();
            shown.trouble = sentence.into();
            shown.next = next.into();
            StorageLook::OwnServer
        }
        OfferKind::NewServer { allowed, line } => {
            shown.allowed = *allowed;
            // The shop's name is known here, and the server needs it.
            let name = shell.wizard.answers.name.trim().replace('\'', "'\\''");
            shown.line = if name.is_empty() { line.into() } else { format!("{line} --shop '{name}'").into() };
            StorageLook::NewServer
        }
    };
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(kind: OfferKind, plugin: &str) -> StorageOffer {
        let plugin = plugin.to_owned();
        StorageOffer {
            kind,
            plugin,
            name: String::new(),
            description: String::new(),
            fields: Vec::new(),
            needs_consent: false,
        }
    }

    fn server() -> StorageOffer {
        let kind = OfferKind::OwnServer { place: "localhost:5432".to_owned(), shop: String::new(), trouble: None };
        offer(kind, "")
    }

    #[test]
    fn each_kind_of_register_is_offered_its_own() {
        let new = |allowed| offer(OfferKind::NewServer { allowed, line: String::new() }, "");
        let file = || offer(OfferKind::File, "sqlite");
        let plugin = || offer(OfferKind::Plugin, "acme");
        let postgres = || offer(OfferKind::Plugin, "postgres");
        let all = || vec![file(), new(false), postgres(), plugin()];
        let mut storage = Storage::default();
        assert_eq!(storage.wish(), StorageWish::File);
        take(&mut storage, all());
        assert!(storage.is_passed_over() && storage.wish() == StorageWish::File && !storage.can_be_tried());
        assert_eq!(storage.offers, [file(), postgres(), plugin()], "one register makes no server for itself");
        storage.chosen = 2;
        take(&mut storage, all());
        assert_eq!(storage.chosen, 2, "what was chosen stays");
        assert!(storage.can_be_tried() && storage.is_passed_over());
        storage.show(WizardKind::Master);
        assert_eq!(storage.offers, [new(false), postgres()]);
        assert!(!storage.is_passed_over() && storage.chosen == 0 && storage.waits_for_somebody());
        take(&mut storage, vec![server(), file(), postgres()]);
        assert_eq!(storage.wish(), StorageWish::OwnServer, "the server that was asked for is there");
        storage.chosen = 1;
        assert!(matches!(storage.wish(), StorageWish::Shared { .. }), "somebody's server is shared, too");
        storage.show(WizardKind::Single);
        assert_eq!(
            (storage.wish(), storage.is_passed_over()),
            (StorageWish::Plugin { id: "postgres".to_owned(), typed: vec![], consent: false }, true)
        );
        let mut fresh = Storage::default();
        take(&mut fresh, vec![offer(OfferKind::AsSettings, "acme"), file()]);
        assert!(
            !fresh.is_passed_over() && fresh.wish() == StorageWish::AsSettings,
            "settings that lie there are shown"
        );
        let stranger = StorageOffer { needs_consent: true, ..plugin() };
        take(&mut fresh, vec![file(), stranger]);
        fresh.chosen = 1;
        assert!(!fresh.check() && fresh.consent_missing, "it runs inside the register, and that is asked");
        fresh.consent = true;
        assert!(fresh.check() && matches!(fresh.wish(), StorageWish::Plugin { consent: true, .. }));
    }
}
