//! What a form shows of one instance: its plugin's settings, what the owner gave, what is wrong. And its secrets set.
//!
//! Owns: finding an instance by the name a person gives, and bringing manifest, settings file and secrets together. Must
//! not know how it is shown. Reads no secret out: whether one is set is all that leaves this module.

use crate::RuntimeError;
use crate::secrets::Secrets;
use crate::settings::Instance;
use crate::site::{Site, unreadable};
use aurapos_contract::host::NoProgress;
use aurapos_contract::settings::{SettingChoice, SettingProblem};
use aurapos_contract::{ErrorCode, PluginError, PluginResult, Settings, Value};
use aurapos_plugin_host::manifest::{
    ConfigField, FieldState, Kind, Manifest, SettingsError, complete_settings, look_at_settings,
};
use aurapos_plugin_host::{Code, Refusal};

/// What stands in one line of the form.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// What the owner gave in the settings file.
    Given(Value),
    /// Nothing is given; the plugin gets the default.
    Default(Value),
    /// Nothing.
    Empty,
    /// A secret that is set.
    SecretSet,
    /// A secret that is not.
    SecretNotSet,
    /// A secret, and the file of secrets cannot be read.
    SecretUnknown,
}

/// One line of the form.
#[derive(Debug, Clone, PartialEq)]
pub struct FormField {
    /// Key, type, label, help, limits.
    pub field: ConfigField,
    /// Whether its `show_if` holds. One that is hidden is not asked for and not given to the plugin.
    pub shown: bool,
    /// What stands there.
    pub entry: Entry,
    /// What is wrong with it.
    pub problem: Option<SettingsError>,
}

/// The settings of one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Kind.
    pub kind: Kind,
    /// The instance's name.
    pub name: String,
    /// The plugin's id.
    pub plugin: String,
    /// Whether the instance is used.
    pub enabled: bool,
    /// The plugin's settings, in the order of its manifest.
    pub fields: Vec<FormField>,
    /// Given in the settings file, and none of the plugin's.
    pub strangers: Vec<SettingsError>,
    /// Keys of secrets that are kept and that the plugin does not ask for (any more).
    pub unused_secrets: Vec<String>,
    /// The file of secrets cannot be read, and this plugin needs it.
    pub secrets_problem: Option<Refusal>,
}

/// What a plugin itself says of its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// What is wrong with them.
    pub problems: Vec<SettingProblem>,
    /// What can be chosen, by key.
    pub choices: Vec<(String, Vec<SettingChoice>)>,
    /// Who answers at the other end, or why nobody does; `None` when that was not asked.
    pub connection: Option<PluginResult<String>>,
}

impl Advice {
    /// Nothing is wrong. A plugin that has no other end to try is as good as one that answers.
    pub fn good(&self) -> bool {
        let silent = |error: &PluginError| error.code != ErrorCode::Unsupported;
        self.problems.is_empty() && !self.connection.as_ref().is_some_and(|answer| answer.as_ref().is_err_and(silent))
    }
}

impl Form {
    /// Whether the instance could be made with these settings, as far as its manifest tells.
    pub fn good(&self) -> bool {
        self.strangers.is_empty()
            && self.secrets_problem.is_none()
            && self.fields.iter().all(|field| field.problem.is_none())
    }
}

/// An instance as a person names it, and where its secrets are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    kind: &'static str,
    name: String,
}

impl Site {
    /// The instance of a name: `front terminal`; `payment/front terminal` where other kinds have one of that name, too;
    /// `storage` and `backup` for the only one of these.
    ///
    /// # Errors
    /// There is none, or several; the candidates are told.
    pub fn instance_named(&self, name: &str) -> Result<(Kind, &Instance), RuntimeError> {
        let address = |(kind, one): &(&'static str, &Instance)| format!("{kind}/{}", one.name);
        let only = |kind: &str| matches!(kind, "storage" | "backup") && kind == name;
        let all: Vec<(&'static str, &Instance)> = self.settings.instances().collect();
        let named: Vec<&(&'static str, &Instance)> =
            all.iter().filter(|one| one.1.name == name || address(one) == name || only(one.0)).collect();
        let listed = |some: &[&(&'static str, &Instance)]| {
            some.iter().map(|one| address(one)).collect::<Vec<String>>().join(", ")
        };
        let name = name.to_owned();
        match named[..] {
            [(kind, one)] => match Kind::from_word(kind) {
                Some(kind) => Ok((kind, one)),
                None => Err(RuntimeError::NoSuchInstance { name, known: String::new() }),
            },
            [] => Err(RuntimeError::NoSuchInstance { name, known: listed(&all.iter().collect::<Vec<_>>()) }),
            _ => Err(RuntimeError::AmbiguousInstance { name, known: listed(&named) }),
        }
    }

    /// The form of an instance. Runs no plugin.
    ///
    /// # Errors
    /// Its plugin is not there, or its manifest is refused.
    pub fn form(&self, kind: Kind, one: &Instance) -> Result<Form, Refusal> {
        let manifest = self.plugins.manifest(&one.selector, kind)?;
        let needs_secrets = manifest.fields.iter().any(|field| field.secret);
        let (secrets, problem) = match Secrets::read(&self.folder) {
            Ok(secrets) => (Some(secrets), None),
            Err(error) => (None, needs_secrets.then(|| unreadable(&manifest.id, &error))),
        };
        let kept = secrets.as_ref().map(|secrets| secrets.keys(kind.word(), &one.name)).unwrap_or_default();
        let is_secret = |key: &str| manifest.field(key).is_some_and(|field| field.secret);
        // That one is set is enough to judge the rest; what it is stays in its file.
        let stand_ins = kept.iter().filter(|key| is_secret(key) && one.settings.get(key).is_none());
        let given = stand_ins.fold(one.settings.clone(), |given, key| given.with_secret(key, "set"));
        let look = look_at_settings(&given, &manifest);
        let secret_entry = |key: &str| match &problem {
            Some(_) => Entry::SecretUnknown,
            None if kept.iter().any(|one| one == key) => Entry::SecretSet,
            None => Entry::SecretNotSet,
        };
        Ok(Form {
            kind,
            name: one.name.clone(),
            plugin: manifest.id.clone(),
            enabled: one.enabled,
            fields: look.fields.into_iter().map(|state| line(state, &given, secret_entry)).collect(),
            strangers: look.strangers,
            unused_secrets: kept.iter().filter(|key| !is_secret(key)).cloned().collect(),
            secrets_problem: problem,
        })
    }

    /// Asks the plugin itself about the settings of an instance: what is wrong beyond the manifest, what can be chosen here
    /// and now, and with `connect` whether the other end answers. No instance is made, so one that is in use goes on.
    ///
    /// # Errors
    /// The plugin is refused, or cannot be asked.
    pub fn ask_plugin(&self, kind: Kind, one: &Instance, connect: bool) -> Result<Advice, RuntimeError> {
        let refused = |refusal| RuntimeError::Plugin { what: format!("{kind}/{}", one.name), refusal };
        let instance = self.instance(kind, one).map_err(refused)?;
        let manifest = self.manifest_of(kind, one)?;
        let settings = draft(&instance.settings, &manifest);
        let guide = self.plugins.settings_guide(&instance, kind).map_err(refused)?;
        let failed = |error: PluginError| RuntimeError::Plugin {
            what: format!("{kind}/{}", one.name),
            refusal: told(&manifest.id, &error),
        };
        // Of settings that its manifest refuses already the plugin need not say why it cannot judge them.
        let complete = complete_settings(&instance.settings, &manifest).is_ok();
        let problems = match guide.validate(kind.word(), &settings) {
            Err(error) if complete => return Err(failed(error)),
            answer => answer.unwrap_or_default(),
        };
        let mut choices = Vec::new();
        for field in manifest.fields.iter().filter(|field| !field.secret) {
            let some = match guide.options(kind.word(), &field.key, &settings) {
                Err(error) if complete => return Err(failed(error)),
                answer => answer.unwrap_or_default(),
            };
            choices.push((field.key.clone(), some));
        }
        choices.retain(|(_, some)| !some.is_empty());
        let connection = connect.then(|| guide.test_connection(kind.word(), &settings, &NoProgress));
        Ok(Advice { problems, choices, connection })
    }

    /// Whether there is such a secret to be set.
    ///
    /// # Errors
    /// As [`Site::set_secret`], the text and the file aside.
    pub fn check_secret(&self, name: &str, key: &str) -> Result<(), RuntimeError> {
        let (kind, one) = self.instance_named(name)?;
        let manifest = self.manifest_of(kind, one)?;
        let known = manifest.field(key).is_some_and(|field| field.secret);
        if known { Ok(()) } else { Err(no_secret(key, &manifest)) }
    }

    /// Sets a secret of an instance, from the next start on.
    ///
    /// # Errors
    /// No such instance, plugin or secret; the text is none; the file of secrets cannot be read or written.
    pub fn set_secret(&self, name: &str, key: &str, text: &str) -> Result<Kind, RuntimeError> {
        let (kind, one) = self.instance_named(name)?;
        let manifest = self.manifest_of(kind, one)?;
        let field = manifest.field(key).filter(|field| field.secret).ok_or_else(|| no_secret(key, &manifest))?;
        if text.is_empty() {
            return Err(RuntimeError::BadSecret(format!("the secret `{key}` is empty")));
        }
        field.parse(text).map_err(|error| RuntimeError::BadSecret(error.to_string()))?;
        let mut secrets = Secrets::read(&self.folder)?;
        secrets.set(kind.word(), &one.name, key, text);
        secrets.write(&self.folder)?;
        Ok(kind)
    }

    /// Forgets a secret, also one of an instance that the settings no longer name (`payment/front terminal`); whether
    /// there was one.
    ///
    /// # Errors
    /// Neither the instance nor a secret of it is there; the file of secrets cannot be read or written.
    pub fn unset_secret(&self, name: &str, key: &str) -> Result<bool, RuntimeError> {
        let mut secrets = Secrets::read(&self.folder)?;
        let found = self.instance_named(name);
        let address = match &found {
            Ok((kind, one)) => Some(Address { kind: kind.word(), name: one.name.clone() }),
            Err(_) => left_over(name),
        };
        if let Some(Address { kind, name }) = &address
            && secrets.unset(kind, name, key)
        {
            secrets.write(&self.folder)?;
            return Ok(true);
        }
        let (kind, one) = found?;
        let manifest = self.manifest_of(kind, one)?;
        let known = manifest.field(key).is_some_and(|field| field.secret);
        if known { Ok(false) } else { Err(no_secret(key, &manifest)) }
    }

    fn manifest_of(&self, kind: Kind, one: &Instance) -> Result<Manifest, RuntimeError> {
        let refused = |refusal| RuntimeError::Plugin { what: format!("{kind}/{}", one.name), refusal };
        self.plugins.manifest(&one.selector, kind).map_err(refused)
    }
}

/// What can be used of settings that may be wrong: what is right of them, and the defaults of the rest.
fn draft(given: &Settings, manifest: &Manifest) -> Settings {
    let look = look_at_settings(given, manifest);
    let shown = look.fields.into_iter().filter(|state| state.shown && state.problem.is_none());
    shown.fold(Settings::default(), |settings, state| {
        let secret = given.items.iter().find(|item| item.key == state.field.key && item.secret);
        match (secret, state.value) {
            (Some(secret), _) => settings.with_secret(&secret.key, secret.value.as_text().unwrap_or_default()),
            (None, Some(value)) => settings.with(&state.field.key, value),
            (None, None) => settings,
        }
    })
}

/// A plugin's error as why it cannot be asked.
fn told(id: &str, error: &PluginError) -> Refusal {
    let mut refusal = Refusal::new(Code::Factory, id, error);
    if !error.detail.next.is_empty() {
        refusal.next = error.detail.next.clone();
    }
    refusal
}

/// `payment/front terminal`, of which the settings may know nothing.
fn left_over(name: &str) -> Option<Address> {
    let (kind, name) = name.split_once('/')?;
    Some(Address { kind: Kind::from_word(kind)?.word(), name: name.to_owned() })
}

fn no_secret(key: &str, manifest: &Manifest) -> RuntimeError {
    let secrets: Vec<&str> =
        manifest.fields.iter().filter(|field| field.secret).map(|field| field.key.as_str()).collect();
    let known = if secrets.is_empty() { "it has none".to_owned() } else { format!("it has {}", secrets.join(", ")) };
    RuntimeError::NoSuchSecret { key: key.to_owned(), plugin: manifest.id.clone(), known }
}

fn line(state: FieldState<'_>, given: &Settings, secret_entry: impl FnOnce(&str) -> Entry) -> FormField {
    let field = state.field.clone();
    let key = field.key.as_str();
    let entry = match given.get(key) {
        // Also one that stands in the settings file: there it is refused, not shown.
        _ if field.secret => secret_entry(key),
        Some(value) => Entry::Given(value.clone()),
        None => field.default.clone().map_or(Entry::Empty, Entry::Default),
    };
    // That it is missing cannot be said of what cannot be read.
    let unknown = entry == Entry::SecretUnknown && given.get(key).is_none();
    FormField { shown: state.shown, entry, problem: state.problem.filter(|_| !unknown), field }
}
