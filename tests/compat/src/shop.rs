//! A shop that is paid by the terminal, and what the terminal's own list says.

use crate::TERMINAL;
use crate::programs::Programs;
use aurapos_tests::plugins::lay;
use aurapos_tests::shop::{OPERATOR, PIN, Refusal, Script, Shop};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// Two ways to pay by the terminal: `card`, and `tap`, for which the grown engine asks for more than version 1.0 knows.
const PAYMENTS: &str = "
[[payment]]
name = \"card\"
use = \"terminal\"
isolation = \"in-process\"

[[payment]]
name = \"tap\"
use = \"terminal\"
isolation = \"in-process\"
";

/// What is sold each time.
const ITEM: &str = "EAU-001:2";

/// The shop.
#[derive(Debug)]
pub struct TerminalShop {
    /// As the programs know it.
    pub shop: Shop,
}

impl TerminalShop {
    /// Set up by these programs, with the terminal installed.
    ///
    /// # Panics
    /// Anything is refused.
    pub fn new(programs: &Programs, terminal: &[u8]) -> TerminalShop {
        let mut shop = Shop::nowhere();
        shop.serve_by(&programs.folder);
        shop.set_up();
        let made = TerminalShop { shop };
        made.install(terminal);
        let file = made.shop.data.join("aurapos.toml");
        let settings = fs::read_to_string(&file).expect("`init` wrote the settings");
        fs::write(&file, settings + PAYMENTS).expect("a temporary folder can be written");
        made
    }

    /// Installs a build of the terminal, in the place of another one if there is.
    ///
    /// # Panics
    /// It is refused.
    pub fn install(&self, terminal: &[u8]) {
        let download = tempfile::tempdir().expect("there is a temporary folder");
        lay(download.path(), TERMINAL, terminal);
        self.shop.ok(&["plugin", "install", download.path().to_str().expect("temporary folders have plain names")]);
    }

    fn arguments(tender: &str) -> [&str; 9] {
        ["sell", "--operator", OPERATOR, "--pin", PIN, "--item", ITEM, "--tender", tender]
    }

    /// Sells by a way to pay.
    pub fn sell(&self, tender: &str) -> Value {
        self.shop.ok(&Self::arguments(tender))
    }

    /// Tries to.
    pub fn refused(&self, tender: &str) -> Refusal {
        self.shop.refused(&Self::arguments(tender))
    }

    fn file(&self, instance: &str, name: &str) -> PathBuf {
        self.shop.data.join("plugin-data/terminal").join(instance).join(name)
    }

    /// What the terminal charged and reversed, by its own list.
    pub fn charges(&self, instance: &str) -> Vec<String> {
        let text = fs::read_to_string(self.file(instance, "charges")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// A sale by card with this id, as a line of a script.
    pub fn sale(id: &str) -> Value {
        let items = json!([{"item": "EAU-001", "qty": "2"}]);
        json!({"id": id, "operator": OPERATOR, "pin": PIN, "items": items, "tenders": [{"card": null}]})
    }

    /// Begins that sale and kills the program after the terminal charged, before it could say so.
    ///
    /// # Panics
    /// It answers instead.
    pub fn interrupt(&self, id: &str) {
        let (hold, held) = (self.file("card", "hold"), self.file("card", "held"));
        fs::create_dir_all(hold.parent().expect("a file has a folder")).expect("a temporary folder can be written");
        fs::write(&hold, "").expect("a temporary folder can be written");
        let mut script = self.shop.script();
        script.send(&Self::sale(id));
        while !held.exists() {
            assert_eq!(script.answer_within(Duration::from_millis(5)), None, "it hangs");
        }
        script.kill();
        [hold, held].iter().for_each(|file| fs::remove_file(file).expect("the marks are there"));
    }

    /// Begins that sale; the terminal panics after it charged. What the register answers.
    ///
    /// # Panics
    /// The temporary folder cannot be written.
    pub fn strike(&self, id: &str) -> Value {
        let mark = self.file("card", "panic");
        fs::create_dir_all(mark.parent().expect("a file has a folder")).expect("a temporary folder can be written");
        fs::write(&mark, "").expect("a temporary folder can be written");
        let mut script = self.shop.script();
        script.send(&Self::sale(id));
        let answer = script.answer();
        script.finish();
        answer
    }

    /// Sells that sale, as often as the register says that it still asks what became of the first time.
    pub fn insist(&self, id: &str) -> Value {
        let mut script: Script = self.shop.script();
        loop {
            script.send(&Self::sale(id));
            let answer = script.answer();
            if answer["error"]["code"] != "AP-3006" {
                script.finish();
                return answer;
            }
            std::thread::yield_now();
        }
    }

    /// What a plugin wrote into the host's log, in all lives.
    pub fn logs(&self) -> String {
        let files = fs::read_dir(self.shop.data.join("logs")).expect("there are logs");
        files.map(|file| fs::read_to_string(file.expect("it can be listed").path()).expect("a log is text")).collect()
    }
}
