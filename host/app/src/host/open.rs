//! Opening and closing the register of the data folder.

use super::events::Events;
use super::{Inner, rescue};
use aurapos_runtime::contract::backup::BackupTrigger;
use aurapos_runtime::engine::apply::FindingKind;
use aurapos_runtime::engine::error::Code;
use aurapos_runtime::engine::queries;
use aurapos_runtime::{OpenOptions, Register, RuntimeError, joining};
use aurapos_ui::host::{Facts, Opening, PluginTrouble};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// An open register.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) register: Arc<Register>,
    pub(super) facts: Facts,
    _events: Events,
}

impl Inner {
    /// Opens it, or tells again that it is open.
    pub(super) fn open(self: &Arc<Self>) -> Opening {
        if let Some(open) = self.state().open.as_ref() {
            return Opening::Ready(Box::new(open.facts.clone()));
        }
        if joining::is_arriving(&self.options.folder) {
            return Opening::Arriving;
        }
        super::setup::sweep(&self.options.folder);
        match self.try_open() {
            Ok(facts) => {
                if self.background {
                    self.queue_own_backup(BackupTrigger::Start);
                }
                Opening::Ready(Box::new(facts))
            }
            Err(error) if self.is_without_shop(&error) => Opening::NoShop,
            Err(error) => {
                tracing::error!(code = error.code(), "the register does not open: {error}");
                Opening::Refused(Box::new(rescue::rescue(&self.options, &error)))
            }
        }
    }

    /// There is no shop, and never was: what an interrupted set-up left is used again by the next one.
    fn is_without_shop(&self, error: &RuntimeError) -> bool {
        match error {
            RuntimeError::NoShop { .. } => true,
            RuntimeError::Engine(error) => error.is(Code::NoShop) && !self.options.folder.last_good_file().exists(),
            _ => false,
        }
    }

    pub(super) fn try_open(&self) -> Result<Facts, RuntimeError> {
        let options = OpenOptions { safe_mode: self.safe_mode.load(Ordering::SeqCst), ..self.options.clone() };
        let register = Arc::new(Register::open(&options)?);
        let restored = self.state().restored.take();
        if let Some(restored) = restored {
            register.note_restored(&restored);
        }
        let facts = self.facts_of(&register)?;
        let events = Events::start(&register, self.listeners.clone())
            .map_err(|source| RuntimeError::File { what: "starting the thread of events".to_owned(), source })?;
        self.set_zone(register.site().zone.get());
        self.lock(&self.about).storage.clone_from(&facts.storage);
        let open = Open { register, facts: facts.clone(), _events: events };
        let mut state = self.state();
        if state.ending {
            drop(state);
            open.register.close();
        } else {
            state.open = Some(open);
        }
        Ok(facts)
    }

    fn facts_of(&self, register: &Register) -> Result<Facts, RuntimeError> {
        let store = register.store();
        let shop = queries::shop(store.as_ref())?;
        let info = store.info()?;
        let facts = register.facts();
        let refused = register.refused().iter().map(|one| PluginTrouble {
            kind: one.kind.to_owned(),
            name: one.name.clone(),
            trouble: super::trouble::of_refusal(&one.refusal),
        });
        let mut findings = queries::findings(store.as_ref())?.into_iter();
        let lost = findings.find(|finding| finding.kind == FindingKind::WentBack);
        Ok(Facts {
            shop_name: shop.name,
            currency: shop.currency,
            country: shop.country.code.to_owned(),
            language: shop.language,
            register: facts.code.clone(),
            new_incarnation: facts.new_incarnation.clone(),
            lost_after: lost.map(|finding| finding.subject).unwrap_or_default(),
            storage: format!("{} {}", info.engine, info.engine_version),
            shares: register.sync().is_some(),
            safe_mode: self.safe_mode.load(Ordering::SeqCst),
            refused: refused.collect(),
            payments: register.devices().payments.clone(),
            prints: register.devices().receipt_printer.is_some(),
        })
    }

    /// Takes the register out of use and closes it. Whoever still has it open (an import) is told that it is closed.
    pub(super) fn close(&self) {
        let open = self.state().open.take();
        if let Some(open) = open {
            self.reads.settle();
            open.register.close();
        }
    }
}
