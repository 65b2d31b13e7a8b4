//! The workers behind the engine's effects: one thread for each payment instance and printer, one for all event sinks
//! ([`super::sinks`]). They call plugins, which may be slow; whatever comes of it goes back to the engine as an answer.

use super::sinks::Sinks;
use super::teller::{Stops, Teller};
use super::wheel::{Answers, Wheel};
use crate::devices::DeviceSet;
use crate::receipt;
use aurapos_contract::error::ErrorCode;
use aurapos_contract::payment::{PaymentAnswer, PaymentIntent, PaymentState};
use aurapos_contract::{PaymentProvider, PluginError, PluginResult, Printer, RecordStore};
use aurapos_engine::effect::{Effect, EffectAnswer, EffectId, PaymentAction, PrintRequest};
use aurapos_plugin_host::spin;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Effects that may wait for one worker.
const EFFECTS_MAX: usize = 64;
/// How long a payment's worker looks for the next payment before it sleeps.
const SPIN: std::time::Duration = std::time::Duration::from_millis(1);
/// How long closing waits for workers: a card payment keeps its own deadline, and is asked about at the next start.
pub(crate) const END_PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// The queues of the running workers. Dropping them ends the workers when they have done what is queued.
#[derive(Debug, Default)]
pub(crate) struct Workers {
    payments: BTreeMap<String, Sender<Effect>>,
    printers: BTreeMap<String, Sender<Effect>>,
    events: Option<Sender<Effect>>,
    answers: Option<Answers>,
    closing: Arc<AtomicBool>,
    /// Payments that somebody wants stopped.
    stops: Stops,
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

impl Workers {
    /// Starts the threads.
    pub(crate) fn start(
        devices: &DeviceSet,
        store: &Arc<dyn RecordStore>,
        answers: &Answers,
        wheel: &Wheel,
    ) -> std::io::Result<Self> {
        let mut workers = Workers::default();
        workers.answers = Some(answers.clone());
        for (name, provider) in &devices.payments {
            let (provider, answers, wheel, instance) = (provider.clone(), answers.clone(), wheel.clone(), name.clone());
            let stops = workers.stops.clone();
            let queue = Self::spawn(&format!("pay {name}"), move |effects| {
                work_payments(&effects, provider.as_ref(), &answers, &Teller { instance, wheel, stops });
            })?;
            workers.payments.insert(name.clone(), queue);
        }
        for (name, printer) in &devices.printers {
            let (printer, answers, wheel, instance) = (printer.clone(), answers.clone(), wheel.clone(), name.clone());
            let queue = Self::spawn(&format!("print {name}"), move |effects| {
                work_prints(&effects, printer.as_ref(), &answers, &|error| wheel.device_failed(&instance, error));
            })?;
            workers.printers.insert(name.clone(), queue);
        }
        if !devices.sinks.is_empty() {
            let sinks = Sinks {
                store: store.clone(),
                sinks: devices.sinks.clone(),
                answers: answers.clone(),
                wheel: wheel.clone(),
                closing: workers.closing.clone(),
            };
            workers.events = Some(Self::spawn("events", move |effects| sinks.run(&effects))?);
        }
        Ok(workers)
    }

    fn spawn(name: &str, work: impl FnOnce(Receiver<Effect>) + Send + 'static) -> std::io::Result<Sender<Effect>> {
        let (queue, effects) = bounded(EFFECTS_MAX);
        // The operating system cuts thread names at 15 bytes.
        let name: String = name.chars().take(15).collect();
        // Nobody joins it: a worker ends with its queue, and one that hangs in a plugin must not keep the register open.
        std::thread::Builder::new().name(name).spawn(move || work(effects))?;
        Ok(queue)
    }

    /// Takes the operator's wish to the worker of a payment, which may not have begun.
    pub(crate) fn stop_payment(&self, payment: EffectId) {
        self.stops.ask(payment);
    }

    /// An effect was answered: a wish to stop it is over.
    pub(crate) fn answered(&self, effect: EffectId) {
        self.stops.forget(effect);
    }

    /// Gives effects to their workers, in order for each; what finds a full queue stays, and holds up no other worker:
    /// a slow printer must not delay a payment.
    pub(crate) fn hand_all(&self, effects: &mut VecDeque<Effect>) {
        let mut full: BTreeSet<(u8, String)> = BTreeSet::new();
        for effect in std::mem::take(effects) {
            let worker = match &effect {
                Effect::Payment { instance, .. } => (0, instance.clone()),
                Effect::Print { job, .. } => (1, job.printer.clone()),
                Effect::Deliver { .. } => (2, String::new()),
            };
            if full.contains(&worker) {
                effects.push_back(effect);
            } else if let Err(TrySendError::Full(effect) | TrySendError::Disconnected(effect)) = self.hand(effect) {
                full.insert(worker);
                effects.push_back(effect);
            }
        }
    }

    /// Gives an effect to its worker; gives it back when the worker's queue is full.
    fn hand(&self, effect: Effect) -> Result<(), TrySendError<Effect>> {
        let queue = match &effect {
            Effect::Payment { instance, .. } => self.payments.get(instance),
            Effect::Print { job, .. } => self.printers.get(&job.printer),
            Effect::Deliver { .. } => self.events.as_ref(),
        };
        match queue {
            Some(queue) => match queue.try_send(effect) {
                // A worker never ends before its queue; if it did, its plugin is gone.
                Err(TrySendError::Disconnected(effect)) => self.nobody(effect),
                other => other,
            },
            None => self.nobody(effect),
        }
    }

    fn nobody(&self, effect: Effect) -> Result<(), TrySendError<Effect>> {
        let Some(answers) = &self.answers else { return Ok(()) };
        let answer = match &effect {
            Effect::Payment { instance, .. } => EffectAnswer::Payment(Err(no_device(instance))),
            Effect::Print { job, .. } => EffectAnswer::Printed(Err(no_device(&job.printer))),
            Effect::Deliver { .. } => EffectAnswer::Delivered(Ok(())),
        };
        answers.try_send((effect.id(), answer)).map_err(|_| TrySendError::Full(effect))
    }
}

fn no_device(instance: &str) -> PluginError {
    PluginError::new(ErrorCode::NotFound, format!("`{instance}` is not configured or its plugin was refused"))
        .with_next("See `aurapos-admin plugin list`.")
}

fn work_payments(effects: &Receiver<Effect>, provider: &dyn PaymentProvider, answers: &Answers, teller: &Teller) {
    loop {
        spin::until(SPIN, || !effects.is_empty());
        let Ok(effect) = effects.recv() else { break };
        let Effect::Payment { id, action, intent, .. } = effect else { continue };
        let answer = pay(provider, id, action, &intent, teller);
        if let Err(error) = &answer {
            teller.failed(error);
        }
        if answers.send((id, EffectAnswer::Payment(answer))).is_err() {
            break;
        }
    }
}

fn pay(
    provider: &dyn PaymentProvider,
    id: EffectId,
    action: PaymentAction,
    intent: &PaymentIntent,
    teller: &Teller,
) -> PluginResult<PaymentAnswer> {
    let progress = teller.of(id);
    // Cancelled while another payment was before it: the plugin never hears of it, so that no money can move.
    if matches!(action, PaymentAction::Begin | PaymentAction::Refund) && teller.stops.asked(id) {
        return Ok(PaymentAnswer { state: PaymentState::Aborted, ..PaymentAnswer::default() });
    }
    match action {
        PaymentAction::Begin => provider.begin(intent, &progress),
        PaymentAction::QueryStatus => provider.query_status(intent),
        PaymentAction::Refund => provider.refund(intent, &progress),
        PaymentAction::Reverse => provider.reverse(intent, &progress),
    }
}

fn work_prints(
    effects: &Receiver<Effect>,
    printer: &dyn Printer,
    answers: &Answers,
    tell_failure: &dyn Fn(&PluginError),
) {
    for effect in effects {
        let Effect::Print { id, job } = effect else { continue };
        let answer = print(printer, &job);
        if let Err(error) = &answer {
            tell_failure(error);
        }
        if answers.send((id, EffectAnswer::Printed(answer))).is_err() {
            break;
        }
    }
}

fn print(printer: &dyn Printer, request: &PrintRequest) -> PluginResult<()> {
    printer.print(&receipt::print_job(request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_worker_holds_up_no_other_and_keeps_its_order() {
        let (events, told) = bounded(1);
        let (card, paid) = bounded(2);
        let mut workers = Workers::default();
        workers.payments.insert("card".to_owned(), card);
        workers.events = Some(events);
        let deliver = |id| Effect::Deliver { id: EffectId(id), events: Vec::new(), missed: false };
        let pay = |id| Effect::Payment {
            id: EffectId(id),
            instance: "card".to_owned(),
            action: PaymentAction::Begin,
            intent: PaymentIntent::default(),
        };
        let mut effects = VecDeque::from([deliver(1), deliver(2), deliver(3), pay(4), pay(5)]);
        workers.hand_all(&mut effects);
        let ids = |effects: &mut dyn Iterator<Item = Effect>| effects.map(|effect| effect.id().0).collect::<Vec<_>>();
        assert_eq!(ids(&mut paid.try_iter()), [4, 5]);
        assert_eq!(ids(&mut told.try_iter()), [1]);
        workers.hand_all(&mut effects);
        assert_eq!(ids(&mut told.try_iter()), [2]);
        assert_eq!(ids(&mut effects.into_iter()), [3]);
    }
}
