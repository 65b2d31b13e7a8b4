//! The steps of making a server, and how each is told.

use crate::ServerError;
use aurapos_contract::Progress;

/// A step of [`crate::init`]; each looks at what is there and does what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// PostgreSQL's programs, the user, addresses and port.
    Choose,
    /// The folders of the server.
    Folders,
    /// The shop's own authority.
    Authority,
    /// The cluster, made aside and renamed.
    Cluster,
    /// The server's certificate.
    Certificate,
    /// PostgreSQL's settings and who may come in.
    Settings,
    /// PostgreSQL runs with them.
    Start,
    /// The passwords.
    Passwords,
    /// Roles, database, schema.
    Database,
    /// The service at boot.
    Service,
    /// The firewall.
    Firewall,
    /// Coming in as a register does.
    Check,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Step; 12] = [
        Step::Choose,
        Step::Folders,
        Step::Authority,
        Step::Cluster,
        Step::Certificate,
        Step::Settings,
        Step::Start,
        Step::Passwords,
        Step::Database,
        Step::Service,
        Step::Firewall,
        Step::Check,
    ];

    /// A word for scripts.
    pub fn name(self) -> &'static str {
        match self {
            Step::Choose => "choose",
            Step::Folders => "folders",
            Step::Authority => "authority",
            Step::Cluster => "cluster",
            Step::Certificate => "certificate",
            Step::Settings => "settings",
            Step::Start => "start",
            Step::Passwords => "passwords",
            Step::Database => "database",
            Step::Service => "service",
            Step::Firewall => "firewall",
            Step::Check => "check",
        }
    }

    /// What is going on, for people.
    pub fn told(self) -> &'static str {
        match self {
            Step::Choose => "looking for PostgreSQL, addresses and port",
            Step::Folders => "making the folders",
            Step::Authority => "making the shop's own authority",
            Step::Cluster => "making the cluster",
            Step::Certificate => "making the server's certificate",
            Step::Settings => "writing the settings",
            Step::Start => "starting PostgreSQL",
            Step::Passwords => "choosing passwords",
            Step::Database => "making roles and database",
            Step::Service => "starting it at boot",
            Step::Firewall => "opening the firewall",
            Step::Check => "coming in as a register does",
        }
    }

    /// Tells that this step begins, unless the caller wants to stop.
    ///
    /// # Errors
    /// The caller wants to stop.
    pub(crate) fn begin(self, progress: &dyn Progress) -> Result<(), ServerError> {
        if progress.cancelled() {
            return Err(ServerError::Cancelled { before: self.name() });
        }
        let at = Step::ALL.iter().position(|step| *step == self).unwrap_or(0);
        progress.report(at as u64, Step::ALL.len() as u64, self.told());
        Ok(())
    }
}
