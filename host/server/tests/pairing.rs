//! Pairing with a real server: what is issued is used once, in time, at the right server; who is locked out is out at once.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod ground;

use aurapos_contract::host::NoProgress;
use aurapos_server::diagnosis::Finding;
use aurapos_server::pair::{
    Code, Document, Invite, Issued, Joined, PairError, PairedRegister, RegisterState, Ticket, Way, issue, join,
    registers, rename, revoke,
};
use aurapos_server::{Keep, Secret, ServerError, Wish, stop};
use ground::{FileKeep, Ground, tools};
use std::path::PathBuf;
use std::sync::Barrier;
use std::time::Duration;

/// The machine that is paired: where it keeps its password.
struct Other {
    _place: tempfile::TempDir,
    keep: FileKeep,
}

impl Other {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let data: PathBuf = place.path().join("data");
        Other { keep: FileKeep::beside(&data), _place: place }
    }

    fn join(&self, ticket: &Ticket, way: &Way) -> Result<Joined, PairError> {
        join(ticket, way, &self.keep, &NoProgress)
    }
}

fn invite(ground: &Ground, invite: &Invite) -> Issued {
    issue(&ground.home, invite).unwrap()
}

fn file(issued: &Issued) -> Ticket {
    Ticket::read(&issued.document.text().unwrap(), "the file").unwrap()
}

fn typed(issued: &Issued) -> Ticket {
    Ticket::read(issued.document.code.as_ref().unwrap(), "the code").unwrap()
}

/// Where somebody goes who has only the code.
fn there(ground: &Ground) -> Way {
    Way { address: Some("127.0.0.1".into()), port: Some(ground.port), ..Way::default() }
}

fn of(all: &[PairedRegister], code: &str) -> PairedRegister {
    all.iter().find(|one| one.code == code).unwrap().clone()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, PairError>, code: &str, words: &str) {
    let error = outcome.unwrap_err();
    let told = format!("{error} {}", error.next());
    assert!(
        error.code() == code && told.contains(words) && !error.next().is_empty(),
        "{code} {words}: {} {told}",
        error.code()
    );
}

#[test]
fn a_register_joins_by_the_file_or_by_the_code_and_once() {
    for major in ["15", "17"] {
        let ground = Ground::new();
        ground.init(&Wish { tools: Some(tools(major)), ..ground.wish() }).unwrap();
        let with = |name: &str| Invite { name: name.into(), time_zone: "Europe/Paris".into(), ..Invite::default() };
        let (by_file, by_code) = (invite(&ground, &with("Bar")), invite(&ground, &with("")));
        assert_eq!((by_file.document.register.as_str(), by_code.document.register.as_str()), ("R2", "R3"));
        assert!(by_file.is_alone && by_file.document.addresses == ["127.0.0.1"], "the test listens there alone");
        let (bar, terrace) = (Other::new(), Other::new());
        let joined = bar.join(&file(&by_file), &Way::default()).unwrap();
        assert_eq!(
            (joined.host.as_str(), joined.port, joined.document.user.as_str()),
            ("127.0.0.1", ground.port, "aurapos_r2")
        );
        assert_eq!((joined.document.shop.as_str(), joined.document.time_zone.as_str()), (ground::SHOP, "Europe/Paris"));
        assert!(joined.diagnosis.is_good() && joined.document.code.is_none());
        let way = Way { name: "Terrasse d'été".into(), ..there(&ground) };
        let joined = terrace.join(&typed(&by_code), &way).unwrap();
        assert_eq!(
            (joined.document.user.as_str(), joined.document.authority),
            ("aurapos_r3", by_code.document.authority.clone())
        );
        // Both are in, with passwords of their own that the master never saw.
        for (other, user) in [(&bar, "aurapos_r2"), (&terrace, "aurapos_r3")] {
            let password = other.keep.get(user).unwrap();
            let seen = ground.diagnose(|target| {
                target.user = Some(user.into());
                target.password.clone_from(&password);
            });
            assert!(seen.is_good() && ground.keep.get(user).unwrap().is_none(), "{seen:?}");
        }
        let all = registers(&ground.home).unwrap();
        let shown: Vec<(&str, &str, RegisterState, bool)> =
            all.iter().map(|one| (one.code.as_str(), one.name.as_str(), one.state, one.is_here)).collect();
        let joined = RegisterState::Joined;
        assert_eq!(
            shown,
            [("R1", "", joined, true), ("R2", "Bar", joined, false), ("R3", "Terrasse d'été", joined, false)]
        );
        assert!(all.iter().all(|one| one.signs_in) && of(&all, "R2").last_seen.is_some());
        // Each was used: by nobody else, not the other way either.
        for issued in [&by_file, &by_code] {
            let somebody = Other::new();
            refused(somebody.join(&file(issued), &Way::default()), "AP-0635", "revoke");
            refused(somebody.join(&typed(issued), &there(&ground)), "AP-0635", "used already");
            assert!(somebody.keep.get("aurapos_r2").unwrap().is_none(), "nothing is kept of what is worth nothing");
        }
        // But who used it may come again: a run that was cut off goes on.
        bar.join(&file(&by_file), &Way::default()).unwrap();
    }
}

#[test]
fn who_holds_a_pairing_can_do_nothing_else() {
    let ground = Ground::made();
    ground.sql("aurapos", "SET ROLE aurapos_owner; CREATE TABLE aurapos.shop (id uuid, name text); CREATE TABLE aurapos._meta (epoch text);
         GRANT SELECT ON aurapos.shop, aurapos._meta TO aurapos_register");
    let issued = invite(&ground, &Invite::default());
    let role: String =
        ground.desk("aurapos").query_one("SELECT role FROM aurapos_pair.invitation", &[]).unwrap().get(0);
    let code = issued.document.code.clone().unwrap();
    for hidden in [code.as_str(), &code.replace('-', ""), &code.to_lowercase()] {
        let row = ground.desk("aurapos").query_one(
            "SELECT (SELECT string_agg(i::text, '') FROM aurapos_pair.invitation i) || (SELECT string_agg(r::text, '') FROM aurapos_pair.register r)", &[]);
        assert!(!row.unwrap().get::<_, String>(0).contains(hidden), "the server does not know the secret");
    }
    let check = |role: &str, statement: &str, allowed: bool| {
        let mut client = ground.desk("aurapos");
        client.batch_execute(&format!("SET SESSION AUTHORIZATION \"{role}\"")).unwrap();
        let answer = client.batch_execute(statement);
        assert_eq!(answer.is_ok(), allowed, "{role}: {statement}: {answer:?}");
    };
    check(&role, "SELECT aurapos_pair.look()", true);
    for statement in [
        "SELECT * FROM aurapos.shop",
        "SELECT * FROM aurapos_pair.register",
        "SELECT * FROM aurapos_pair.invitation",
        "SELECT aurapos_pair.seen()",
        "CREATE TABLE aurapos_pair.mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE ROLE mine",
        "ALTER ROLE aurapos_r2 PASSWORD 'x'",
        "SET ROLE aurapos_pairing",
        "SET ROLE aurapos_register",
        "SELECT aurapos_pair.redeem('password in the open', '')",
        "SELECT aurapos_pair.redeem('md5' || repeat('a', 32), '')",
        "SELECT aurapos_pair.redeem('SCRAM-SHA-256$4096:x'' SUPERUSER --$a:b', '')",
    ] {
        check(&role, statement, false);
    }
    for statement in
        ["SELECT aurapos_pair.look()", "SELECT aurapos_pair.redeem('', '')", "DELETE FROM aurapos_pair.register"]
    {
        check("aurapos_r1", statement, false);
        check("aurapos_reader", statement, false);
    }
    check("aurapos_r1", "SELECT code, name FROM aurapos_pair.register; SELECT aurapos_pair.seen()", true);
    check("aurapos_r1", "UPDATE aurapos_pair.register SET name = 'x'", false);
    check("aurapos_owner", "UPDATE aurapos_pair.register SET state = 'joined'", false);
    // The roles behind it are no superusers and sign in never; the register's own role waits without a password.
    let row = ground.desk("aurapos").query_one(
        "SELECT count(*) FILTER (WHERE rolsuper OR rolcreatedb OR rolreplication OR rolbypassrls),
                count(*) FILTER (WHERE rolcanlogin AND rolname !~ '^aurapos_pair_'), bool_or(rolname = 'aurapos_r2' AND rolpassword IS NOT NULL)
           FROM pg_authid WHERE rolname ~ '^aurapos_(pair|invited|r2)'", &[]).unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1), row.get::<_, bool>(2)), (0, 0, false));
    // A second init changes nothing of it.
    assert!(ground.init(&Wish::default()).unwrap().done.is_empty());
}

#[test]
fn what_is_over_says_why_it_is_over() {
    let ground = Ground::made();
    let other = Other::new();
    // Its time is over, by the server's clock.
    let expired = invite(&ground, &Invite::default());
    ground.sql("aurapos", "UPDATE aurapos_pair.invitation SET expires_at = clock_timestamp() - interval '1 second'");
    refused(other.join(&file(&expired), &Way::default()), "AP-0634", "pair issue --register R2");
    refused(other.join(&typed(&expired), &there(&ground)), "AP-0634", "was valid until");
    assert_eq!(of(&registers(&ground.home).unwrap(), "R2").state, RegisterState::Expired);
    // A newer one of the same register takes its place, and nobody else's code with it.
    let first = invite(&ground, &Invite { register: Some("R2".into()), ..Invite::default() });
    assert!(!first.replaced);
    let named = Invite { register: Some("R2".into()), name: "Bar".into(), ..Invite::default() };
    assert!(invite(&ground, &named).replaced);
    let second = invite(&ground, &Invite { register: Some("R2".into()), ..Invite::default() });
    assert!(second.replaced && second.document.register_name == "Bar", "what it is called stays");
    refused(other.join(&file(&first), &Way::default()), "AP-0636", "withdrawn");
    assert_eq!(of(&registers(&ground.home).unwrap(), "R2").state, RegisterState::Invited);
    // PostgreSQL itself lets nobody in whose telling is over, and the next pairing takes the role away.
    ground.sql("aurapos", "UPDATE aurapos_pair.invitation SET expires_at = clock_timestamp() - interval '8 days' WHERE withdrawn_at IS NOT NULL");
    ground.sql("aurapos", &format!("ALTER ROLE {} VALID UNTIL '2020-01-01'", role_of(&ground, &second)));
    refused(other.join(&file(&second), &Way::default()), "AP-0637", "newest");
    let third = invite(&ground, &Invite { register: Some("R2".into()), ..Invite::default() });
    let roles = ground.desk("aurapos").query("SELECT FROM pg_roles WHERE rolname ~ '^aurapos_pair_'", &[]).unwrap();
    assert_eq!(roles.len(), 2, "the second, the third: what was withdrawn so long ago went");
    other.join(&file(&third), &Way::default()).unwrap();
    // A code that was never issued, with check letters that fit: the server knows it no more than one that is long forgotten.
    let mut unknown = third.document.clone();
    unknown.code = Some("YHMX-BA23-4567-89AB-CD6H".into());
    refused(
        Other::new().join(&file(&Issued { document: unknown, ..third.clone() }), &Way::default()),
        "AP-0637",
        "does not know",
    );
    refused(Ticket::read("YHMX-BA23-4567-89AB-CD6J", "").map(drop), "AP-0633", "mistyped");
    refused(
        other.join(&Ticket::Code(Code::parse("YHMX-BA23-4567-89AB-CD6H").unwrap()), &Way::default()),
        "AP-0643",
        "--address",
    );
}

/// The server does not rely on who asks: what is over is refused in the transaction that would use it.
#[test]
fn the_server_itself_refuses_what_is_over() {
    const VERIFIER: &str = "SCRAM-SHA-256$4096:AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let ground = Ground::made();
    let redeem = |role: &str| -> Option<String> {
        let mut client = ground.desk("aurapos");
        client.batch_execute(&format!("SET SESSION AUTHORIZATION \"{role}\"")).unwrap();
        let refused = client.batch_execute(&format!("SELECT aurapos_pair.redeem('{VERIFIER}', '')")).err();
        refused.map(|error| error.code().unwrap().code().to_owned())
    };
    for (change, refused) in [
        ("", None),
        ("UPDATE aurapos_pair.invitation SET used_at = clock_timestamp() WHERE role = $", Some("PA001")),
        ("UPDATE aurapos_pair.invitation SET expires_at = clock_timestamp() WHERE role = $", Some("PA002")),
        ("UPDATE aurapos_pair.invitation SET withdrawn_at = clock_timestamp() WHERE role = $", Some("PA003")),
        ("UPDATE aurapos_pair.register SET state = 'revoked' WHERE state = 'invited'", Some("PA003")),
        ("DELETE FROM aurapos_pair.invitation WHERE role = $", Some("PA004")),
    ] {
        let issued = invite(&ground, &Invite::default());
        let role = role_of(&ground, &issued);
        ground.sql("aurapos", &change.replace('$', &format!("'{role}'")));
        assert_eq!(redeem(&role).as_deref(), refused, "{change}");
        let can = "SELECT rolcanlogin FROM pg_roles WHERE rolname = $1";
        let can: bool = ground.desk("aurapos").query_one(can, &[&issued.document.user]).unwrap().get(0);
        assert_eq!(can, refused.is_none(), "{change}");
        if refused.is_none() {
            assert_eq!(redeem(&role).as_deref(), Some("PA001"), "once");
        }
    }
}

/// The role that a pairing signs in as.
fn role_of(ground: &Ground, issued: &Issued) -> String {
    let mut client = ground.desk("aurapos");
    let open = "SELECT role FROM aurapos_pair.invitation WHERE code = $1 AND used_at IS NULL AND withdrawn_at IS NULL ORDER BY issued_at DESC LIMIT 1";
    client.query_one(open, &[&issued.document.register]).unwrap().get(0)
}

#[test]
fn a_code_is_for_one_shop_and_a_document_for_its_authority() {
    let (ours, theirs) = (Ground::made(), Ground::made());
    let issued = invite(&ours, &Invite::default());
    let other = Other::new();
    // Somebody else under the address: not one byte of the secret goes there.
    refused(other.join(&typed(&issued), &there(&theirs)), "AP-0638", "not that of the shop");
    let stranger = other.join(&file(&issued), &there(&theirs)).unwrap_err();
    assert_eq!(stranger.code(), Finding::WrongAuthority.code(), "{stranger}");
    // One who shows the shop's authority behind a certificate of their own has its name, not its key.
    let forged = aurapos_server::authority::Authority::read(&theirs.home).unwrap();
    let names = aurapos_server::authority::Names::of_this_machine(&Default::default(), &[]);
    let mut identity = forged.issue(&names, std::time::SystemTime::now()).unwrap();
    let own: String = identity.certificate.split_inclusive("-----END CERTIFICATE-----\n").take(1).collect();
    identity.certificate = own + &issued.document.authority;
    theirs.use_identity(&identity);
    let stranger = other.join(&typed(&issued), &there(&theirs)).unwrap_err();
    assert_eq!(stranger.code(), Finding::WrongAuthority.code(), "{stranger}");
    let log: String = std::fs::read_dir(theirs.cluster().join("log"))
        .unwrap()
        .flatten()
        .map(|one| std::fs::read_to_string(one.path()).unwrap_or_default())
        .collect();
    assert!(!log.contains("aurapos_pair_"), "nobody signed in there: {log}");
    // The right server with an ended certificate is told as that.
    let ended = aurapos_server::authority::Authority::read(&ours.home).unwrap();
    let then = std::time::SystemTime::now() - Duration::from_secs(4 * 365 * 24 * 3600);
    ours.use_identity(&ended.issue(&names, then).unwrap());
    let expired = other.join(&typed(&issued), &there(&ours)).unwrap_err();
    assert_eq!(expired.code(), Finding::Expired.code(), "{expired}");
    ours.use_identity(&ended.issue(&names, std::time::SystemTime::now()).unwrap());
    // Nobody there at all.
    stop(&ours.home, true).unwrap();
    for ticket in [typed(&issued), file(&issued)] {
        let gone = other.join(&ticket, &Way { stays: true, ..there(&ours) }).unwrap_err();
        assert_eq!(gone.code(), Finding::NotRunning.code(), "{gone}");
    }
    refused(issue(&ours.home, &Invite::default()), "AP-0703", "server start");
    refused(registers(&ours.home), "AP-0703", "server start");
    assert!(other.keep.get("aurapos_r2").unwrap().is_none());
}

#[test]
fn no_code_is_given_twice() {
    let ground = Ground::made();
    let next = |register: Option<&str>| {
        issue(&ground.home, &Invite { register: register.map(Into::into), ..Invite::default() })
    };
    refused(next(Some("R1")), "AP-0639", "joined already");
    assert_eq!(next(Some("BAR")).unwrap().document.user, "aurapos_bar");
    assert_eq!(next(None).unwrap().document.register, "R2");
    assert_eq!(next(None).unwrap().document.register, "R3");
    let joined = next(Some("R5")).unwrap();
    Other::new().join(&file(&joined), &Way::default()).unwrap();
    refused(next(Some("R5")), "AP-0639", "joined already");
    revoke(&ground.home, "R5").unwrap();
    refused(next(Some("R5")), "AP-0639", "revoked already");
    assert_eq!(next(None).unwrap().document.register, "R4");
    assert_eq!(next(None).unwrap().document.register, "R6");
    // What was issued in vain is free again; what stands in the shop's books is not.
    ground.sql("aurapos", "UPDATE aurapos_pair.invitation SET expires_at = clock_timestamp() - interval '1 second' WHERE code IN ('R2', 'R3');
        SET ROLE aurapos_owner; CREATE TABLE aurapos._meta (epoch text); GRANT SELECT ON aurapos._meta TO aurapos_register;
        CREATE TABLE aurapos.incarnation (register_code text); INSERT INTO aurapos.incarnation VALUES ('R2'), ('R7')");
    assert_eq!(next(None).unwrap().document.register, "R3");
    refused(next(Some("R7")), "AP-0639", "books");
    // The master's own register cannot become somebody else's.
    let taken = ground.init(&Wish { register: Some("R5".into()), ..Wish::default() }).unwrap_err();
    assert!(taken.code() == "AP-0619" && taken.to_string().contains("R5"), "{taken}");
    assert_eq!(ground.home.facts().unwrap().register, "R1");
    ground.init(&Wish { register: Some("R9".into()), ..Wish::default() }).unwrap();
    refused(next(Some("R9")), "AP-0639", "joined already");
    let named = issue(&ground.home, &Invite { addresses: vec!["LOCALHOST".into()], ..Invite::default() }).unwrap();
    assert_eq!((named.document.addresses, named.is_alone), (vec!["LOCALHOST".to_owned()], false));
    assert_eq!(registers(&ground.home).unwrap().iter().filter(|one| one.is_here).count(), 2);
    // What cannot be.
    for (invite, words) in [
        (Invite { register: Some("r2".into()), ..Invite::default() }, "no code of a register"),
        (Invite { register: Some("OWNER".into()), ..Invite::default() }, "no code of a register"),
        (Invite { name: "a\nb".into(), ..Invite::default() }, "64 characters"),
        (Invite { name: "x".repeat(65), ..Invite::default() }, "64 characters"),
        (Invite { valid: Duration::from_secs(59), ..Invite::default() }, "a minute to seven days"),
        (Invite { valid: Duration::from_secs(7 * 24 * 3600 + 1), ..Invite::default() }, "a minute to seven days"),
        (Invite { addresses: vec!["a b".into()], ..Invite::default() }, "no name or address"),
        (Invite { addresses: vec!["kasse.lan".into()], ..Invite::default() }, "server init --name kasse.lan"),
        (Invite { addresses: vec!["203.0.113.7".into()], ..Invite::default() }, "not in the server's certificate"),
    ] {
        refused(issue(&ground.home, &invite), "AP-0642", words);
    }
}

/// Many at once: every code once, and every pairing once.
#[test]
fn at_the_same_moment_everything_still_happens_once() {
    let ground = Ground::made();
    let start = Barrier::new(4);
    let issued: Vec<Result<Issued, PairError>> = std::thread::scope(|scope| {
        let one = || {
            start.wait();
            issue(&ground.home, &Invite::default())
        };
        let all: Vec<_> = (0..4).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let mut codes: Vec<String> = Vec::new();
    for outcome in &issued {
        match outcome {
            Ok(issued) => codes.push(issued.document.register.clone()),
            Err(error) => assert_eq!(error.code(), "AP-0622", "{error}"),
        }
    }
    let given = codes.len();
    codes.sort();
    codes.dedup();
    assert!(given >= 1 && codes.len() == given, "{codes:?}");
    let issued = issued.into_iter().find_map(Result::ok).unwrap();
    let start = Barrier::new(4);
    let outcomes: Vec<Result<Joined, PairError>> = std::thread::scope(|scope| {
        let one = || {
            let other = Other::new();
            start.wait();
            other.join(&file(&issued), &Way::default())
        };
        let all: Vec<_> = (0..4).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let used = outcomes.iter().filter(|outcome| outcome.as_ref().is_err_and(|error| error.code() == "AP-0635")).count();
    let limited =
        outcomes.iter().filter(|outcome| outcome.as_ref().is_err_and(|error| error.code() == "AP-0714")).count();
    let joined = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!((joined, used + limited), (1, 3), "{outcomes:?}");
}

#[test]
fn who_is_locked_out_is_out_at_once() {
    let ground = Ground::made();
    let issued = invite(&ground, &Invite::default());
    let other = Other::new();
    let joined = other.join(&file(&issued), &Way::default()).unwrap();
    let mut sessions: Vec<postgres::Client> = (0..3)
        .map(|_| {
            let mut client = ground.desk("aurapos");
            client.batch_execute("SELECT 1").unwrap();
            client
        })
        .collect();
    // Sessions of its own, over TLS as it comes in.
    let target = aurapos_server::diagnosis::Target {
        user: Some("aurapos_r2".into()),
        password: Some(joined.password.clone()),
        ..ground.target()
    };
    let mut own: Vec<postgres::Client> = (0..3).map(|_| connect(&target)).collect();
    let there = of(&registers(&ground.home).unwrap(), "R2");
    assert_eq!((there.connections, there.address.as_str()), (3, "127.0.0.1"));
    assert!(revoke(&ground.home, "R2").unwrap() >= 3);
    assert!(own.iter_mut().all(|one| one.batch_execute("SELECT 1").is_err()), "its sessions have ended");
    assert!(sessions.iter_mut().all(|one| one.batch_execute("SELECT 1").is_ok()), "and nobody else's");
    let refused_now = aurapos_server::diagnosis::diagnose(&target, None);
    assert_eq!(refused_now.finding, Finding::Revoked, "{refused_now:?}");
    let gone = of(&registers(&ground.home).unwrap(), "R2");
    assert_eq!((gone.state, gone.signs_in, gone.connections), (RegisterState::Revoked, false, 0));
    assert!(gone.last_seen.is_some());
    let member = ground
        .desk("aurapos")
        .query_one("SELECT pg_has_role('aurapos_r2', 'aurapos_register', 'MEMBER')", &[])
        .unwrap();
    assert!(!member.get::<_, bool>(0));
    // Again, harmlessly; an open pairing is worth nothing afterwards; the master's own stays.
    assert_eq!(revoke(&ground.home, "R2").unwrap(), 0);
    let open = invite(&ground, &Invite::default());
    revoke(&ground.home, "R3").unwrap();
    refused(Other::new().join(&file(&open), &Way::default()), "AP-0636", "withdrawn");
    refused(revoke(&ground.home, "R1"), "AP-0641", "this machine");
    refused(revoke(&ground.home, "R8"), "AP-0640", "R1, R2, R3");
    rename(&ground.home, "R1", "Comptoir").unwrap();
    assert_eq!(of(&registers(&ground.home).unwrap(), "R1").name, "Comptoir");
    refused(rename(&ground.home, "R8", "x"), "AP-0640", "R8");
    refused(rename(&ground.home, "R1", "a\tb"), "AP-0642", "64 characters");
    assert!(ground.diagnose(|_| {}).is_good());
}

fn connect(target: &aurapos_server::diagnosis::Target) -> postgres::Client {
    let mut roots = rustls::RootCertStore::empty();
    let (der, _) = aurapos_server::certificate::read_pem(target.authority.as_deref().unwrap()).unwrap();
    roots.add(der.into()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = builder.with_root_certificates(roots).with_no_client_auth();
    let mut config = postgres::Config::new();
    config.host("127.0.0.1").port(target.port).dbname("aurapos").user(target.user.as_deref().unwrap());
    config.password(target.password.as_ref().unwrap().text()).ssl_mode(postgres::config::SslMode::Require);
    config.connect(tokio_postgres_rustls::MakeRustlsConnect::new(tls)).unwrap()
}

/// Cut off after the password was kept, or after the server took it: the next run goes on.
#[test]
fn a_pairing_that_was_cut_off_goes_on() {
    let ground = Ground::made();
    // Kept, and the server does not know it yet.
    let issued = invite(&ground, &Invite::default());
    let other = Other::new();
    let kept = Secret::generate().unwrap();
    other.keep.set("aurapos_r2", &kept).unwrap();
    let joined = other.join(&file(&issued), &Way::default()).unwrap();
    assert_eq!(joined.password, kept);
    // The disk that the password would be kept on is full: the server took nothing, and the pairing is as good as before.
    let issued = invite(&ground, &Invite::default());
    let full = join(&file(&issued), &Way::default(), &Full, &NoProgress).unwrap_err();
    assert_eq!(full.code(), "AP-0607", "{full}");
    Other::new().join(&file(&issued), &Way::default()).unwrap();
    // A password of something else that was kept under that name does not open a pairing that was used.
    let stranger = Other::new();
    stranger.keep.set("aurapos_r3", &Secret::new("x")).unwrap();
    refused(stranger.join(&file(&issued), &Way::default()), "AP-0635", "used already");
}

struct Full;

impl Keep for Full {
    fn get(&self, _: &str) -> Result<Option<Secret>, ServerError> {
        Ok(None)
    }

    fn set(&self, _: &str, _: &Secret) -> Result<(), ServerError> {
        Err(ServerError::File { path: "secrets.toml".into(), source: std::io::ErrorKind::StorageFull.into() })
    }
}

/// What was issued is whole or not there, and no secret stands in a process list, a log or a file of the server.
#[test]
fn a_secret_is_seen_nowhere() {
    let ground = Ground::made();
    ground.own_settings("log_statement = 'all'\nlog_min_duration_statement = 0\nlog_min_error_statement = error");
    ground.reload();
    let issued = invite(&ground, &Invite::default());
    let other = Other::new();
    other.join(&typed(&issued), &there(&ground)).unwrap();
    let code = issued.document.code.unwrap();
    let password = other.keep.get("aurapos_r2").unwrap().unwrap();
    let mut folders = vec![ground.home.root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            for secret in [code.as_str(), &code.replace('-', ""), password.text()] {
                let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!found, "{}", entry.path().display());
            }
        }
    }
    assert_eq!(Document::parse(&serde_json_text(&ground), "x").unwrap().code, None);
}

/// The document as the server keeps it.
fn serde_json_text(ground: &Ground) -> String {
    ground.desk("aurapos").query_one("SELECT document FROM aurapos_pair.invitation", &[]).unwrap().get(0)
}
