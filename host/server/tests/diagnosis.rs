//! Every finding of a diagnosis, produced for real: by servers that are wrong in one way each, and in networks of their own.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod ground;

use aurapos_server::authority::{Authority, Names};
use aurapos_server::diagnosis::{Diagnosis, Finding, Stage, Target, diagnose};
use aurapos_server::{Secret, Wish, start, stop};
use ground::{Ground, again, is_root, tools};
use std::fs;
use std::io::Write as _;
use std::net::{IpAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn expect(seen: &Diagnosis, finding: Finding, reached: Stage) {
    assert_eq!((seen.finding, seen.reached), (finding, reached), "{seen:?}");
}

#[test]
fn who_signs_in_and_where() {
    let ground = Ground::made();
    expect(&ground.diagnose(|_| {}), Finding::Ready, Stage::Database);
    expect(&ground.diagnose(|target| target.host = "localhost".into()), Finding::Ready, Stage::Database);
    expect(&ground.diagnose(|target| target.user = None), Finding::Ready, Stage::Tls);
    expect(&ground.diagnose(|target| target.password = Some(Secret::new("x"))), Finding::WrongPassword, Stage::Tls);
    expect(&ground.diagnose(|target| target.password = None), Finding::WrongPassword, Stage::Tls);
    // Over the network nobody learns which names there are; the server's own machine knows.
    let mut target = Target { user: Some("aurapos_r9".into()), password: Some(Secret::new("x")), ..ground.target() };
    expect(&diagnose(&target, None), Finding::WrongPassword, Stage::Tls);
    expect(&diagnose(&target, Some(&ground.home)), Finding::UserUnknown, Stage::Tls);
    target.user = Some("aurapos_r1".into());
    expect(&diagnose(&target, Some(&ground.home)), Finding::WrongPassword, Stage::Tls);
    ground.sql("postgres", "ALTER ROLE aurapos_reader NOLOGIN");
    let reader = ground.diagnose(|target| {
        target.user = Some("aurapos_reader".into());
        target.password = aurapos_server::Keep::get(&ground.keep, "aurapos_reader").unwrap();
    });
    expect(&reader, Finding::Revoked, Stage::Tls);
    // The tables' owner from this machine.
    let owner = ground.diagnose(|target| {
        target.user = Some("aurapos_owner".into());
        target.password = aurapos_server::Keep::get(&ground.keep, "aurapos_owner").unwrap();
    });
    expect(&owner, Finding::Ready, Stage::Database);
    expect(&ground.diagnose(|target| target.database = "nothing".into()), Finding::DatabaseMissing, Stage::Tls);
    expect(&ground.diagnose(|target| target.authority = None), Finding::AuthorityUnknown, Stage::Port);
    expect(&ground.diagnose(|target| target.versions = 16..=18), Finding::TooOld, Stage::SignedIn);
    expect(&ground.diagnose(|target| target.versions = 13..=14), Finding::TooNew, Stage::SignedIn);
    let hba = ground.cluster().join("data/pg_hba.conf");
    let text = fs::read_to_string(&hba).unwrap();
    fs::write(&hba, text.replace("hostssl all all 127.0.0.1/32 scram-sha-256\n", "")).unwrap();
    ground.reload();
    expect(&ground.diagnose(|_| {}), Finding::NotAdmitted, Stage::Tls);
}

#[test]
fn whose_database_it_is() {
    let ground = Ground::made();
    expect(&ground.diagnose(|target| target.database = "postgres".into()), Finding::NotAuraPos, Stage::SignedIn);
    ground.sql("aurapos", "CREATE TABLE aurapos.notes (a int)");
    expect(&ground.diagnose(|_| {}), Finding::NotAuraPos, Stage::SignedIn);
    ground.sql(
        "aurapos",
        "CREATE TABLE aurapos._meta (epoch text); INSERT INTO aurapos._meta VALUES ('e-1');
         CREATE TABLE aurapos.shop (name text); INSERT INTO aurapos.shop VALUES ('Corner Shop');
         GRANT SELECT ON ALL TABLES IN SCHEMA aurapos TO aurapos_register",
    );
    let seen = ground.diagnose(|_| {});
    expect(&seen, Finding::Ready, Stage::Database);
    let server = seen.server.unwrap();
    assert_eq!((server.shop.as_deref(), server.epoch.as_deref()), (Some("Corner Shop"), Some("e-1")));
    expect(&ground.diagnose(|target| target.shop = Some("Corner Shop".into())), Finding::Ready, Stage::Database);
    expect(&ground.diagnose(|target| target.shop = Some("Other".into())), Finding::OtherShop, Stage::SignedIn);
    expect(&ground.diagnose(|target| target.epoch = Some("e-0".into())), Finding::OtherEpoch, Stage::SignedIn);
}

#[test]
fn what_a_server_is_up_to() {
    let ground = Ground::made();
    ground.own_settings("max_connections = 12\nsuperuser_reserved_connections = 3\nmax_wal_senders = 0");
    restart(&ground);
    let mut held = Vec::new();
    for _ in 0..12 {
        held.push(
            postgres::Config::new()
                .host(&ground.cluster().join("run").display().to_string())
                .port(ground.port)
                .user("aurapos_reader")
                .dbname("aurapos")
                .connect(postgres::NoTls),
        );
        if held.last().unwrap().is_err() {
            // The reader's own limit; the others are the owner's.
            held.pop();
            held.push(Ok(ground.desk("aurapos")));
        }
        if held.len() == 9 {
            break;
        }
    }
    expect(&ground.diagnose(|_| {}), Finding::TooManyConnections, Stage::Tls);
    drop(held);
    ground.own_settings("default_transaction_read_only = on");
    ground.reload();
    expect(&ground.diagnose(|_| {}), Finding::ReadOnly, Stage::SignedIn);
    ground.own_settings("default_transaction_read_only = off\nfsync = off");
    ground.reload();
    expect(&ground.diagnose(|_| {}), Finding::Endangered, Stage::Database);
    // A replica, which writes nothing; and one that does not even read.
    ground.own_settings("fsync = on");
    stop(&ground.home, true).unwrap();
    let signal = ground.cluster().join("data/standby.signal");
    fs::write(&signal, "").unwrap();
    start(&ground.home, true).unwrap();
    expect(&ground.diagnose(|_| {}), Finding::ReadOnly, Stage::SignedIn);
    stop(&ground.home, true).unwrap();
    ground.own_settings("hot_standby = off");
    // It answers that it lets nobody in: whoever starts it does not wait for more.
    let _ = start(&ground.home, true);
    expect(&ground.diagnose(|_| {}), Finding::Starting, Stage::Tls);
}

fn restart(ground: &Ground) {
    stop(&ground.home, true).unwrap();
    start(&ground.home, true).unwrap();
}

#[test]
fn whose_certificate_it_is() {
    let ground = Ground::made();
    let now = SystemTime::now();
    let names = Names { names: vec!["localhost".into()], addresses: vec![IpAddr::from([127, 0, 0, 1])] };
    let own = Authority::read(&ground.home).unwrap();
    let check = |authority: &Authority, names: &Names, when: SystemTime, host: &str, finding: Finding| {
        ground.use_identity(&authority.issue(names, when).unwrap());
        let seen = ground.diagnose(|target| target.host = host.into());
        assert_eq!(seen.finding, finding, "{seen:?}");
        if finding != Finding::Ready {
            // Before the certificate is believed nothing is sent that a stranger could keep.
            assert_eq!(seen.reached, Stage::Port);
            assert!(seen.certificate.is_some() && !seen.told(aurapos_locale::Language::German).next.is_empty());
        }
    };
    check(&own, &names, now, "localhost", Finding::Ready);
    check(&own, &names, now - DAY * 4 * 365, "localhost", Finding::Expired);
    check(&own, &names, now + DAY * 10, "localhost", Finding::NotYetValid);
    let other_name = Names { names: vec!["kasse.lan".into()], addresses: Vec::new() };
    check(&own, &other_name, now, "localhost", Finding::WrongHost);
    check(&own, &other_name, now, "127.0.0.1", Finding::WrongHost);
    // Another authority, and another one of the same name.
    for shop in ["Other", ground::SHOP] {
        check(&Authority::new(shop, now).unwrap(), &names, now, "localhost", Finding::WrongAuthority);
    }
    ground.own_settings("ssl = off");
    ground.reload();
    expect(&ground.diagnose(|_| {}), Finding::NoTls, Stage::Name);
}

#[test]
fn who_is_no_postgres_and_what_is_no_name() {
    let ground = Ground::new();
    let authority = Authority::new("Shop", SystemTime::now()).unwrap().pem();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = |host: &str, port: u16| Target {
        port,
        authority: Some(authority.clone()),
        patience: Duration::from_millis(500),
        searches: false,
        ..Target::new(host)
    };
    std::thread::spawn(move || {
        for (turn, stream) in listener.incoming().flatten().enumerate() {
            match turn {
                0 => {
                    let mut stream = stream;
                    let _ = stream.write_all(b"SSH-2.0-x\r\n");
                }
                // Says that it speaks TLS, and does not.
                1 => {
                    let mut stream = stream;
                    let _ = stream.write_all(b"Snonsense nonsense nonsense");
                }
                // Takes the connection and says nothing.
                _ => std::thread::sleep(Duration::from_secs(2)),
            }
        }
    });
    for _ in 0..3 {
        expect(&diagnose(&target("127.0.0.1", port), None), Finding::NotPostgres, Stage::Name);
    }
    expect(&diagnose(&target("127.0.0.1", ground.port), None), Finding::NotRunning, Stage::Name);
    expect(&diagnose(&target("kasse.invalid", port), None), Finding::NameNotFound, Stage::Nothing);
    expect(&diagnose(&target("no name at all", port), None), Finding::NameNotFound, Stage::Nothing);
}

/// A neighbour: a network of its own at the other end of a cable.
struct Neighbour(Child);

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn sh(lines: &str) {
    let output = Command::new("sh").args(["-ec", lines]).output().unwrap();
    assert!(output.status.success(), "{lines}: {}", String::from_utf8_lossy(&output.stderr));
}

/// This machine is 192.168.77.11 and the neighbour 192.168.77.20, at the two ends of a cable; the master will be .23.
fn network() -> Neighbour {
    let neighbour = Command::new("unshare").args(["-n", "sleep", "300"]).stdin(Stdio::null()).spawn().unwrap();
    let pid = neighbour.id();
    let inside = |line: &str| format!("nsenter -t {pid} -n {line}\n");
    // Until it has its own network.
    let own = fs::read_link("/proc/self/ns/net").unwrap();
    while fs::read_link(format!("/proc/{pid}/ns/net")).is_ok_and(|other| other == own) {
        std::thread::yield_now();
    }
    sh(&format!(
        "ip link set lo up
         ip link add lan0 type veth peer name lan1
         ip link set lan1 netns {pid}
         ip address add 192.168.77.11/24 dev lan0
         ip address add 192.168.77.23/24 dev lan0
         ip address add 192.168.77.24/24 dev lan0
         ip link set lan0 up
         ip neigh replace 192.168.77.30 lladdr 02:00:00:00:00:30 dev lan0 nud permanent
         {}{}{}{}
         ip route add 10.99.0.0/16 via 192.168.77.20",
        inside("ip link set lo up"),
        inside("ip address add 192.168.77.20/24 dev lan1"),
        inside("ip link set lan1 up"),
        inside("sh -ec 'echo 1 > /proc/sys/net/ipv4/ip_forward; ip route add prohibit 10.99.0.0/16'"),
    ));
    Neighbour(neighbour)
}

/// What a network does: each case on a cable of its own, where nothing of the machine's real network is touched.
#[test]
fn what_a_network_does() {
    let test = "what_a_network_does";
    let possible =
        Command::new("unshare").args(["-n", "ip", "link"]).output().is_ok_and(|output| output.status.success());
    if !is_root() || !possible {
        eprintln!("skipped: no network of its own can be made here");
        return;
    }
    if !again(test, "network", &["unshare", "-n"]) {
        return;
    }
    let _neighbour = network();
    let ground = Ground::new();
    let wish = Wish { listen: Some(vec!["192.168.77.23".into(), "192.168.77.24".into()]), ..ground.wish() };
    let made = ground.init(&Wish { tools: Some(tools("15")), ..wish }).unwrap();
    assert_eq!(made.addresses, ["192.168.77.23", "192.168.77.24"]);
    let see = |host: &str, searches: bool| {
        ground.diagnose(|target| {
            target.host = host.into();
            target.searches = searches;
        })
    };
    expect(&see("192.168.77.23", false), Finding::Ready, Stage::Database);
    // The tables' owner does not come over the network.
    let owner = ground.diagnose(|target| {
        target.host = "192.168.77.23".into();
        target.user = Some("aurapos_owner".into());
        target.password = aurapos_server::Keep::get(&ground.keep, "aurapos_owner").unwrap();
    });
    expect(&owner, Finding::NotAdmitted, Stage::Tls);
    expect(&see("192.168.77.20", false), Finding::Refused, Stage::Name);
    expect(&see("192.168.77.30", false), Finding::Silence, Stage::Name);
    expect(&see("192.168.77.99", false), Finding::Unreachable, Stage::Name);
    expect(&see("10.99.0.1", false), Finding::Rejected, Stage::Name);
    // No way there, and a way on which nobody answers.
    let far = see("192.168.0.10", false);
    expect(&far, Finding::OtherNetwork, Stage::Name);
    assert_eq!(far.own, ["192.168.77.0/24", "192.168.77.0/24", "192.168.77.0/24"]);
    sh("ip route add default via 192.168.77.30");
    expect(&see("192.168.0.10", false), Finding::OtherNetwork, Stage::Name);
    // The master has another address than the register knows: its neighbours are asked.
    for host in ["192.168.77.20", "192.168.77.30", "192.168.77.99"] {
        let seen = see(host, true);
        expect(&seen, Finding::AddressChanged, Stage::Name);
        let found = seen.found_at.unwrap().to_string();
        assert!(made.addresses.contains(&found), "{found}");
        assert!(seen.told(aurapos_locale::Language::English).sentence.contains(&found));
    }
    // Nobody with another authority is taken for the master.
    let other = Authority::new("Other", SystemTime::now()).unwrap().pem();
    let seen = ground.diagnose(|target| {
        target.host = "192.168.77.20".into();
        target.searches = true;
        target.authority = Some(other);
    });
    expect(&seen, Finding::Refused, Stage::Name);
    // The master answers at an address that its certificate does not know yet.
    let names = Names { names: Vec::new(), addresses: vec!["192.168.77.23".parse().unwrap()] };
    ground.use_identity(&Authority::read(&ground.home).unwrap().issue(&names, SystemTime::now()).unwrap());
    expect(&see("192.168.77.24", false), Finding::AddressChanged, Stage::Port);
    // An address of the machine that is gone does not hold the start up.
    stop(&ground.home, true).unwrap();
    sh("ip address del 192.168.77.24/24 dev lan0");
    start(&ground.home, true).unwrap();
    expect(&see("192.168.77.23", false), Finding::Ready, Stage::Database);
}
