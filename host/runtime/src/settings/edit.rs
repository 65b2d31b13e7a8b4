//! Changes to the settings file that keep every other byte.

use super::Mode;
use thiserror::Error;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

/// Why a change was not made.
#[derive(Debug, Error)]
pub enum EditError {
    /// The text is not TOML.
    #[error("the settings file cannot be changed: {0}")]
    NotToml(String),
    /// No instance uses that plugin.
    #[error("no [{kind}] in the settings uses the plugin `{plugin}`")]
    NoInstance {
        /// Kind.
        kind: String,
        /// Plugin id.
        plugin: String,
    },
    /// A register cannot do without.
    #[error("a register cannot be without its storage; choose another one in [storage.local] instead")]
    Storage,
    /// A table where another thing was expected.
    #[error("`{0}` in the settings is not a table")]
    NotATable(String),
}

/// A settings file being changed.
#[derive(Debug, Clone)]
pub struct SettingsEdit {
    document: DocumentMut,
}

impl SettingsEdit {
    /// Starts from a text.
    ///
    /// # Errors
    /// It is not TOML.
    pub fn of(text: &str) -> Result<Self, EditError> {
        let document = text.parse().map_err(|error: toml_edit::TomlError| EditError::NotToml(error.to_string()))?;
        Ok(SettingsEdit { document })
    }

    /// The text with the changes.
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// Turns the instances of a plugin on; adds one where there is none.
    ///
    /// # Errors
    /// The file has something else under the kind's name.
    pub fn enable(&mut self, kind: &str, plugin: &str) -> Result<(), EditError> {
        if kind == "storage" {
            let table = self.table_below("storage", "local")?;
            table["use"] = value(plugin);
            return Ok(());
        }
        let mut found = false;
        for table in self.instances_mut(kind, plugin) {
            table.remove("enabled");
            found = true;
        }
        if found { Ok(()) } else { self.add(kind, plugin) }
    }

    /// Chooses the storage, with its settings; other settings that stood there go.
    ///
    /// # Errors
    /// The file has something else under `storage`.
    pub fn set_storage<'a>(
        &mut self,
        plugin: &str,
        settings: impl Iterator<Item = (&'a str, toml_edit::Value)>,
        in_process: bool,
    ) -> Result<(), EditError> {
        let table = self.table_below("storage", "local")?;
        choose(table, plugin, settings, in_process);
        Ok(())
    }

    /// Chooses the storage that the shop's registers share, under a name of its own, and says how this register stands to the others.
    ///
    /// # Errors
    /// The file has something else under `storage` or `register`.
    pub fn set_shared<'a>(
        &mut self,
        mode: Mode,
        name: &str,
        plugin: &str,
        settings: impl Iterator<Item = (&'a str, toml_edit::Value)>,
        in_process: bool,
    ) -> Result<(), EditError> {
        replace(self.register()?, "mode", mode.code());
        let table = self.table_below("storage", "shared")?;
        replace(table, "name", name);
        choose(table, plugin, settings, in_process);
        Ok(())
    }

    /// The register is by itself: what it shared goes.
    ///
    /// # Errors
    /// The file has something else under `register`.
    pub fn set_single(&mut self) -> Result<(), EditError> {
        replace(self.register()?, "mode", Mode::Single.code());
        if let Some(storage) = self.document.get_mut("storage").and_then(Item::as_table_mut) {
            storage.remove("shared");
        }
        Ok(())
    }

    /// Turns the instances of a plugin off; their tables stay.
    ///
    /// # Errors
    /// No instance uses it, or it is the storage.
    pub fn disable(&mut self, kind: &str, plugin: &str) -> Result<(), EditError> {
        if kind == "storage" {
            return Err(EditError::Storage);
        }
        let mut found = false;
        for table in self.instances_mut(kind, plugin) {
            table["enabled"] = value(false);
            found = true;
        }
        let none = || EditError::NoInstance { kind: kind.to_owned(), plugin: plugin.to_owned() };
        found.then_some(()).ok_or_else(none)
    }

    /// Loads a third-party plugin into this process: the owner says so.
    pub fn allow_in_process(&mut self, kind: &str, plugin: &str) {
        for table in self.instances_mut(kind, plugin) {
            table["isolation"] = value("in-process");
        }
    }

    /// Says which register this is.
    ///
    /// # Errors
    /// The file has something else under `register`.
    pub fn set_register(&mut self, code: &str, time_zone: Option<&str>) -> Result<(), EditError> {
        let table = self.register()?;
        replace(table, "code", code);
        if let Some(zone) = time_zone {
            replace(table, "time_zone", zone);
        }
        Ok(())
    }

    /// Says how the window looks; keys that say it already stay as they are.
    ///
    /// # Errors
    /// The file has something else under `ui`.
    pub fn set_ui(&mut self, ui: &super::UiSettings) -> Result<(), EditError> {
        if !self.document.contains_key("ui") && *ui == super::UiSettings::default() {
            return Ok(());
        }
        let table = self.document.entry("ui").or_insert_with(toml_edit::table);
        let table = table.as_table_mut().ok_or_else(|| EditError::NotATable("ui".to_owned()))?;
        super::ui::write(table, ui);
        Ok(())
    }

    fn instances_mut<'a>(&'a mut self, kind: &str, plugin: &'a str) -> Vec<&'a mut Table> {
        let uses = move |table: &&mut Table| {
            let selector = table.get("use").and_then(Item::as_str).unwrap_or_default();
            selector.split('@').next() == Some(plugin)
        };
        match self.document.get_mut(kind) {
            Some(Item::ArrayOfTables(tables)) => tables.iter_mut().filter(uses).collect(),
            Some(Item::Table(table)) => Some(table).into_iter().filter(uses).collect(),
            _ => Vec::new(),
        }
    }

    fn add(&mut self, kind: &str, plugin: &str) -> Result<(), EditError> {
        let mut table = Table::new();
        let not_a_table = || EditError::NotATable(kind.to_owned());
        if kind == "backup" {
            table["use"] = value(plugin);
            self.document[kind] = Item::Table(table);
            return Ok(());
        }
        table["name"] = value(plugin);
        table["use"] = value(plugin);
        let list = self.document.entry(kind).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        list.as_array_of_tables_mut().ok_or_else(not_a_table)?.push(table);
        Ok(())
    }

    fn register(&mut self) -> Result<&mut Table, EditError> {
        let register = self.document.entry("register").or_insert_with(toml_edit::table);
        register.as_table_mut().ok_or_else(|| EditError::NotATable("register".to_owned()))
    }

    fn table_below(&mut self, above: &str, name: &str) -> Result<&mut Table, EditError> {
        let implicit = || {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        };
        let not_a_table = || EditError::NotATable(format!("{above}.{name}"));
        let above_table = self.document.entry(above).or_insert_with(implicit).as_table_mut().ok_or_else(not_a_table)?;
        above_table.entry(name).or_insert_with(toml_edit::table).as_table_mut().ok_or_else(not_a_table)
    }
}

/// A plugin with its settings; other settings that stood there go.
fn choose<'a>(
    table: &mut Table,
    plugin: &str,
    settings: impl Iterator<Item = (&'a str, toml_edit::Value)>,
    in_process: bool,
) {
    table["use"] = value(plugin);
    // Consent was given to the one that stood there, and to no other.
    table.remove("isolation");
    if in_process {
        table["isolation"] = value("in-process");
    }
    table.remove("config");
    let mut config = Table::new();
    for (key, text) in settings {
        config.insert(key, Item::Value(text));
    }
    if !config.is_empty() {
        table.insert("config", Item::Table(config));
    }
}

/// A new value; the comment behind the old one stays.
fn replace(table: &mut Table, key: &str, text: &str) {
    let mut new = value(text);
    if let (Some(old), Some(new)) = (table.get(key).and_then(Item::as_value), new.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    table[key] = new;
}
