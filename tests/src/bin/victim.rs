//! `hostile-victim PROGRAM DATA PROBE PLUGIN CALL [KEY=VALUE…]`: opens a plugin host over these folders and makes one call
//! into one plugin, which may end this process. It says how far it came, a line each.

use aurapos_contract::host::NoProgress;
use aurapos_contract::payment::PaymentIntent;
use aurapos_contract::transaction::Transaction;
use aurapos_contract::{PluginResult, Progress, Settings, Uuid};
use aurapos_plugin_host::{Code, Instance, PluginHost, Refusal};
use aurapos_plugin_testkit::TestHost;
use aurapos_tests::plugins;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, data, probe, plugin, call, settings @ ..] = arguments.as_slice() else {
        return Err("usage: hostile-victim PROGRAM DATA PROBE PLUGIN CALL [KEY=VALUE…]".into());
    };
    let mut options = plugins::options(Path::new(program), Path::new(data), probe);
    let mut settings: Vec<(&str, &str)> = settings.iter().filter_map(|setting| setting.split_once('=')).collect();
    if let Some(at) = settings.iter().position(|(key, _)| *key == "start_ms") {
        options.deadlines.start = Duration::from_millis(settings.remove(at).1.parse()?);
    }
    let host = PluginHost::open(options);
    println!("open");
    let services = TestHost::over(Path::new(data));
    let next_services = services.clone();
    let instance = plugins::instance(plugin, &settings, services.clone());
    let (call, bystander) = call.split_once(" beside ").map_or((call.as_str(), None), |(call, id)| (call, Some(id)));
    if let Some(id) = bystander {
        stand_by(&host, &plugins::instance(id, &[("how", "begin hangs")], services))?;
        println!("beside {id}");
    }
    let (call, next) = call.split_once(" then ").map_or((call, None), |(call, id)| (call, Some(id)));
    if let Err(refusal) = run(&host, &instance, call) {
        println!("refused {refusal}");
    }
    if let Some(Err(refusal)) = next.map(|id| run(&host, &plugins::instance(id, &[], next_services), "begin")) {
        println!("then refused {refusal}");
    }
    println!("goes on");
    Ok(())
}

/// Leaves another plugin inside a call that does not end.
fn stand_by(host: &PluginHost, instance: &Instance) -> Result<(), Refusal> {
    let payment = host.payment(instance)?;
    let (begun, begins) = mpsc::channel();
    std::thread::spawn(move || tell(payment.begin(&PaymentIntent::default(), &Begun(begun))));
    begins.recv().map_err(|_| unopened(instance, "it ended before it began"))
}

/// The plugin reports from inside `begin`.
#[derive(Debug)]
struct Begun(mpsc::Sender<()>);

impl Progress for Begun {
    fn report(&self, _: u64, _: u64, _: &str) {
        // Only the first report is waited for.
        let _ = self.0.send(());
    }
    fn cancelled(&self) -> bool {
        false
    }
}

fn run(host: &PluginHost, instance: &Instance, call: &str) -> Result<(), Refusal> {
    match call {
        "begin" | "query_status" | "cancel" => {
            let payment = host.payment(instance)?;
            println!("made");
            let intent = PaymentIntent { amount_minor: 100, tendered_minor: 100, ..Default::default() };
            match call {
                "begin" => tell(payment.begin(&intent, &NoProgress)),
                "query_status" => tell(payment.query_status(&intent)),
                _ => tell(payment.cancel(Uuid::nil())),
            }
            drop(payment);
        }
        _ => {
            let storage = host.storage(instance)?;
            println!("made");
            let store = storage.open(&Settings::default()).map_err(|error| unopened(instance, &error.message))?;
            tell(store.commit(&Transaction::default()));
        }
    }
    Ok(())
}

fn unopened(instance: &Instance, message: &str) -> Refusal {
    Refusal::new(Code::Factory, &instance.selector, message)
}

fn tell<T: std::fmt::Debug>(result: PluginResult<T>) {
    println!("answered {result:?}");
}
