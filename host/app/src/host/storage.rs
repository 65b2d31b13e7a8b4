//! The storages that a shop can be set up on, and trying one: what the wizard's step and "Test the connection" ask.

use super::{Inner, server, trouble};
use aurapos_master::{Kept, Trial, TrialError, own_storage, try_storage};
use aurapos_runtime::RuntimeError;
use aurapos_runtime::contract::ErrorCode;
use aurapos_runtime::contract::Value;
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::form::Advice;
use aurapos_runtime::locale::{Language, errors};
use aurapos_runtime::plugin_host::manifest::{ConfigField, FieldType};
use aurapos_runtime::storage_choice::{StorageChoice, USUAL};
use aurapos_runtime::storage_offers::{self as offers, plain};
use aurapos_server::diagnosis::{Diagnosis, Target, diagnose_unless};
use aurapos_server::{Home, Keep as _, MAKES_SERVERS, is_root};
use aurapos_ui::host::{
    Cancel, ConnectionReport, FieldKind, HostResult, OfferKind, SettingField, StorageOffer, StorageWish, Tested, Typed,
};
use std::path::PathBuf;

impl Inner {
    /// What a shop can be set up on; the one that is nearest first.
    pub(super) fn storages(&self, language: Language) -> HostResult<Vec<StorageOffer>> {
        let fail = |error: RuntimeError| trouble::of_runtime(&error);
        let folder = &self.options.folder;
        let mut all = Vec::new();
        let bare = |kind| StorageOffer {
            kind,
            plugin: String::new(),
            name: String::new(),
            description: String::new(),
            fields: Vec::new(),
            needs_consent: false,
        };
        let named = offers::named(&self.options).map_err(fail)?;
        all.extend(named.map(|plugin| StorageOffer { plugin, ..bare(OfferKind::AsSettings) }));
        let home = Home::of_data(folder.root());
        let own = home.facts().ok().filter(|facts| facts.major != 0);
        if let Some(facts) = &own {
            let trouble = own_storage(folder)
                .err()
                .map(|error| trouble::trouble(error.code(), &error.to_string(), &error.next(&server::program(folder))));
            let place = format!("localhost:{}", facts.port);
            all.push(bare(OfferKind::OwnServer { place, shop: facts.shop.clone(), trouble }));
        }
        all.push(StorageOffer { plugin: USUAL.to_owned(), ..bare(OfferKind::File) });
        if own.is_none() && MAKES_SERVERS {
            let line = format!("{} init", server::line(folder));
            all.push(bare(OfferKind::NewServer { allowed: is_root(), line }));
        }
        for offer in offers::offers(&self.options).map_err(fail)? {
            // That one is the file.
            if offer.plugin != USUAL {
                all.push(StorageOffer {
                    kind: OfferKind::Plugin,
                    name: said(offer.name.get(language.code()), &offer.plugin),
                    description: offer.description.get(language.code()).to_owned(),
                    fields: offer.fields.iter().map(|field| shown(field, language)).collect(),
                    needs_consent: !offer.built_in,
                    plugin: offer.plugin,
                });
            }
        }
        Ok(all)
    }

    /// The storage of a wish; `None`: what the settings say, or the usual one.
    pub(super) fn choice(&self, wish: &StorageWish) -> HostResult<Option<StorageChoice>> {
        let folder = &self.options.folder;
        match wish {
            StorageWish::AsSettings => Ok(None),
            StorageWish::File => Ok(Some(StorageChoice { plugin: USUAL.to_owned(), ..StorageChoice::default() })),
            StorageWish::OwnServer | StorageWish::NewServer => own_storage(folder).map(Some).map_err(|error| {
                trouble::trouble(error.code(), &error.to_string(), &error.next(&server::program(folder)))
            }),
            StorageWish::Shared { id, typed } => {
                self.choice(&StorageWish::Plugin { id: id.clone(), typed: typed.clone(), consent: false })
            }
            StorageWish::Plugin { id, typed, consent } => {
                let all = offers::offers(&self.options).map_err(|error| trouble::of_runtime(&error))?;
                let Some(offer) = all.iter().find(|offer| offer.plugin == *id) else {
                    let refusal = aurapos_runtime::plugin_host::Refusal::new(
                        aurapos_runtime::plugin_host::Code::NotFound,
                        id,
                        "",
                    );
                    return Err(trouble::of_refusal(&refusal));
                };
                let typed: Vec<_> = typed.iter().map(|Typed { key, text, .. }| (key.clone(), text.clone())).collect();
                // The consent is the owner's, and is for what did not come with AuraPOS.
                Ok(Some(StorageChoice { in_process: *consent && !offer.built_in, ..offer.choice(&typed) }))
            }
        }
    }

    /// Tries a connection.
    pub(super) fn test_connection(
        &self,
        tested: &Tested,
        language: Language,
        cancel: &Cancel,
    ) -> HostResult<ConnectionReport> {
        match tested {
            Tested::Host(host) => self.test_host(host, language, cancel),
            Tested::Master(wish) => self.test_master(wish, language),
            Tested::New(wish) => match self.choice(wish)? {
                Some(choice) if choice.plugin == USUAL => Ok(ConnectionReport { good: true, ..Default::default() }),
                Some(choice) => self.test_choice(&choice, language, cancel),
                None => Ok(ConnectionReport { good: true, ..Default::default() }),
            },
        }
    }

    fn test_choice(&self, choice: &StorageChoice, language: Language, cancel: &Cancel) -> HostResult<ConnectionReport> {
        if let Some(wrong) = self.wrong_field(choice)? {
            return Ok(wrong);
        }
        let trial = match try_storage(&self.options.folder, choice, &|| cancel.asked()) {
            Ok(trial) => trial,
            Err(error @ TrialError::Authority { .. }) => return Ok(of_trial_error(&error)),
        };
        match &trial {
            Trial::CalledOff => Err(trouble::called_off()),
            Trial::OfThePlugin => {
                let advice = offers::ask(&self.options, choice, true).map_err(|error| trouble::of_runtime(&error))?;
                if cancel.asked() { Err(trouble::called_off()) } else { Ok(of_advice(&advice)) }
            }
            Trial::Found(found) => {
                let mut report = report(found, language);
                report.good = trial.lets_in();
                if report.good {
                    self.ask_the_plugin(choice, &mut report)?;
                }
                if cancel.asked() {
                    return Err(trouble::called_off());
                }
                if let Some(shop) = trial.shop_there().filter(|_| report.good) {
                    // Its data is another register's, or what is to be opened and not set up.
                    report.good = false;
                    report.code = Code::ShopExists.text().to_owned();
                    let told = errors::sentence(language, Code::ShopExists.text(), &[]);
                    report.next = told.as_ref().map(|told| told.next.clone()).unwrap_or_default();
                    report.sentence = told.map_or_else(String::new, |told| format!("{} ({shop})", told.sentence));
                }
                Ok(report)
            }
        }
    }

    /// A register would get in; whether its plugin takes the server is for the plugin to say: it refuses one that loses sales.
    fn ask_the_plugin(&self, choice: &StorageChoice, report: &mut ConnectionReport) -> HostResult<()> {
        let mut choice = choice.clone();
        let root = std::path::absolute(self.options.folder.root()).unwrap_or_else(|_| PathBuf::from("."));
        for (_, text) in choice.settings.iter_mut().filter(|(key, _)| key == "authority") {
            let given = offers::unquoted(text);
            if !given.contains("-----BEGIN") {
                *text = offers::quoted(&root.join(given).display().to_string());
            }
        }
        let advice = offers::ask(&self.options, &choice, true).map_err(|error| trouble::of_runtime(&error))?;
        if !advice.good() {
            let said = of_advice(&advice);
            report.good = false;
            report.key = said.key;
            report.detail.clone_from(&said.sentence);
            // What the diagnosis knows is told in the operator's language.
            if report.code.is_empty() {
                (report.sentence, report.next) = (said.sentence, said.next);
            }
        }
        Ok(())
    }

    /// What the manifest says is wrong with a setting.
    fn wrong_field(&self, choice: &StorageChoice) -> HostResult<Option<ConnectionReport>> {
        let form = offers::look(&self.options, choice).map_err(|error| trouble::of_runtime(&error))?;
        let wrong = form.fields.iter().find_map(|line| Some((&line.field.key, line.problem.as_ref()?)));
        Ok(wrong.map(|(key, problem)| ConnectionReport {
            code: "P-129".to_owned(),
            sentence: problem.to_string(),
            key: key.clone(),
            ..ConnectionReport::default()
        }))
    }

    /// A server at a name or address, as this machine's register comes in.
    fn test_host(&self, host: &str, language: Language, cancel: &Cancel) -> HostResult<ConnectionReport> {
        let folder = &self.options.folder;
        let home = Home::of_data(folder.root());
        let known = Target::new(host.trim());
        let mut target = Target { searches: true, ..known };
        if let Ok(facts) = home.facts() {
            let role = facts.role().ok();
            let kept = role.as_deref().map(|role| Kept::new(folder).get(role)).transpose();
            target.password = kept.map_err(|error| trouble::of_server(&error))?.flatten();
            target.user = role.filter(|_| target.password.is_some());
            target.port = facts.port;
            target.database.clone_from(&facts.database);
            target.authority = std::fs::read_to_string(home.authority_file()).ok();
        }
        match diagnose_unless(&target, Some(&home), &|| cancel.asked()) {
            Some(found) => Ok(report(&found, language)),
            None => Err(trouble::called_off()),
        }
    }
}

/// A diagnosis as a screen shows it.
pub(super) fn report(found: &Diagnosis, language: Language) -> ConnectionReport {
    let told = found.told(language);
    let version = found.server.as_ref().map(|server| server.version.as_str()).filter(|version| !version.is_empty());
    ConnectionReport {
        good: found.is_good(),
        code: found.code().to_owned(),
        sentence: told.sentence,
        next: told.next,
        place: found.place(),
        server: version.map(|version| format!("PostgreSQL {version}")).unwrap_or_default(),
        detail: found.detail.clone(),
        lines: found.commands(),
        key: String::new(),
    }
}

fn of_trial_error(error: &TrialError) -> ConnectionReport {
    ConnectionReport {
        code: "AP-0729".to_owned(),
        sentence: format!("{error}."),
        key: error.key().to_owned(),
        ..ConnectionReport::default()
    }
}

/// What a plugin says of its own settings.
fn of_advice(advice: &Advice) -> ConnectionReport {
    let mut report = ConnectionReport { good: advice.good(), ..ConnectionReport::default() };
    if let Some(problem) = advice.problems.first() {
        report.sentence.clone_from(&problem.message);
        report.key.clone_from(&problem.key);
    }
    match &advice.connection {
        Some(Ok(sentence)) => report.server.clone_from(sentence),
        Some(Err(error)) if error.code != ErrorCode::Unsupported => {
            report.sentence = error.to_string();
            report.next.clone_from(&error.detail.next);
        }
        _ => {}
    }
    report
}

fn said(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
}

fn shown(field: &ConfigField, language: Language) -> SettingField {
    let kind = match field.kind {
        _ if field.secret => FieldKind::Secret,
        FieldType::Bool => FieldKind::Switch,
        _ if !field.choices.is_empty() => FieldKind::Choice(field.choices.iter().map(plain).collect()),
        FieldType::Int => FieldKind::Number(field.min, field.max),
        _ => FieldKind::Text,
    };
    let default = field.default.clone().unwrap_or(Value::Null);
    let text = plain(&default);
    SettingField {
        key: field.key.clone(),
        label: said(field.label.get(language.code()), &field.key),
        help: field.help.get(language.code()).to_owned(),
        text: if kind == FieldKind::Switch && text.is_empty() { "false".to_owned() } else { text },
        kind,
        required: field.required,
        show_if: field.show_if.as_ref().map(|one| (one.key.clone(), plain(&one.equals))),
    }
}
