//! The page "registers": this one in full, the others with when they were here; adding, renaming, locking out, letting in again.

use crate::host::{HostResult, Pairing, RegisterDeed, RegisterRole, RegistersView, ShopRegister, Standing, Trouble};
use crate::markup::{ListState, RegisterLine, RegisterStanding, RegistersDialog, Screen, SettingsPage, ToastKind};
use crate::presenter::status;
use crate::shell::Shell;
use aurapos_domain::calendar::Timestamp;
use std::path::PathBuf;

/// How often the shown list is looked at again, in microseconds.
const LOOK_US: i64 = 15_000_000;

/// State of the page.
#[derive(Debug)]
pub struct Registers {
    view: RegistersView,
    state: ListState,
    error: Option<Trouble>,
    /// The dialog that is open.
    pub dialog: RegistersDialog,
    /// Which register it is about.
    chosen: String,
    /// The name that is typed.
    pub typed_name: String,
    /// The dialog's deed goes on.
    pub busy: bool,
    failed: Option<Trouble>,
    pairing: Pairing,
    /// Where the pairing is to be written.
    pub file: String,
    /// Where it was written.
    pub saved: String,
    /// When was looked last.
    looked: Timestamp,
}

impl Default for Registers {
    fn default() -> Self {
        Registers {
            view: RegistersView::default(),
            state: ListState::Loading,
            error: None,
            dialog: RegistersDialog::None,
            chosen: String::new(),
            typed_name: String::new(),
            busy: false,
            failed: None,
            pairing: Pairing::default(),
            file: String::new(),
            saved: String::new(),
            looked: Timestamp(0),
        }
    }
}

impl Registers {
    /// What the page shows.
    pub fn state(&self) -> ListState {
        self.state
    }

    /// The registers.
    pub fn view(&self) -> &RegistersView {
        &self.view
    }

    /// The pairing that was issued last; empty once its dialog is closed.
    pub fn pairing(&self) -> &Pairing {
        &self.pairing
    }

    fn chosen(&self) -> Option<&ShopRegister> {
        self.view.registers.iter().find(|one| one.code == self.chosen)
    }
}

/// The page is shown: who is here may have changed.
pub fn look(shell: &mut Shell) {
    if shell.settings.page != SettingsPage::Registers || shell.settings.registers.busy {
        return;
    }
    shell.settings.registers.looked = shell.host().now();
    let answer = shell.expect(|shell, result: HostResult<RegistersView>| take(shell, result));
    shell.host().registers(shell.session_id(), answer);
}

/// Time goes by: who is here changes without a word.
pub fn tick(shell: &mut Shell, now: Timestamp) {
    let is_shown = shell.screen == Screen::Settings && shell.settings.registers.dialog == RegistersDialog::None;
    if is_shown && now.0 - shell.settings.registers.looked.0 > LOOK_US {
        look(shell);
    }
}

fn take(shell: &mut Shell, result: HostResult<RegistersView>) {
    let registers = &mut shell.settings.registers;
    match result {
        Ok(view) => {
            registers.view = view;
            registers.state = ListState::Ready;
        }
        Err(trouble) => {
            registers.error = Some(trouble);
            registers.state = ListState::Failed;
        }
    }
}

/// Why nothing can be shown, in the operator's language.
pub fn error(shell: &Shell) -> String {
    shell.settings.registers.error.as_ref().map(|trouble| status::told(shell, trouble).0).unwrap_or_default()
}

/// Why the list is not there, and what to do: sentence and next step in the operator's language.
pub fn list_trouble(shell: &Shell) -> (String, String) {
    told(shell, shell.settings.registers.view.trouble.as_ref())
}

/// Why the dialog's deed failed.
pub fn failed(shell: &Shell) -> (String, String) {
    told(shell, shell.settings.registers.failed.as_ref())
}

fn told(shell: &Shell, trouble: Option<&Trouble>) -> (String, String) {
    trouble.map(|trouble| status::told(shell, trouble)).unwrap_or_default()
}

/// The lines of the list.
pub fn lines(shell: &Shell) -> Vec<RegisterLine> {
    shell.settings.registers.view.registers.iter().map(|one| line(shell, one)).collect()
}

/// The register that the dialog is about.
pub fn chosen_line(shell: &Shell) -> RegisterLine {
    shell.settings.registers.chosen().map(|one| line(shell, one)).unwrap_or_default()
}

fn line(shell: &Shell, one: &ShopRegister) -> RegisterLine {
    let moment = |time| super::storage::moment(shell, time);
    let view = &shell.settings.registers.view;
    let alive = !matches!(one.standing, Standing::Revoked);
    RegisterLine {
        code: one.code.as_str().into(),
        name: one.name.as_str().into(),
        here: one.here,
        master: one.master,
        standing: match one.standing {
            Standing::Joined => RegisterStanding::Joined,
            Standing::Invited => RegisterStanding::Invited,
            Standing::Expired => RegisterStanding::Expired,
            Standing::Revoked => RegisterStanding::Revoked,
        },
        online: one.online && one.standing == Standing::Joined,
        seen: moment(one.seen).into(),
        until: moment(one.until).into(),
        may_rename: view.allowed && alive,
        // The one beside the server is left in another way.
        may_lock_out: view.allowed && alive && !one.master && !one.here,
        may_let_in: view.allowed && !alive,
    }
}

fn open(shell: &mut Shell, dialog: RegistersDialog) {
    let registers = &mut shell.settings.registers;
    if registers.busy || !registers.view.allowed {
        return;
    }
    registers.dialog = dialog;
    registers.failed = None;
}

fn choose(shell: &mut Shell, place: usize, dialog: RegistersDialog) {
    let Some(one) = shell.settings.registers.view.registers.get(place).cloned() else { return };
    shell.settings.registers.chosen = one.code;
    shell.settings.registers.typed_name = one.name;
    open(shell, dialog);
}

/// Another name for a register.
pub fn rename(shell: &mut Shell, place: usize) {
    choose(shell, place, RegistersDialog::Rename);
}

/// Locking a register out: asked about first.
pub fn lock_out(shell: &mut Shell, place: usize) {
    choose(shell, place, RegistersDialog::LockOut);
}

/// Letting one in again that was locked out: asked about first.
pub fn let_in(shell: &mut Shell, place: usize) {
    choose(shell, place, RegistersDialog::LetIn);
}

/// One more register.
pub fn add(shell: &mut Shell) {
    shell.settings.registers.typed_name.clear();
    open(shell, RegistersDialog::Add);
}

/// A name was typed.
pub fn name_typed(shell: &mut Shell, text: &str) {
    text.clone_into(&mut shell.settings.registers.typed_name);
    shell.settings.registers.failed = None;
}

/// What the dialog asks about is done.
pub fn confirm(shell: &mut Shell) {
    let registers = &mut shell.settings.registers;
    if registers.busy {
        return;
    }
    let (code, name) = (registers.chosen.clone(), registers.typed_name.trim().to_owned());
    match registers.dialog {
        RegistersDialog::Rename => change(shell, RegisterDeed::Rename { code, name }, ToastKind::RegisterRenamed),
        RegistersDialog::LockOut => change(shell, RegisterDeed::LockOut { code }, ToastKind::RegisterLockedOut),
        RegistersDialog::LetIn => change(shell, RegisterDeed::LetIn { code }, ToastKind::RegisterLetIn),
        RegistersDialog::Add => invite(shell, name),
        RegistersDialog::None | RegistersDialog::Pairing => {}
    }
}

fn begin(shell: &mut Shell) {
    shell.settings.registers.busy = true;
    shell.settings.registers.failed = None;
}

fn change(shell: &mut Shell, deed: RegisterDeed, said: ToastKind) {
    begin(shell);
    let code = shell.settings.registers.chosen.clone();
    let answer = shell.expect(move |shell, result: HostResult<RegistersView>| {
        shell.settings.registers.busy = false;
        match result {
            Ok(view) => {
                shell.settings.registers.dialog = RegistersDialog::None;
                take(shell, Ok(view));
                status::toast_kind(shell, said, code);
            }
            // The dialog stays, with what was typed.
            Err(trouble) => shell.settings.registers.failed = Some(trouble),
        }
    });
    shell.host().change_register(shell.session_id(), deed, answer);
}

fn invite(shell: &mut Shell, name: String) {
    begin(shell);
    let answer = shell.expect(|shell, result: HostResult<Pairing>| {
        let registers = &mut shell.settings.registers;
        registers.busy = false;
        match result {
            Ok(pairing) => {
                registers.file.clone_from(&pairing.file);
                registers.saved.clear();
                registers.pairing = pairing;
                // Called off meanwhile: it can be used all the same, and stands in the list.
                if registers.dialog == RegistersDialog::Add {
                    registers.dialog = RegistersDialog::Pairing;
                }
                look(shell);
            }
            Err(trouble) => registers.failed = Some(trouble),
        }
    });
    shell.host().invite(shell.session_id(), name, answer);
}

/// Where the file goes.
pub fn file_typed(shell: &mut Shell, text: &str) {
    text.clone_into(&mut shell.settings.registers.file);
    shell.settings.registers.failed = None;
}

/// Writes the pairing into a file.
pub fn save_file(shell: &mut Shell) {
    let registers = &shell.settings.registers;
    let file = registers.file.trim().to_owned();
    if registers.busy || registers.dialog != RegistersDialog::Pairing || file.is_empty() {
        return;
    }
    let pairing = registers.pairing.clone();
    begin(shell);
    let written = file.clone();
    let answer = shell.expect(move |shell, result: HostResult<()>| {
        let registers = &mut shell.settings.registers;
        registers.busy = false;
        match result {
            Ok(()) => registers.saved = written,
            Err(trouble) => registers.failed = Some(trouble),
        }
    });
    shell.host().save_pairing(shell.session_id(), pairing, PathBuf::from(file), answer);
}

/// The dialog is closed; the code is no longer shown anywhere.
pub fn close(shell: &mut Shell) {
    let registers = &mut shell.settings.registers;
    registers.dialog = RegistersDialog::None;
    registers.pairing = Pairing::default();
    registers.failed = None;
    registers.saved.clear();
    look(shell);
}

/// Somebody else is at work: nothing of what was shown stays.
pub(super) fn forget(shell: &mut Shell) {
    shell.settings.registers = Registers::default();
}

/// What this register is in its shop.
pub fn role(shell: &Shell) -> RegisterRole {
    shell.settings.registers.view.role
}
