#![allow(clippy::unwrap_used)]

use super::*;

fn read(settings: &Settings) -> Result<Target, Wrong> {
    Target::read(settings, "/data")
}

#[test]
fn hosts_are_read_in_every_form() {
    let of = |text: &str| hosts(text, 5432).map(|hosts| hosts.into_iter().map(|host| (host.name, host.port)).collect());
    let check = |text: &str, wanted: &[(&str, u16)]| {
        let wanted: Vec<(String, u16)> = wanted.iter().map(|&(name, port)| (name.to_owned(), port)).collect();
        assert_eq!(of(text), Ok::<Vec<_>, Wrong>(wanted), "{text}");
    };
    check("till-1", &[("till-1", 5432)]);
    check("192.168.1.10:5433, 192.168.1.11", &[("192.168.1.10", 5433), ("192.168.1.11", 5432)]);
    check("[fe80::1]:6000,fe80::2,[::1]", &[("fe80::1", 6000), ("fe80::2", 5432), ("::1", 5432)]);
    check("/run/postgresql", &[("/run/postgresql", 5432)]);
    for wrong in ["", "a,,b", "a:x", "a:99999", ":5432", "a b", "[::1", "a:b:c"] {
        assert!(of(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn another_machine_is_reached_with_tls_only() {
    let open = |host: &str| read(&Settings::default().with("host", host).with("tls", false));
    for near in ["localhost", "127.0.0.1", "::1", "/run/postgresql"] {
        assert!(open(near).is_ok(), "{near}");
    }
    for far in ["192.168.1.10", "till-1", "localhost,10.0.0.2", "fe80::1"] {
        let (key, words) = open(far).unwrap_err();
        assert!(key == "tls" && words.contains("another machine"), "{far}: {words}");
    }
    let (key, words) = read(&Settings::default().with("host", "till-1")).unwrap_err();
    assert!(key == "authority" && words.contains("missing"), "{words}");
    let (key, _) = read(&Settings::default().with("host", "/run,till-1")).unwrap_err();
    assert_eq!(key, "host");
}

#[test]
fn no_password_shows() {
    let settings = Settings::default()
        .with("host", "/run")
        .with_secret("password", "open sesame")
        .with("owner_user", "boss")
        .with_secret("owner_password", "close sesame");
    let target = read(&settings).unwrap();
    let (config, _) = target.config(target.owner()).unwrap();
    for shown in [format!("{target:?}"), format!("{target:#?}"), target.location(), format!("{config:?}")] {
        assert!(!shown.contains("sesame"), "{shown}");
    }
    assert_eq!(config.get_password(), Some("close sesame".as_bytes()));
}

#[test]
fn a_schema_is_a_plain_name() {
    let of = |name: &str| read(&Settings::default().with("host", "/run").with("schema", name)).map(|read| read.schema);
    assert_eq!(of("shop_2").unwrap(), "shop_2");
    let trial = of("try_*").unwrap();
    assert!(trial.len() == 16 && trial.starts_with("try_"), "{trial}");
    for wrong in ["", "public", "pg_x", "Shop", "a-b", "a\"b", "1a", &"a".repeat(41)] {
        assert_eq!(of(wrong).unwrap_err().0, "schema", "{wrong}");
    }
}

#[test]
fn wrong_types_are_named() {
    for (key, value) in
        [("port", Value::from("x")), ("host", Value::Int(1)), ("tls", Value::Int(1)), ("port", Value::Int(0))]
    {
        assert_eq!(read(&Settings::default().with("host", "/run").with(key, value)).unwrap_err().0, key);
    }
}
