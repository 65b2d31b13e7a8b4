//! End to end, crash, hostile plugins, compatibility, golden files.
