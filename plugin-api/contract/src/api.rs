//! The version of the contract that each side speaks.

use std::fmt;

/// A version of this contract, without the patch: that never changes a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiVersion {
    /// Generation.
    pub major: u32,
    /// What was added within the generation.
    pub minor: u32,
}

impl ApiVersion {
    /// The version of this crate.
    pub const OWN: ApiVersion =
        ApiVersion { major: number(env!("CARGO_PKG_VERSION_MAJOR")), minor: number(env!("CARGO_PKG_VERSION_MINOR")) };

    /// As one number, for the ABI and a runner's greeting: the major in the upper 32 bits.
    pub const fn pack(self) -> u64 {
        ((self.major as u64) << 32) | self.minor as u64
    }

    /// Back from [`ApiVersion::pack`].
    pub const fn unpack(packed: u64) -> Self {
        ApiVersion { major: (packed >> 32) as u32, minor: packed as u32 }
    }

    /// Whether this side knows what came with that minor version of its generation.
    pub const fn has(self, minor: u32) -> bool {
        self.minor >= minor
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A decimal number that cargo made.
const fn number(text: &str) -> u32 {
    let (bytes, mut value, mut at) = (text.as_bytes(), 0, 0);
    while at < bytes.len() {
        value = value * 10 + (bytes[at] - b'0') as u32;
        at += 1;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_one_number_and_back() {
        assert_eq!(ApiVersion::OWN.to_string(), env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0);
        let version = ApiVersion { major: 3, minor: 141 };
        assert_eq!(ApiVersion::unpack(version.pack()), version);
        assert!(version.has(141) && !version.has(142));
    }
}
