//! All state of the screens, without a window.
//!
//! Owns: who is signed in, which screen is shown, what was asked and not yet answered, and one presenter a screen. A
//! presenter's actions are functions over the whole shell, because they go from one screen to another; its view is plain
//! data. Must not know: Slint's windows, threads. Nothing here waits.

use crate::host::{Answer, CallResult, Facts, Host, HostEvent, Listener, Preferences, Topic, Trouble};
use crate::mail::{Mail, Post};
use crate::markup::Screen;
use crate::presenter::{
    about, backups, closing, done, drawer, file_picker, import, keys, more, open_drawer, opening, operators, orders,
    payment, plugins, products, rescue, rights, sale, settings, sign_in, status, wizard,
};
use aurapos_domain::money::Currency;
use aurapos_domain::people::Permission;
use aurapos_engine::command::SessionId;
use aurapos_engine::error::Code;
use aurapos_engine::queries::Reading;
use aurapos_engine::{Command, EngineError, view};
use aurapos_locale::Language;
use std::any::Any;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

type Once = Box<dyn FnOnce(&mut Shell, Box<dyn Any + Send>)>;
type Many = Rc<dyn Fn(&mut Shell, Box<dyn Any + Send>)>;

/// Who waits for a letter.
enum Waiting {
    Once(Once),
    Many(Many),
}

/// Somebody is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// The engine's name for it.
    pub id: SessionId,
    /// Who.
    pub operator: view::Operator,
}

/// The state of all screens.
pub struct Shell {
    host: Arc<dyn Host>,
    post: Post,
    waiting: BTreeMap<u64, Waiting>,
    asked: u64,
    /// Language of the screens.
    pub language: Language,
    /// It was asked for on the command line: it counts for this run and is not kept.
    pub language_of_run: bool,
    /// How the window looks.
    pub preferences: Preferences,
    /// What the open register is; `None` before it is open.
    pub facts: Option<Facts>,
    /// Who is signed in.
    pub session: Option<Session>,
    /// The session waits for its PIN.
    pub locked: bool,
    /// What is shown.
    pub screen: Screen,
    /// Where `back` goes, newest last.
    pub trail: Vec<Screen>,
    /// The screens.
    pub opening: opening::Opening,
    /// The dialog that chooses a file.
    pub file_picker: file_picker::FilePicker,
    #[allow(missing_docs)]
    pub wizard: wizard::Wizard,
    #[allow(missing_docs)]
    pub rescue: rescue::Rescue,
    #[allow(missing_docs)]
    pub sign_in: sign_in::SignIn,
    #[allow(missing_docs)]
    pub open_drawer: open_drawer::OpenDrawer,
    #[allow(missing_docs)]
    pub sale: sale::Sale,
    #[allow(missing_docs)]
    pub payment: payment::Payment,
    #[allow(missing_docs)]
    pub done: done::Done,
    #[allow(missing_docs)]
    pub orders: orders::Orders,
    #[allow(missing_docs)]
    pub more: more::More,
    #[allow(missing_docs)]
    pub drawer: drawer::Drawer,
    #[allow(missing_docs)]
    pub products: products::Products,
    #[allow(missing_docs)]
    pub import: import::Import,
    #[allow(missing_docs)]
    pub operators: operators::Operators,
    #[allow(missing_docs)]
    pub backups: backups::Backups,
    #[allow(missing_docs)]
    pub plugins: plugins::Plugins,
    #[allow(missing_docs)]
    pub settings: settings::Settings,
    #[allow(missing_docs)]
    pub about: about::About,
    /// Around every screen.
    pub status: status::Status,
    #[allow(missing_docs)]
    pub closing: closing::Closing,
    #[allow(missing_docs)]
    pub keys: keys::Keys,
}

impl Shell {
    /// The screens before anything was asked.
    pub(crate) fn new(host: Arc<dyn Host>, post: Post) -> Self {
        let preferences = host.preferences();
        let language = Language::from_code(&preferences.language).unwrap_or_default();
        host.listen(post.events());
        Shell {
            host,
            post,
            waiting: BTreeMap::new(),
            asked: 0,
            language,
            language_of_run: false,
            preferences,
            facts: None,
            session: None,
            locked: false,
            screen: Screen::Opening,
            trail: Vec::new(),
            opening: Default::default(),
            file_picker: Default::default(),
            wizard: Default::default(),
            rescue: Default::default(),
            sign_in: Default::default(),
            open_drawer: Default::default(),
            sale: Default::default(),
            payment: Default::default(),
            done: Default::default(),
            orders: Default::default(),
            more: Default::default(),
            drawer: Default::default(),
            products: Default::default(),
            import: Default::default(),
            operators: Default::default(),
            backups: Default::default(),
            plugins: Default::default(),
            settings: Default::default(),
            about: Default::default(),
            status: Default::default(),
            closing: Default::default(),
            keys: Default::default(),
        }
    }

    /// Somebody pressed something: the time without a touch begins anew.
    pub(crate) fn touched(&mut self) {
        self.status.last_touch = Some(self.host.now());
    }

    /// The program around the screens; cheap to clone.
    pub fn host(&self) -> Arc<dyn Host> {
        self.host.clone()
    }

    /// Makes the callback for one answer of the host; `then` runs on the window's thread.
    pub fn expect<T: Send + 'static>(&mut self, then: impl FnOnce(&mut Shell, T) + 'static) -> Answer<T> {
        let once: Once = Box::new(move |shell, value| {
            if let Ok(value) = value.downcast::<T>() {
                then(shell, *value);
            }
        });
        let question = self.ask(Waiting::Once(once));
        self.post.answer(question)
    }

    /// Makes the callback for what the host tells again and again, such as progress.
    pub fn hear<T: Send + 'static>(&mut self, then: impl Fn(&mut Shell, T) + 'static) -> Listener<T> {
        let many: Many = Rc::new(move |shell, value| {
            if let Ok(value) = value.downcast::<T>() {
                then(shell, *value);
            }
        });
        let question = self.ask(Waiting::Many(many));
        self.post.listener(question)
    }

    fn ask(&mut self, waiting: Waiting) -> u64 {
        self.asked += 1;
        self.waiting.insert(self.asked, waiting);
        self.asked
    }

    /// Gives a command of whoever is signed in; `then` runs on the window's thread when it is answered.
    pub fn submit(&mut self, command: Command, then: impl FnOnce(&mut Shell, CallResult) + 'static) {
        let session = self.session_id();
        let answer = self.expect(then);
        self.host.submit(session, command, answer);
    }

    /// The session of whoever is signed in: as whom the host is asked.
    pub fn session_id(&self) -> Option<SessionId> {
        self.session.as_ref().map(|session| session.id)
    }

    /// Nobody is signed in any more. What was shown to them is forgotten: the next one has other rights.
    pub(crate) fn end_session(&mut self) {
        self.session = None;
        self.locked = false;
        self.drawer = Default::default();
        self.orders = Default::default();
        self.operators = Default::default();
        self.plugins = Default::default();
        self.settings.findings = Default::default();
        backups::forget(self);
    }

    /// Reads the register on another thread, as whoever is signed in. A newer read of the same topic takes the place of one that has not begun; then
    /// `then` of the older one never runs.
    pub fn read<T: Send + 'static>(
        &mut self,
        topic: Topic,
        job: impl FnOnce(&Reading<'_>) -> T + Send + 'static,
        then: impl FnOnce(&mut Shell, T) + 'static,
    ) {
        let mut then = Some(then);
        // Also answered when the job is dropped, so that nothing waits for it for ever.
        let answer = self.expect(move |shell, value: Option<T>| {
            if let (Some(value), Some(then)) = (value, then.take()) {
                then(shell, value);
            }
        });
        let mut letter = ReadLetter(Some(answer));
        self.host.read(
            self.session_id(),
            topic,
            Box::new(move |reading| {
                let value = job(reading);
                if let Some(answer) = letter.0.take() {
                    answer(Some(value));
                }
            }),
        );
    }

    /// Whether the screens have the shop's language: nobody chose one for this machine or this run.
    pub fn speaks_as_the_shop(&self) -> bool {
        self.preferences.language.is_empty() && !self.language_of_run
    }

    /// Whether something was asked and not yet answered (progress listeners don't count).
    pub fn is_waiting(&self) -> bool {
        self.waiting.values().any(|waiting| matches!(waiting, Waiting::Once(_)))
    }

    /// Takes a letter.
    pub(crate) fn receive(&mut self, mail: Mail) {
        match mail {
            Mail::Event(event) => self.event(event),
            Mail::Answer(question, value) => match self.waiting.remove(&question) {
                Some(Waiting::Once(then)) => then(self, value),
                Some(Waiting::Many(then)) => {
                    self.waiting.insert(question, Waiting::Many(then.clone()));
                    then(self, value);
                }
                None => {}
            },
        }
    }

    fn event(&mut self, event: HostEvent) {
        status::event(self, &event);
        backups::event(self, &event);
        sale::event(self, &event);
        drawer::event(self, &event);
        payment::event(self, &event);
        orders::event(self, &event);
        settings::findings::event(self, &event);
    }

    /// Shows a screen; `back` comes here again. Whoever would only be refused there is told why, and stays.
    pub fn go(&mut self, screen: Screen) {
        if screen == self.screen || rights::refuses(self, screen) {
            return;
        }
        self.trail.push(self.screen);
        if self.trail.len() > 16 {
            self.trail.remove(0);
        }
        self.show(screen);
    }

    /// Shows a screen and forgets the way here.
    pub fn go_home(&mut self, screen: Screen) {
        self.trail.clear();
        self.show(screen);
    }

    /// Goes back to where we came from, or to the sale.
    pub fn back(&mut self) {
        let screen = self.trail.pop().unwrap_or(if self.session.is_some() { Screen::Sale } else { Screen::SignIn });
        self.show(screen);
    }

    fn show(&mut self, screen: Screen) {
        self.screen = screen;
        match screen {
            Screen::Opening => opening::enter(self),
            Screen::Wizard => wizard::enter(self),
            Screen::Rescue => rescue::enter(self),
            Screen::SignIn => sign_in::enter(self),
            Screen::OpenDrawer => open_drawer::enter(self),
            Screen::Sale => sale::enter(self),
            Screen::Payment => payment::enter(self),
            Screen::Done => done::enter(self),
            Screen::Orders => orders::enter(self),
            Screen::More => more::enter(self),
            Screen::Drawer => drawer::enter(self),
            Screen::Products => products::enter(self),
            Screen::ImportCatalog => import::enter(self),
            Screen::Operators => operators::enter(self),
            Screen::Backups => backups::enter(self),
            Screen::Plugins => plugins::enter(self),
            Screen::Settings => settings::enter(self),
            Screen::About => about::enter(self),
        }
    }

    /// Shows an error of the engine as a toast, in the operator's language.
    pub fn fail(&mut self, error: &EngineError) {
        // What was asked just before the lock came: the lock says so itself, and the message would stay when it is gone.
        if self.locked && error.is(Code::SessionLocked) {
            return;
        }
        self.fail_host(&Trouble::from(error.clone()));
    }

    /// Shows an error of the program as a toast, in the operator's language.
    pub fn fail_host(&mut self, trouble: &Trouble) {
        tracing::warn!(code = trouble.code, "shown to the operator: {}", trouble.message);
        status::toast_trouble(self, trouble);
    }

    /// The shop's currency; the euro before a shop is open.
    pub fn currency(&self) -> Currency {
        self.facts.as_ref().map_or(Currency::EUR, |facts| facts.currency)
    }

    /// Whether whoever is signed in may do this.
    pub fn may(&self, permission: Permission) -> bool {
        self.session.as_ref().is_some_and(|session| session.operator.permissions.contains(permission))
    }
}

/// Answers `None` when the read was dropped unread.
struct ReadLetter<T>(Option<Answer<Option<T>>>);

impl<T> Drop for ReadLetter<T> {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(None);
        }
    }
}
