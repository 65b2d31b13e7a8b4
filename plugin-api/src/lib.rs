//! The stable ABI of AuraPOS plugins: mirror of the contract, export_plugin!, adapters of both sides.
