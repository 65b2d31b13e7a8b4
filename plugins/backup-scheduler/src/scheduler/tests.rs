//! The scheduler over real folders, with a host whose data is a small file and which fails where it is told to.

mod backups;
mod damage;
mod faults;
mod restores;
mod support;
