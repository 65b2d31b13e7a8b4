//! One register or several: `[register] mode` and `[storage.shared]`, which belong together.

use super::{Check, Instance, SettingsError, file};

/// How a register stands to the others of its shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// By itself.
    #[default]
    Single,
    /// It has the server that the shop shares.
    Master,
    /// It reaches the master's server.
    Slave,
}

impl Mode {
    /// All of them.
    pub const ALL: [Mode; 3] = [Mode::Single, Mode::Master, Mode::Slave];

    /// The word in the file.
    pub const fn code(self) -> &'static str {
        match self {
            Mode::Single => "single",
            Mode::Master => "master",
            Mode::Slave => "slave",
        }
    }

    /// The mode of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.code() == code)
    }
}

impl Check<'_> {
    pub(super) fn mode(&self, mode: Option<&file::Word>) -> Result<Mode, SettingsError> {
        let Some(word) = mode else { return Ok(Mode::Single) };
        let wrong = || self.wrong(word.span(), format!("\"{}\" is not single, master or slave", word.get_ref()));
        Mode::from_code(word.get_ref()).ok_or_else(wrong)
    }

    /// `[storage.shared]`, which a register by itself has not, and every other one needs.
    pub(super) fn shared(
        &self,
        mode: Mode,
        word: Option<&file::Word>,
        shared: Option<toml::Spanned<file::Instance>>,
        local: &Instance,
    ) -> Result<Option<Instance>, SettingsError> {
        let Some(shared) = shared else {
            return match word.filter(|_| mode != Mode::Single) {
                None => Ok(None),
                Some(word) => {
                    let message = format!("mode = \"{}\" needs [storage.shared]: the shop's database", mode.code());
                    Err(self.wrong(word.span(), message))
                }
            };
        };
        let span = shared.get_ref().selector.span();
        if mode == Mode::Single {
            let message = "a register by itself has no [storage.shared]; write mode = \"master\" or \"slave\" under [register], or \
                           remove it";
            return Err(self.wrong(span, message.to_owned()));
        }
        let name_span = shared.get_ref().name.as_ref().map(toml::Spanned::span);
        let shared = self.instance(shared)?;
        if shared.plugin() == local.plugin() {
            let message = format!(
                "a register keeps its own data on its own machine, in another storage than the shared one: \"{}\" is in \
                 [storage.local] already",
                shared.plugin()
            );
            return Err(self.wrong(span, message));
        }
        if shared.name == local.name {
            let message = format!("two instances have the name \"{}\"; give each its own", shared.name);
            return Err(self.wrong(name_span.unwrap_or(span), message));
        }
        if !shared.enabled {
            return Err(self
                .wrong(span, "the shared storage cannot be switched off; mode = \"single\" does without".to_owned()));
        }
        Ok(Some(shared))
    }
}

#[cfg(test)]
mod tests {
    use super::super::MachineSettings;
    use super::*;

    const LOCAL: &str = "[storage.local]\nuse = \"sqlite\"\n";
    const SHARED: &str = "[storage.shared]\nname = \"shared\"\nuse = \"postgres\"\n";

    fn parse(text: &str) -> Result<MachineSettings, SettingsError> {
        MachineSettings::parse(text, "aurapos.toml", false)
    }

    fn refused(text: &str, words: &[&str]) {
        let error = parse(text).expect_err(text);
        let said = format!("{error} {}", error.next());
        assert_eq!(error.code(), "AP-0204", "{said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    }

    #[test]
    fn master_and_slave_have_a_shared_storage_and_nobody_else() {
        for mode in [Mode::Master, Mode::Slave] {
            let text = format!(
                "[register]\nmode = \"{}\"\n{LOCAL}{SHARED}deadline_ms = 5000\nfuture = 1\n[storage.shared.config]\nhost = \"192.168.1.10\"\nport = 5432\n",
                mode.code()
            );
            let settings = parse(&text).unwrap();
            let shared = settings.shared.as_ref().unwrap();
            assert_eq!((settings.mode, settings.storage.selector.as_str()), (mode, "sqlite"));
            assert_eq!((shared.name.as_str(), shared.plugin()), ("shared", "postgres"));
            assert_eq!(
                (shared.settings.text("host").unwrap(), shared.settings.int("port").unwrap()),
                ("192.168.1.10", 5432)
            );
            assert_eq!(shared.deadline, Some(std::time::Duration::from_secs(5)));
            assert_eq!(settings.unknown, ["storage.shared.future"]);
            let kinds: Vec<(&str, &str)> = settings.instances().map(|(kind, one)| (kind, one.name.as_str())).collect();
            assert_eq!(kinds, [("storage", "sqlite"), ("storage", "shared")]);
        }
        let settings = parse(&format!("[register]\nmode = \"single\"\n{LOCAL}")).unwrap();
        assert_eq!((settings.mode, settings.shared), (Mode::Single, None));
        assert_eq!(parse(LOCAL).unwrap().mode, Mode::Single);
    }

    #[test]
    fn what_does_not_belong_together_is_refused_by_line() {
        refused(&format!("{LOCAL}{SHARED}"), &["line 5", "storage.shared.use", "by itself", "master"]);
        refused(
            &format!("[register]\nmode = \"slave\"\n{LOCAL}"),
            &["line 2", "register.mode", "needs [storage.shared]"],
        );
        refused(&format!("[register]\nmode = \"duo\"\n{LOCAL}{SHARED}"), &["line 2", "single, master or slave"]);
        let slave = |shared: &str| format!("[register]\nmode = \"slave\"\n{LOCAL}{shared}");
        refused(&slave("[storage.shared]\nuse = \"sqlite\"\n"), &["line 6", "storage.shared.use", "own machine"]);
        refused(
            &slave("[storage.shared]\nname = \"sqlite\"\nuse = \"postgres\"\n"),
            &["line 6", "storage.shared.name", "two instances"],
        );
        refused(&slave("[storage.shared]\nuse = \"postgres\"\nenabled = false\n"), &["line 6", "switched off"]);
        refused(&slave("[storage.shared]\nhost = \"x\"\n"), &["use"]);
        refused(&slave("[storage.shared]\nuse = 7\n"), &["line 6", "storage.shared.use"]);
        refused(
            &slave(&format!("{SHARED}deadline_ms = 1\n")),
            &["line 8", "storage.shared.deadline_ms", "milliseconds"],
        );
        refused(&slave(&format!("{SHARED}[storage.shared.config]\nx = 1.5\n")), &["line 9", "config.x", "float"]);
    }
}
