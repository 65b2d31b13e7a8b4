//! SQLite storage for one register.
