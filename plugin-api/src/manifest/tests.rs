//! Manifests and settings as tables.

use super::*;
use aurapos_contract::{Settings, Value};

const GOOD: &str = r#"
id = "acme-pay"
version = "1.2.0"
kinds = ["payment", "events"]
api = "^1"
publisher = "Acme SA"
name = { en = "Acme terminal", fr = "Terminal Acme" }
description = "Cards."
asks = ["network"]

[[config.field]]
key = "port"
type = "int"
label = { en = "Port", nl = "Poort" }
default = 20007
min = 1
max = 65535

[[config.field]]
key = "mode"
type = "text"
choices = ["tcp", "serial"]
required = true

[[config.field]]
key = "password"
type = "text"
secret = true
show_if = { key = "mode", equals = "tcp" }
"#;

#[test]
fn a_manifest_is_read_whole() {
    let manifest = Manifest::parse(GOOD).unwrap();
    assert_eq!(manifest.kinds, [Kind::Payment, Kind::Events]);
    assert_eq!((manifest.name.get("fr"), manifest.name.get("de")), ("Terminal Acme", "Acme terminal"));
    assert_eq!(manifest.description.get("nl"), "Cards.");
    assert_eq!(manifest.fields[0].default, Some(Value::Int(20007)));
    assert_eq!(manifest.fields[2].show_if.as_ref().map(|shown| shown.key.as_str()), Some("mode"));
    assert!(manifest.artifact.is_none());
}

/// The line and the words with which a changed manifest is refused.
fn check(from: &str, to: &str, line: usize, words: &str) {
    assert!(GOOD.contains(from), "{from}");
    check_text(&GOOD.replacen(from, to, 1), line, words);
}

fn check_text(text: &str, line: usize, words: &str) {
    let error = Manifest::parse(text).expect_err(text);
    assert!(error.to_string().contains(words), "{text}: {error}");
    assert!(matches!(error, ManifestError::Wrong { line: at, .. } if at == line), "{text}: {error}");
}

#[test]
fn a_wrong_manifest_is_refused_by_line_and_key() {
    check("version = \"1.2.0\"", "version = \"1.2\"", 3, "`version`");
    check("version = \"1.2.0\"", "version = \"1.2.0+mine\"", 3, "+build");
    check("version = \"1.2.0\"", &format!("version = \"1.2.0-{}\"", "a".repeat(60)), 3, "longer than 64");
    check("[\"payment\", \"events\"]", "[\"pay\"]", 4, "no kind of plugin; there are storage");
    check("[\"payment\", \"events\"]", "[]", 4, "names no kind");
    check("[\"payment\", \"events\"]", "[\"events\", \"events\"]", 4, "twice");
    check("api = \"^1\"", "api = \"one\"", 5, "not a range");
    check("api = \"^1\"", "api = \"*\"", 5, "no upper end");
    check("api = \"^1\"", "api = \">=1\"", 5, "no upper end");
    check("api = \"^1\"", &format!("api = \"^1{}\"", ", ^1".repeat(20)), 5, "longer than 64");
    check("api = \"^1\"", "api = 1", 5, "`api`");
    check("publisher = \"Acme SA\"", "publisher = 3", 6, "`publisher`");
    check("publisher = \"Acme SA\"", &format!("publisher = \"{}\"", "é".repeat(81)), 6, "longer than 80");
    check("publisher = \"Acme SA\"", "publisher = \"Acme\\u001b[2J\"", 6, "control character");
    check("asks = [\"network\"]", "colour = \"red\"", 9, "`colour`");
    check("asks = [\"network\"]", "asks = [\"bluetooth\"]", 9, "there are files, network, serial, usb");
    check("asks = [\"network\"]", "asks = [\"usb\", \"usb\"]", 9, "twice");
    check("id = \"acme-pay\"", "id = ", 2, "`id`");
    check_text(&format!("{GOOD}#{}", " ".repeat(MANIFEST_BYTES_MAX)), 1, "larger than");
    assert!(Manifest::parse(&GOOD.replace("\"^1\"", "\">=1.0, <3\"")).is_ok());
}

#[test]
fn an_id_is_a_word_that_means_nothing_else() {
    let long = "a".repeat(ID_CHARS_MAX + 1);
    for id in ["Acme Pay", "1acme", "-acme", "acme-", "acme_pay", "é", "", &long] {
        check("id = \"acme-pay\"", &format!("id = \"{id}\""), 2, "an id has");
    }
    for id in ["aurapos", "con", "nul", "com1", "lpt9", "storage", "payment", "backup", "printer", "events"] {
        check("id = \"acme-pay\"", &format!("id = \"{id}\""), 2, "means something else");
    }
    for id in ["a", "com10", "comet", "con-pay", &long[1..]] {
        assert!(Manifest::parse(&GOOD.replace("acme-pay", id)).is_ok(), "{id}");
    }
}

#[test]
fn texts_have_languages_and_a_length() {
    let many: String = (0..41)
        .map(|n| format!("a{} = \"x\", ", char::from(b'a' + n % 26).to_string().repeat(1 + n as usize / 26)))
        .collect();
    for (name, words) in [
        ("{}", "no text in any language"),
        ("{ EN = \"x\" }", "`EN` is no language"),
        ("{ english = \"x\" }", "no language"),
        ("{ fr-be = \"x\" }", "no language"),
        ("{ fr-BE-x = \"x\" }", "no language"),
        ("{ fr-BE-Latn = \"x\" }", "no language"),
        ("{ en_GB = \"x\" }", "no language"),
        ("{ \"\" = \"x\" }", "no language"),
        ("{ en = \"a\\nb\" }", "control character"),
        (&format!("{{ {} }}", many.trim_end_matches(", ")), "more than 40 languages"),
        (&format!("{{ en = \"{}\" }}", "x".repeat(81)), "longer than 80"),
    ] {
        check("{ en = \"Acme terminal\", fr = \"Terminal Acme\" }", name, 7, words);
    }
    check("description = \"Cards.\"", &format!("description = \"{}\"", "x".repeat(1_001)), 8, "longer than 1000");
    check("{ en = \"Port\", nl = \"Poort\" }", &format!("\"{}\"", "x".repeat(81)), 14, "`label`: is longer than 80");
    check("default = 20007", &format!("help = \"{}\"", "x".repeat(1_001)), 15, "`help`: is longer than 1000");
    let many = "{ nl = \"x\", fr-BE = \"x\", sr-Latn = \"x\", zh-Hant-TW = \"x\", es-419 = \"x\", gsw = \"x\" }";
    assert!(Manifest::parse(&GOOD.replace("{ en = \"Port\", nl = \"Poort\" }", many)).is_ok());
}

/// A setting beside `mode` (text, one of tcp and serial), `port` (int, 1 to 9) and `fast` (bool); its first line is 6.
fn with_field(field: &str) -> String {
    format!(
        "id = \"acme-pay\"\nversion = \"1.2.0\"\nkinds = [\"payment\"]\napi = \"^1\"\n[[config.field]]\n{field}\n\
         [[config.field]]\nkey = \"mode\"\ntype = \"text\"\nchoices = [\"tcp\", \"serial\"]\n\
         [[config.field]]\nkey = \"port\"\ntype = \"int\"\nmin = 1\nmax = 9\n\
         [[config.field]]\nkey = \"fast\"\ntype = \"bool\"\n\
         [[config.field]]\nkey = \"password\"\ntype = \"text\"\nsecret = true\n"
    )
}

#[test]
fn a_wrong_setting_is_refused_by_line_and_key() {
    let long = "k".repeat(KEY_CHARS_MAX + 1);
    for key in ["", "Port", "1st", "_x", "a-b", "a.b", "é", &long] {
        check_text(&with_field(&format!("key = \"{key}\"\ntype = \"text\"")), 6, "the key of a setting has");
    }
    let refused =
        |line: usize, rest: &str, words: &str| check_text(&with_field(&format!("key = \"x\"\n{rest}")), line, words);
    check_text(&with_field("key = \"read_only\"\ntype = \"bool\""), 6, "the host's own");
    check_text(&with_field("key = \"port\"\ntype = \"int\""), 13, "stands twice");
    refused(7, "type = \"float\"", "a type is text, int or bool");
    refused(8, "type = \"int\"\nmin = 3\nmax = 2", "the lowest, 3, is above the highest, 2");
    refused(8, "type = \"text\"\nmin = 3", "only an int has min and max");
    refused(8, "type = \"bool\"\nmax = 3", "only an int has min and max");
    refused(8, "type = \"bool\"\nchoices = [true]", "a bool has its two choices");
    refused(8, "type = \"int\"\nchoices = [1, \"2\"]", "the choice must be a whole number");
    refused(8, "type = \"int\"\nchoices = [1, 1.5]", "must be a text, a whole number");
    refused(8, "type = \"int\"\nchoices = [1, 2, 1]", "a choice stands twice");
    refused(8, "type = \"text\"\nchoices = []", "1 to 64 choices");
    let many: Vec<String> = (0..=CHOICES_MAX).map(|n| n.to_string()).collect();
    refused(8, &format!("type = \"int\"\nchoices = [{}]", many.join(", ")), "1 to 64 choices");
    refused(8, "type = \"int\"\nchoices = [1, 9]\nmax = 5", "the choice is 9, the highest is 5");
    refused(8, "type = \"int\"\ndefault = 0\nmin = 1", "the default is 0, the lowest is 1");
    refused(8, "type = \"int\"\ndefault = 1.5", "a whole number");
    refused(8, "type = \"text\"\ndefault = \"c\"\nchoices = [\"a\", \"b\"]", "the default must be one of `a`, `b`");
    refused(
        8,
        &format!("type = \"text\"\ndefault = \"{}\"", "x".repeat(SETTING_BYTES_MAX + 1)),
        "longer than 16384 bytes",
    );
    refused(8, "type = \"text\"\nrequired = true\ndefault = \"a\"", "never missing");
    refused(8, "type = \"int\"\nsecret = true", "a secret is a text");
    refused(8, "type = \"text\"\nsecret = true\ndefault = \"a\"", "a secret has no default");
    refused(8, "type = \"text\"\nsecret = true\nchoices = [\"a\"]", "a secret has no choices");
    refused(8, "type = \"text\"\ncolour = \"red\"", "`colour`");
    let fields: String =
        (0..=FIELDS_MAX).map(|n| format!("[[config.field]]\nkey = \"k{n}\"\ntype = \"bool\"\n")).collect();
    let head = "id = \"a\"\nversion = \"1.0.0\"\nkinds = [\"payment\"]\napi = \"^1\"\n";
    check_text(&format!("{head}{fields}"), 5 + 3 * FIELDS_MAX, "more than 64 settings");
    for good in [
        "type = \"int\"\nmin = 3\nmax = 3",
        "type = \"text\"\nrequired = true\nsecret = true",
        "type = \"bool\"\nrequired = true",
    ] {
        assert!(Manifest::parse(&with_field(&format!("key = \"x\"\n{good}"))).is_ok(), "{good}");
    }
}

#[test]
fn a_condition_names_another_setting_and_a_value_of_it() {
    let refused = |condition: &str, words: &str| {
        check_text(&with_field(&format!("key = \"x\"\ntype = \"text\"\nshow_if = {{ {condition} }}")), 8, words);
    };
    refused("key = \"none\", equals = 1", "`none` is none of the settings");
    refused("key = \"x\", equals = \"a\"", "depends on itself");
    refused("key = \"password\", equals = \"a\"", "is a secret");
    refused("key = \"mode\", equals = \"usb\"", "`mode` never equals that: it must be one of `tcp`, `serial`");
    refused("key = \"mode\", equals = 1", "it must be a text");
    refused("key = \"port\", equals = 10", "it is 10, the highest is 9");
    refused("key = \"port\", equals = \"1\"", "it must be a whole number");
    refused("key = \"fast\", equals = 1", "it must be true or false");
    refused("key = \"fast\", equals = 1.5", "`equals` must be a text");
    refused("key = \"fast\", equals = true, above = 1", "above");
    for good in ["key = \"mode\", equals = \"tcp\"", "key = \"port\", equals = 9", "key = \"fast\", equals = false"] {
        let text = with_field(&format!("key = \"x\"\ntype = \"text\"\nshow_if = {{ {good} }}"));
        assert!(Manifest::parse(&text).is_ok(), "{good}");
    }
    let condition = |key: &str| format!("show_if = {{ key = \"{key}\", equals = \"a\" }}");
    let one = |key: &str, above: &str| format!("key = \"{key}\"\ntype = \"text\"\n{}", condition(above));
    let circle = [one("a", "b"), one("b", "c"), one("c", "a")].join("\n[[config.field]]\n");
    check_text(&with_field(&circle), 8, "whether `a` is shown depends on itself");
    // Leads into a circle without being of it: the circle is what is refused, whoever is read first.
    let outside = [one("z", "a"), one("a", "b"), one("b", "a")].join("\n[[config.field]]\n");
    check_text(&with_field(&outside), 12, "whether `a` is shown depends on itself");
}

/// What a manifest of a later version may have: all of it is read as "made for a later version", never as a mistake.
const LATER: [&str; 8] = [
    "kinds = [\"display\"]",
    "kinds = \"any\"",
    "kinds = [\"payment\"]\nneeds = { store = \"^2\" }",
    "kinds = [\"payment\"]\nasks = [\"bluetooth\"]",
    "kinds = [\"payment\"]\nname = [[\"en\", \"Acme\"]]",
    "kinds = [\"payment\"]\n[[config.field]]\nkey = \"x\"\ntype = \"decimal\"",
    "kinds = [\"payment\"]\n[[config.field]]\nkey = \"x\"\ntype = \"text\"\nshow_if = { any = [1] }",
    "kinds = [\"payment\"]\n[[config.field]]\nkey = \"x\"\ntype = \"text\"\ncolour = \"red\"",
];

#[test]
fn a_manifest_of_a_later_version_is_told_from_a_wrong_one() {
    let text = |api: &str, rest: &str| format!("id = \"acme-pay\"\nversion = \"2.0.0\"\napi = \"{api}\"\n{rest}\n");
    for rest in LATER {
        for api in ["^1.1", "^2", ">= 1.1,  <3", "=1.3.0"] {
            let error = Manifest::parse(&text(api, rest)).unwrap_err();
            let expected = ManifestError::Api {
                id: "acme-pay".to_owned(),
                version: "2.0.0".to_owned(),
                asked: api.to_owned(),
                own: crate::API_VERSION.to_owned(),
            };
            assert_eq!(error, expected, "{rest}");
            let told =
                format!("it needs version {api} of the plugin interface, this program has {}", crate::API_VERSION);
            assert_eq!(error.to_string(), told);
            // The later host reads it strictly, and knows these no better than we do.
            let later = Manifest::parse_for(&text(api, rest), "1.3.0").unwrap_err();
            assert_eq!(matches!(later, ManifestError::Api { .. }), api == "^2", "{rest}: {later}");
        }
        let wrong = Manifest::parse(&text("^1", rest)).unwrap_err();
        assert!(matches!(wrong, ManifestError::Wrong { .. }), "{rest}: {wrong}");
    }
    // Not even the id is one that this version would take; it is not repeated.
    let strange = text("^2", "").replace("acme-pay", "\\u001b[2J").replace("2.0.0", "two");
    let error = Manifest::parse(&strange).unwrap_err();
    assert!(
        matches!(&error, ManifestError::Api { id, version, .. } if id.is_empty() && version.is_empty()),
        "{error:?}"
    );
    // What cannot be judged is a mistake: there is no `api` to believe.
    for text in ["id = [", "kinds = [\"display\"]", "api = 2\nkinds = [\"display\"]", "api = \"^two\"", "api = \">=2\""]
    {
        assert!(matches!(Manifest::parse(text), Err(ManifestError::Wrong { .. })), "{text}");
    }
    let fits = text("^1", "kinds = [\"payment\"]");
    assert!(Manifest::parse_for(&fits, "1.9.0").is_ok(), "every later minor takes what this one takes");
    assert!(matches!(Manifest::parse_for(&fits, "2.0.0"), Err(ManifestError::Api { .. })));
}

fn settings(toml: &str, secrets: &[(&str, &str)]) -> Result<Settings, String> {
    let manifest = Manifest::parse(FORM).unwrap();
    let table: toml::Table = toml.parse().unwrap();
    let given = table.iter().fold(Settings::default(), |given, (key, value)| {
        given.with(key, config::value_of(value).expect("a plain value"))
    });
    let given = secrets.iter().fold(given, |given, (key, text)| given.with_secret(key, text));
    complete_settings(&given, &manifest).map_err(|error| error.to_string())
}

/// How a terminal is reached: by network with a password, or by a cable of a speed.
const FORM: &str = r#"
id = "acme-pay"
version = "1.2.0"
kinds = ["payment"]
api = "^1"

[[config.field]]
key = "parity"
type = "bool"
required = true
show_if = { key = "speed", equals = 9600 }

[[config.field]]
key = "mode"
type = "text"
choices = ["tcp", "serial"]
required = true

[[config.field]]
key = "port"
type = "int"
default = 20007
min = 1
max = 65535
show_if = { key = "mode", equals = "tcp" }

[[config.field]]
key = "password"
type = "text"
secret = true
required = true
show_if = { key = "mode", equals = "tcp" }

[[config.field]]
key = "speed"
type = "int"
choices = [9600, 19200]
default = 9600
show_if = { key = "mode", equals = "serial" }
"#;

#[test]
fn settings_get_defaults_and_are_checked() {
    let secret = [("password", "open sesame")];
    let of_tcp = settings("mode = \"tcp\"", &secret).unwrap();
    assert_eq!((of_tcp.int("port"), of_tcp.text("mode")), (Ok(20007), Ok("tcp")));
    assert!(of_tcp.has_secret("password") && of_tcp.text("password") == Ok("open sesame"));
    for (toml, words) in [
        ("", "the setting `mode` is missing"),
        ("mode = \"usb\"", "must be one of `tcp`, `serial`"),
        ("mode = \"tcp\"\nport = 70000", "is 70000, the highest is 65535"),
        ("mode = \"tcp\"\nport = \"1\"", "must be a whole number"),
        ("mode = \"tcp\"\nprot = 1", "`prot` is no setting of `acme-pay`; it has parity, mode, port, password, speed"),
        ("mode = \"tcp\"\npassword = \"x\"", "`password` is a secret and must not stand in the settings file"),
        (
            "mode = \"serial\"\nspeed = 19200\npassword = \"x\"",
            "`password` is a secret and must not stand in the settings file",
        ),
        ("mode = \"serial\"", "the setting `parity` is missing"),
        ("mode = \"tcp\"\n", "the setting `password` is missing; it is a secret: aurapos-admin plugin set-secret"),
    ] {
        let given = if words.contains("password") && !words.contains("no setting") { &[][..] } else { &secret[..] };
        let error = settings(toml, given).unwrap_err();
        assert!(error.contains(words) && !error.contains("sesame"), "{toml}: {error}");
    }
    let error = settings("mode = \"tcp\"", &[("password", "x"), ("port", "1")]).unwrap_err();
    assert!(error.contains("`port` is no secret"), "{error}");
    let long = "x".repeat(SETTING_BYTES_MAX + 1);
    let error = settings("mode = \"tcp\"", &[("password", &long)]).unwrap_err();
    assert!(error.contains("`password` is longer than") && !error.contains("xx"), "{error}");
    let manifest = Manifest::parse(FORM).unwrap();
    let error = settings_from_toml(&"port = 1.5".parse().unwrap(), &manifest).unwrap_err();
    assert!(error.to_string().contains("`port` must be a text, a whole number"), "{error}");
}

#[test]
fn what_is_hidden_is_neither_missing_nor_checked_nor_handed_over() {
    let keys = |toml: &str, secrets: &[(&str, &str)]| -> Vec<String> {
        settings(toml, secrets).unwrap().items.into_iter().map(|item| item.key).collect()
    };
    let secret = [("password", "open sesame")];
    // Required below a condition that does not hold; defaults below it, too.
    assert_eq!(keys("mode = \"tcp\"", &secret), ["mode", "port", "password"]);
    assert_eq!(keys("mode = \"serial\"\nspeed = 19200", &[]), ["mode", "speed"]);
    // Given and hidden: it stays with the owner, secret or not, right or not.
    assert_eq!(keys("mode = \"serial\"\nspeed = 19200\nport = 70000", &secret), ["mode", "speed"]);
    // A default shows what depends on it, as long as it is shown itself.
    assert_eq!(keys("mode = \"serial\"\nparity = true", &[]), ["parity", "mode", "speed"]);
    assert_eq!(keys("mode = \"tcp\"\nspeed = 9600\nparity = true", &secret), ["mode", "port", "password"]);
}

#[test]
fn a_look_has_everything_that_is_wrong_and_no_secret() {
    let manifest = Manifest::parse(FORM).unwrap();
    let given = Settings::default().with("mode", "tcp").with("port", 0_i64).with("old", 1_i64);
    let given = given.with_secret("password", "open sesame").with_secret("gone", "open sesame");
    let look = look_at_settings(&given, &manifest);
    let told: Vec<(&str, bool, bool, Option<&Value>, bool)> = look
        .fields
        .iter()
        .map(|one| (one.field.key.as_str(), one.shown, one.given, one.value.as_ref(), one.problem.is_some()))
        .collect();
    let expected = [
        ("parity", false, false, None, false),
        ("mode", true, true, Some(&Value::Text("tcp".to_owned())), false),
        ("port", true, true, None, true),
        ("password", true, true, None, false),
        ("speed", false, false, None, false),
    ];
    assert_eq!(told, expected);
    let strangers: Vec<&str> = look.strangers.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(strangers, ["old", "gone"]);
    assert!(!format!("{look:?}").contains("sesame"), "{look:?}");
}

#[test]
fn what_is_typed_becomes_a_value_of_the_settings_type() {
    let manifest = Manifest::parse(&with_field("key = \"x\"\ntype = \"text\"")).unwrap();
    for (key, typed, expected) in [
        ("x", "123", Ok(Value::from("123"))),
        ("x", "true", Ok(Value::from("true"))),
        ("port", "9", Ok(Value::Int(9))),
        ("port", "nine", Err("must be a whole number")),
        ("port", "10", Err("is 10, the highest is 9")),
        ("fast", "true", Ok(Value::Bool(true))),
        ("fast", "yes", Err("must be true or false")),
        ("mode", "usb", Err("must be one of `tcp`, `serial`")),
    ] {
        let got = manifest.field(key).unwrap().parse(typed).map_err(|error| error.message);
        assert_eq!(got, expected.map_err(str::to_owned), "{key}={typed}");
    }
}

#[test]
fn packing_adds_the_artifact_and_nothing_else() {
    let artifact = Artifact::of(b"library", "libacme.so", "x86_64-unknown-linux-gnu");
    let packed = pack(GOOD, &artifact).unwrap();
    assert_eq!(Manifest::parse(&packed).unwrap().artifact, Some(artifact.clone()));
    assert!(same_manifest(GOOD, &packed) && !same_manifest(GOOD, &packed.replace("1.2.0", "1.2.1")));
    assert!(!same_manifest(GOOD, "not = [toml") && !same_manifest("x = [", "x = ["));
    assert_eq!(pack(&packed, &artifact).unwrap(), packed, "packing twice changes nothing");
    for file in ["../x.so", "", "a/b"] {
        assert!(pack(GOOD, &Artifact { file: file.to_owned(), ..artifact.clone() }).is_err(), "{file}");
    }
}
