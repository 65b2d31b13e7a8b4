//! Opens a register from its data folder: settings, plugins, stores, engine, threads, clock, ids.
