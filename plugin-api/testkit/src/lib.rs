//! Reference store in memory, test host and conformance suites for AuraPOS plugins.
