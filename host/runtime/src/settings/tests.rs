use super::*;

const MINIMAL: &str = "[storage.local]\nuse = \"sqlite\"\n";

fn parse(text: &str) -> Result<MachineSettings, SettingsError> {
    MachineSettings::parse(text, "aurapos.toml", true)
}

#[test]
fn the_file_of_a_new_register_is_understood() {
    let settings = parse(&default_text("R7", "Europe/Brussels")).unwrap();
    assert_eq!(settings.register.as_deref(), Some("R7"));
    assert_eq!(settings.storage.selector, "sqlite");
    assert_eq!(settings.payments.len(), 1);
    assert_eq!(settings.payments[0].name, "cash");
    assert_eq!(settings.backup.as_ref().unwrap().selector, "backup-scheduler");
    assert!(settings.printers.is_empty() && settings.events.is_empty());
    assert_eq!(settings.trust, Trust::Tofu);
    assert!(settings.unknown.is_empty(), "{:?}", settings.unknown);
}

#[test]
fn an_instance_has_its_name_deadline_and_settings() {
    let text = "[storage.local]\nuse = \"sqlite\"\n[[payment]]\nname = \"front terminal\"\nuse = \"zvt@^1\"\n\
        isolation = \"in-process\"\ndeadline_ms = 90000\nfuture = 1\n[payment.config]\nhost = \"10.0.0.9\"\nport = 5\nfast = true\n";
    let settings = parse(text).unwrap();
    let payment = &settings.payments[0];
    assert_eq!((payment.name.as_str(), payment.selector.as_str()), ("front terminal", "zvt@^1"));
    assert!(payment.in_process && payment.enabled);
    assert_eq!(payment.deadline, Some(Duration::from_secs(90)));
    assert_eq!(payment.settings.text("host").unwrap(), "10.0.0.9");
    assert_eq!(payment.settings.int("port").unwrap(), 5);
    assert_eq!(settings.unknown, ["payment.future"]);
}

fn refused(text: &str, code: &str, words: &[&str]) {
    let error = parse(text).expect_err(text);
    let said = format!("{error} {}", error.next());
    assert_eq!(error.code(), code, "{said}");
    for word in words {
        assert!(said.contains(word), "{text:?} gave: {said}");
    }
}

#[test]
fn an_error_names_line_column_and_key() {
    refused("[storage.local]\nuse = \n", "AP-0203", &["line 2", "column", "use", "use-last-good"]);
    refused("[storage.local\nuse = 1", "AP-0203", &["line 1"]);
    refused("[storage.local]\nuse = 7\n", "AP-0204", &["line 2", "column 7", "storage.local.use"]);
    refused("[register]\ncode = \"R1\"\n", "AP-0204", &["storage"]);
    refused(&format!("{MINIMAL}[[payment]]\nname = \"x\"\n"), "AP-0204", &["line 3", "use"]);
    refused(&format!("[register]\ncode = \"r 1\"\n{MINIMAL}"), "AP-0204", &["line 2", "register.code", "R1"]);
    refused(&format!("[register]\ntime_zone = \"Mars\"\n{MINIMAL}"), "AP-0204", &["register.time_zone", "Mars"]);
    for wrong in ["0", "-5", "999", "600001", "9223372036854775807"] {
        let words = ["line 3", "storage.local.deadline_ms", "1000 to 600000 milliseconds"];
        refused(&format!("{MINIMAL}deadline_ms = {wrong}\n"), "AP-0204", &words);
    }
    for right in [DEADLINE_MS_MIN, DEADLINE_MS_MAX] {
        let deadline = parse(&format!("{MINIMAL}deadline_ms = {right}\n")).unwrap().storage.deadline;
        assert_eq!(deadline, Some(Duration::from_millis(right.unsigned_abs())));
    }
    refused(&format!("{MINIMAL}[storage.local.config]\nx = 1.5\n"), "AP-0204", &["line 4", "config.x", "float"]);
    refused(&format!("{MINIMAL}[[payment]]\nuse = \"a\"\n[[payment]]\nuse = \"a\"\n"), "AP-0204", &["line 6", "two"]);
}

#[test]
fn what_does_not_exist_yet_is_refused_by_code() {
    refused(&format!("[plugins]\ntrust = \"signed\"\n{MINIMAL}"), "AP-0205", &["line 2", "plugins.trust", "tofu"]);
    refused(&format!("{MINIMAL}isolation = \"process\"\n"), "AP-0205", &["isolation", "in-process"]);
    refused(&format!("[register]\nmode = \"duo\"\n{MINIMAL}"), "AP-0204", &["single, master or slave"]);
    refused(&format!("[log]\nlevel = \"loud\"\n{MINIMAL}"), "AP-0204", &["line 2", "log.level", "debug"]);
    refused(&format!("[plugins]\ntrust = \"blind\"\n{MINIMAL}"), "AP-0204", &["open, tofu or signed"]);
    refused(&format!("{MINIMAL}isolation = \"jail\"\n"), "AP-0204", &["in-process or process"]);
}

#[test]
fn a_change_keeps_every_other_byte() {
    let text = "# mine\n[storage.local]\nuse = \"sqlite\"   # keep\nodd   = [1,\n  2]\n\n[[payment]]\nuse = \"cash\"\n";
    let mut edit = SettingsEdit::of(text).unwrap();
    edit.enable("payment", "cash").unwrap();
    assert_eq!(edit.text(), text);
    edit.disable("payment", "cash").unwrap();
    assert_eq!(edit.text(), format!("{text}enabled = false\n"));
    assert!(!parse(&edit.text()).unwrap().payments[0].enabled);
    edit.enable("payment", "cash").unwrap();
    assert_eq!(edit.text(), text);
    edit.enable("events", "sales-csv").unwrap();
    edit.enable("backup", "other").unwrap();
    edit.allow_in_process("events", "sales-csv");
    let settings = parse(&edit.text()).unwrap();
    assert_eq!(settings.events[0].name, "sales-csv");
    assert!(settings.events[0].in_process);
    assert_eq!(settings.backup.unwrap().selector, "other");
    assert!(edit.text().starts_with(text.trim_end()));
    assert!(edit.disable("storage", "sqlite").is_err());
    assert!(edit.disable("printer", "x").is_err());
}

#[test]
fn another_register_is_named_and_the_rest_stays() {
    let text = format!("{MINIMAL}\n[register] # mine\ncode = \"R1\" # the one at the door\nmode = \"single\"\n");
    let mut edit = SettingsEdit::of(&text).unwrap();
    edit.set_register("R7", None).unwrap();
    assert_eq!(edit.text(), text.replace("\"R1\"", "\"R7\""));
    edit.set_register("R8", Some("Europe/Paris")).unwrap();
    let settings = parse(&edit.text()).unwrap();
    assert_eq!((settings.register.as_deref(), settings.time_zone.name()), (Some("R8"), "Europe/Paris"));
    let mut bare = SettingsEdit::of(MINIMAL).unwrap();
    bare.set_register("R2", None).unwrap();
    assert_eq!(parse(&bare.text()).unwrap().register.as_deref(), Some("R2"));
    assert!(SettingsEdit::of("register = 1").unwrap().set_register("R2", None).is_err());
}

#[test]
fn a_register_of_several_is_written_and_taken_back() {
    let text = default_text("R2", "Europe/Brussels");
    let mut edit = SettingsEdit::of(&text).unwrap();
    let with = |host: &'static str| [("host", toml_edit::Value::from(host)), ("port", 5432.into())].into_iter();
    edit.set_shared(Mode::Slave, "shared", "postgres", with("old"), false).unwrap();
    edit.set_shared(Mode::Slave, "shared", "postgres", with("192.168.1.10"), false).unwrap();
    let settings = parse(&edit.text()).unwrap();
    let shared = settings.shared.unwrap();
    assert_eq!((settings.mode, shared.name.as_str(), shared.plugin()), (Mode::Slave, "shared", "postgres"));
    assert_eq!(shared.settings.text("host").unwrap(), "192.168.1.10");
    assert!(edit.text().contains("# AuraPOS: facts of this machine") && settings.unknown.is_empty(), "{}", edit.text());
    edit.set_single().unwrap();
    assert_eq!(edit.text(), text);
    assert!(SettingsEdit::of("register = 1").unwrap().set_single().is_err());
    let nothing = || std::iter::empty::<(&str, toml_edit::Value)>();
    assert!(SettingsEdit::of("storage = 1").unwrap().set_shared(Mode::Slave, "a", "b", nothing(), false).is_err());
}

#[test]
fn how_the_window_looks_is_read_and_an_older_file_says_nothing_of_it() {
    assert_eq!(parse(MINIMAL).unwrap().ui, UiSettings::default());
    assert_eq!(UiSettings::default().theme, Theme::System);
    let text = format!(
        "{MINIMAL}[ui]\nlanguage = \"nl\"\ntheme = \"dark\"\nreduced_motion = true\nidle_lock_minutes = 15\nfullscreen = true\nfont = 1\n"
    );
    let settings = parse(&text).unwrap();
    let ui = UiSettings {
        language: Some("nl".to_owned()),
        theme: Theme::Dark,
        reduced_motion: true,
        idle_lock_minutes: 15,
        fullscreen: true,
    };
    assert_eq!((settings.ui, settings.unknown), (ui, vec!["ui.font".to_owned()]));
    let refuse = |line: &str, words: &[&str]| refused(&format!("{MINIMAL}[ui]\n{line}\n"), "AP-0204", words);
    refuse("language = \"es\"", &["line 4", "ui.language", "es", "en, fr, nl, de"]);
    refuse("theme = \"pink\"", &["line 4", "ui.theme", "system, light or dark"]);
    refuse("idle_lock_minutes = -1", &["line 4", "ui.idle_lock_minutes", "1440"]);
    refuse("idle_lock_minutes = 1441", &["ui.idle_lock_minutes"]);
    refuse("fullscreen = 1", &["line 4", "ui.fullscreen"]);
    refuse("reduced_motion = \"no\"", &["ui.reduced_motion"]);
}

#[test]
fn how_the_window_looks_is_written_and_the_rest_stays() {
    let place = tempfile::tempdir().unwrap();
    let folder = DataFolder::new(place.path());
    let text = format!("# mine\n{MINIMAL}\n[ui] # the screen\ntheme   = \"light\"  # by the window\nfont = 1\n");
    write_text(&folder, &text).unwrap();
    let mut ui = MachineSettings::read(&folder).unwrap().ui;
    save_ui(&folder, &ui).unwrap();
    assert_eq!(read_text(&folder).unwrap(), text, "nothing changed");
    ui.theme = Theme::Dark;
    save_ui(&folder, &ui).unwrap();
    assert_eq!(read_text(&folder).unwrap(), text.replace("\"light\"", "\"dark\""));
    ui.language = Some("de".to_owned());
    ui.idle_lock_minutes = 5;
    ui.fullscreen = true;
    save_ui(&folder, &ui).unwrap();
    assert_eq!(MachineSettings::read(&folder).unwrap().ui, ui);
    ui.language = None;
    ui.fullscreen = false;
    save_ui(&folder, &ui).unwrap();
    let written = read_text(&folder).unwrap();
    assert_eq!(MachineSettings::read(&folder).unwrap().ui, ui);
    assert!(written.starts_with("# mine\n") && written.contains("# by the window\nfont = 1\n"), "{written}");
    let before = written;
    ui.idle_lock_minutes = IDLE_LOCK_MINUTES_MAX + 1;
    assert!(save_ui(&folder, &ui).is_err(), "what could not be read again");
    assert_eq!(read_text(&folder).unwrap(), before);
    write_text(&folder, MINIMAL).unwrap();
    save_ui(&folder, &UiSettings::default()).unwrap();
    assert_eq!(read_text(&folder).unwrap(), MINIMAL);
    save_ui(&folder, &UiSettings { reduced_motion: true, ..UiSettings::default() }).unwrap();
    assert_eq!(read_text(&folder).unwrap(), format!("{MINIMAL}\n[ui]\nreduced_motion = true\n"));
    assert!(SettingsEdit::of("ui = 1").unwrap().set_ui(&ui).is_err());
}

#[test]
fn the_last_good_settings_are_kept_and_put_back() {
    let place = tempfile::tempdir().unwrap();
    let folder = DataFolder::new(place.path());
    let error = MachineSettings::read(&folder).unwrap_err();
    assert_eq!(error.code(), "AP-0201");
    assert!(error.next().contains("init") && error.next().contains("restore"), "an empty folder: {}", error.next());
    std::fs::write(folder.database(), "").unwrap();
    assert!(MachineSettings::read(&folder).unwrap_err().next().contains("write-default"));
    write_text(&folder, MINIMAL).unwrap();
    keep_last_good(&folder).unwrap();
    std::fs::write(folder.settings_file(), b"use = \xff").unwrap();
    let error = MachineSettings::read(&folder).unwrap_err();
    assert!(error.to_string().contains("UTF-8") && error.next().contains("use-last-good"), "{error}");
    use_last_good(&folder).unwrap();
    assert_eq!(MachineSettings::read(&folder).unwrap().storage.selector, "sqlite");
    assert_eq!(std::fs::read(place.path().join("aurapos.toml.broken")).unwrap(), b"use = \xff");
    std::fs::remove_file(folder.settings_file()).unwrap();
    assert!(MachineSettings::read(&folder).unwrap_err().next().contains("use-last-good"));
}
