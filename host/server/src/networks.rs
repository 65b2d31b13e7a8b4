//! The networks of this machine: which addresses it has, who is in the same one.
//!
//! Owns nothing but the question to the system; the rest are rules on its answer.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Names of interfaces that lead to programs on this machine and not to a shop. Whoever sells over one of them names its
/// address with `--listen`.
const INNER_INTERFACES: [&str; 9] = ["docker", "br-", "veth", "virbr", "lxc", "cni", "podman", "vmnet", "vboxnet"];

/// A network: an address and how many bits of it are the network's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// Its first address.
    address: IpAddr,
    bits: u8,
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Network {
    /// The network that an address is in.
    pub fn of(address: IpAddr, bits: u8) -> Self {
        let address = match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        };
        Network { address, bits }
    }

    /// Reads `192.168.1.0/24`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let (address, bits): (IpAddr, u8) = (address.parse().ok()?, bits.parse().ok()?);
        let most = if address.is_ipv4() { 32 } else { 128 };
        (bits <= most).then(|| Network::of(address, bits))
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.address.is_ipv4() && Network::of(address, self.bits) == *self
    }

    /// The addresses of its machines, when it is of version 4 and has at most so many.
    pub fn machines(&self, most: u32) -> Vec<Ipv4Addr> {
        let IpAddr::V4(first) = self.address else { return Vec::new() };
        let Some(size) = 1_u32.checked_shl(32 - u32::from(self.bits)).filter(|size| (4..=most).contains(size)) else {
            return Vec::new();
        };
        // The first one is the network, the last one everybody.
        (1..size - 1).map(|at| Ipv4Addr::from_bits(first.to_bits() + at)).collect()
    }
}

/// An address of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// What the system calls it: `eth0`.
    pub name: String,
    /// The address.
    pub address: IpAddr,
    /// The network that it is in.
    pub network: Network,
}

/// All addresses of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks {
    /// In the system's order.
    pub interfaces: Vec<Interface>,
}

impl Networks {
    /// Asks the system.
    ///
    /// # Errors
    /// It does not say.
    pub fn of_this_machine() -> io::Result<Self> {
        let interfaces = if_addrs::get_if_addrs()?.into_iter().map(|one| {
            let bits = match &one.addr {
                if_addrs::IfAddr::V4(address) => address.prefixlen,
                if_addrs::IfAddr::V6(address) => address.prefixlen,
            };
            let address = one.ip();
            Interface { name: one.name, address, network: Network::of(address, bits) }
        });
        Ok(Networks { interfaces: interfaces.collect() })
    }

    /// Addresses that other registers of the shop may reach: private ones, of interfaces that lead out of the machine.
    pub fn of_the_shop(&self) -> Vec<&Interface> {
        let outer = |one: &&Interface| !INNER_INTERFACES.iter().any(|inner| one.name.starts_with(inner));
        self.interfaces.iter().filter(outer).filter(|one| is_private(one.address)).collect()
    }

    /// Every address by which somebody may call this machine; what is only valid on one cable is left out.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut found: Vec<IpAddr> = Vec::new();
        for one in self.interfaces.iter().filter(|one| !is_link_local(one.address)) {
            if !found.contains(&one.address) {
                found.push(one.address);
            }
        }
        found
    }

    /// Whether an address is this machine's own.
    pub fn is_own(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.interfaces.iter().any(|one| one.address == address)
    }

    /// Whether an address is in a network of this machine.
    pub fn is_near(&self, address: IpAddr) -> bool {
        let outer = |one: &&Interface| !one.address.is_loopback();
        self.is_own(address) || self.interfaces.iter().filter(outer).any(|one| one.network.contains(address))
    }
}

/// Addresses that no router of the Internet passes on.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        // 100.64/10 is what providers and meshes of VPNs give out.
        IpAddr::V4(address) => address.is_private() || Network::of(address.into(), 10).to_string() == "100.64.0.0/10",
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, address: &str, bits: u8) -> Interface {
        let address: IpAddr = address.parse().unwrap();
        Interface { name: name.to_owned(), address, network: Network::of(address, bits) }
    }

    #[test]
    fn a_network_knows_its_machines() {
        let check = |network: &str, address: &str, inside: bool| {
            let found = Network::parse(network).unwrap().contains(address.parse().unwrap());
            assert_eq!(found, inside, "{address} in {network}");
        };
        check("192.168.1.0/24", "192.168.1.255", true);
        check("192.168.1.77/24", "192.168.1.1", true);
        check("192.168.1.0/24", "192.168.0.10", false);
        check("10.0.0.0/8", "10.200.1.1", true);
        check("0.0.0.0/0", "8.8.8.8", true);
        check("0.0.0.0/0", "::1", false);
        check("fd00:1::/64", "fd00:1::5", true);
        check("fd00:1::/64", "fd00:2::5", false);
        assert_eq!(Network::parse("192.168.1.9/24").unwrap().to_string(), "192.168.1.0/24");
        for wrong in ["192.168.1.0", "192.168.1.0/33", "a/8", "::/129", ""] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
        let machines = Network::parse("192.168.1.0/29").unwrap().machines(1024);
        assert_eq!((machines.len(), machines[0].to_string()), (6, "192.168.1.1".to_owned()));
        assert_eq!(Network::parse("10.0.0.0/8").unwrap().machines(1024), Vec::<Ipv4Addr>::new());
    }

    #[test]
    fn a_shop_is_in_private_networks_that_lead_out() {
        let networks = Networks {
            interfaces: vec![
                interface("lo", "127.0.0.1", 8),
                interface("eth0", "192.168.1.10", 24),
                interface("eth0", "fe80::1", 64),
                interface("wlan0", "172.31.0.4", 16),
                interface("docker0", "172.17.0.1", 16),
                interface("eth1", "8.8.4.4", 24),
                interface("wg0", "100.64.0.3", 10),
                interface("eth2", "fd00:1::5", 64),
            ],
        };
        let shop: Vec<String> = networks.of_the_shop().iter().map(|one| one.address.to_string()).collect();
        assert_eq!(shop, ["192.168.1.10", "172.31.0.4", "100.64.0.3", "fd00:1::5"]);
        assert_eq!(networks.addresses().len(), 7);
        for (address, own, near) in [
            ("192.168.1.10", true, true),
            ("127.0.0.9", true, true),
            ("192.168.1.99", false, true),
            ("192.168.0.10", false, false),
            ("172.17.0.2", false, true),
        ] {
            let address = address.parse().unwrap();
            assert_eq!((networks.is_own(address), networks.is_near(address)), (own, near), "{address}");
        }
    }
}
