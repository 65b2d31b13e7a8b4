//! Decides when a backup is made, names, keeps, copies and deletes it.
