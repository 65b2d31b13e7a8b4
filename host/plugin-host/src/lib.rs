//! Finds, checks, loads, calls and watches plugins.
