//! A network of its own for each machine, with a cable that can be pulled: namespaces
//! of the kernel, pairs of virtual cards and a bridge between them.

use crate::shop::{Said, Script, Shop, run};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Machines of tests have addresses of a range that is kept for measuring networks, and that nobody else has (RFC 2544).
const RANGE: &str = "198.18";

/// A switch, with the master at it in this machine's own namespace.
#[derive(Debug)]
pub struct Wires {
    /// The number of this network on the machine.
    number: u32,
    cables: u32,
}

/// A machine at the other end of a cable.
#[derive(Debug)]
pub struct Cable {
    /// Its namespace.
    namespace: String,
    /// The card at the switch's end.
    card: String,
    /// The card at the machine's end.
    other: String,
    /// Between it and the master.
    switch: String,
    /// The master's address.
    here: String,
    /// The machine's address.
    there: String,
}

fn ip(args: &[&str]) -> bool {
    Command::new("ip").args(args).output().is_ok_and(|said| said.status.success())
}

impl Wires {
    /// A switch with the master at it. `None` where networks of one's own are not allowed: only root may make them.
    pub fn possible() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Two tests at once have two process ids.
        let number = (std::process::id() + NEXT.fetch_add(1, Ordering::Relaxed) * 1_009) % 4_096;
        let wires = Wires { number, cables: 0 };
        let (switch, address) = (wires.switch(), format!("{}/28", wires.address()));
        let made = ip(&["link", "add", &switch, "type", "bridge"])
            && ip(&["address", "add", &address, "dev", &switch])
            && ip(&["link", "set", &switch, "up"]);
        made.then_some(wires)
    }

    fn switch(&self) -> String {
        format!("ap{}", self.number)
    }

    /// The master's address for all of them.
    pub fn address(&self) -> String {
        self.host(1)
    }

    fn host(&self, host: u32) -> String {
        format!("{RANGE}.{}.{}", self.number / 16, self.number % 16 * 16 + host)
    }

    /// A cable to a machine of its own. All machines of a network lie in one /28.
    ///
    /// # Panics
    /// The system refuses.
    pub fn lay(&mut self) -> Cable {
        self.cables += 1;
        let name = format!("ap{}-{}", self.number, self.cables);
        let cable = Cable {
            namespace: format!("aurapos-{name}"),
            card: format!("{name}m"),
            other: format!("{name}r"),
            switch: self.switch(),
            here: self.address(),
            there: self.host(1 + self.cables),
        };
        let Cable { namespace: space, card, other, switch, there, .. } = &cable;
        let steps: [&[&str]; 8] = [
            &["netns", "add", space],
            &["link", "add", card, "type", "veth", "peer", "name", other],
            &["link", "set", other, "netns", space],
            &["link", "set", card, "master", switch],
            &["link", "set", card, "up"],
            &["-n", space, "address", "add", &format!("{there}/28"), "dev", other],
            &["-n", space, "link", "set", other, "up"],
            &["-n", space, "link", "set", "lo", "up"],
        ];
        for step in steps {
            assert!(ip(step), "ip {}", step.join(" "));
        }
        cable
    }
}

impl Drop for Wires {
    fn drop(&mut self) {
        ip(&["link", "del", &self.switch()]);
    }
}

impl Cable {
    /// Everything that is sent either way is swallowed, in silence: what a cable does that is pulled behind the switch. Both cards
    /// stay up, so that nobody is told; what is sent goes to a card that nobody has.
    ///
    /// # Panics
    /// The system refuses.
    pub fn pull(&self) {
        self.neighbours("replace", &["lladdr", "02:00:00:00:00:01", "nud", "permanent"]);
    }

    /// It is plugged in again.
    ///
    /// # Panics
    /// The system refuses.
    pub fn mend(&self) {
        self.neighbours("del", &[]);
    }

    fn neighbours(&self, what: &str, more: &[&str]) {
        let here = [&["neigh", what, self.there.as_str(), "dev", self.switch.as_str()], more].concat();
        let there = [&["-n", &self.namespace, "neigh", what, &self.here, "dev", &self.other], more].concat();
        assert!(ip(&here) && ip(&there), "ip {}", here.join(" "));
    }

    /// A command of a shop, typed on the machine at the end of the cable.
    pub fn command(&self, shop: &Shop, args: &[&str]) -> Command {
        let inner = shop.command(args);
        let mut outer = Command::new("ip");
        outer.args(["netns", "exec", &self.namespace]).arg(inner.get_program()).args(inner.get_args());
        outer.env_remove("AURAPOS_DATA").env_remove("AURAPOS_PIN");
        outer
    }

    /// The same, run to its end.
    pub fn run(&self, shop: &Shop, args: &[&str]) -> Said {
        run(&mut self.command(shop, args), b"")
    }

    /// A script that sells there.
    pub fn script(&self, shop: &Shop) -> Script {
        Script::start(&mut self.command(shop, &["sell", "--script", "-"]))
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        // Its card goes with it, and the other end with the card.
        ip(&["netns", "del", &self.namespace]);
        ip(&["link", "del", &self.card]);
    }
}
