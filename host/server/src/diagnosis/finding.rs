//! What a diagnosis can find, and how far it got.

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// A register gets in, or gets as far as it was asked to.
    Ready,
    /// The machine answers, and nobody listens at the port.
    Refused,
    /// Nobody answers: what a firewall does that drops.
    Silence,
    /// A firewall says that nobody comes through.
    Rejected,
    /// This machine's own server does not run.
    NotRunning,
    /// There is no such machine in the network, or no network.
    Unreachable,
    /// The master has another address than before.
    AddressChanged,
    /// It lies in a network that this machine is not in.
    OtherNetwork,
    /// The name is not known.
    NameNotFound,
    /// Something answers that is no PostgreSQL.
    NotPostgres,
    /// A PostgreSQL that does not speak TLS.
    NoTls,
    /// Nobody said which authority is the shop's.
    AuthorityUnknown,
    /// Another authority signed the certificate.
    WrongAuthority,
    /// The certificate is for another name.
    WrongHost,
    /// The certificate has ended.
    Expired,
    /// The certificate has not begun.
    NotYetValid,
    /// The password is wrong (or the role: a server does not say which).
    WrongPassword,
    /// The server has no such role; only on the server's own machine this can be known.
    UserUnknown,
    /// The role may not sign in any more.
    Revoked,
    /// The server lets nobody in from this address.
    NotAdmitted,
    /// As many are connected as the server allows.
    TooManyConnections,
    /// It starts, stops or recovers.
    Starting,
    /// Too old.
    TooOld,
    /// Too new.
    TooNew,
    /// A replica, or a server that only reads.
    ReadOnly,
    /// There is no such database.
    DatabaseMissing,
    /// The database is not one of AuraPOS.
    NotAuraPos,
    /// The database is that of another shop.
    OtherShop,
    /// The shop's data was restored or moved since.
    OtherEpoch,
    /// It works, with settings that endanger data.
    Endangered,
    /// There is no room on its disk: only who writes is told.
    DiskFull,
    /// Something else; the server's own words say what.
    Other,
}

impl Finding {
    /// Every one but [`Finding::Ready`].
    pub const ALL: [Finding; 31] = [
        Finding::Refused,
        Finding::Silence,
        Finding::NotRunning,
        Finding::AddressChanged,
        Finding::OtherNetwork,
        Finding::NameNotFound,
        Finding::WrongPassword,
        Finding::UserUnknown,
        Finding::WrongAuthority,
        Finding::WrongHost,
        Finding::Expired,
        Finding::NotYetValid,
        Finding::NoTls,
        Finding::TooManyConnections,
        Finding::TooOld,
        Finding::TooNew,
        Finding::ReadOnly,
        Finding::DatabaseMissing,
        Finding::NotAuraPos,
        Finding::OtherShop,
        Finding::OtherEpoch,
        Finding::NotAdmitted,
        Finding::Starting,
        Finding::NotPostgres,
        Finding::Unreachable,
        Finding::Rejected,
        Finding::Endangered,
        Finding::Revoked,
        Finding::AuthorityUnknown,
        Finding::DiskFull,
        Finding::Other,
    ];

    /// Its code; empty when all is well.
    pub fn code(self) -> &'static str {
        match self {
            Finding::Ready => "",
            Finding::Refused => "AP-0701",
            Finding::Silence => "AP-0702",
            Finding::NotRunning => "AP-0703",
            Finding::AddressChanged => "AP-0704",
            Finding::OtherNetwork => "AP-0705",
            Finding::NameNotFound => "AP-0706",
            Finding::WrongPassword => "AP-0707",
            Finding::UserUnknown => "AP-0708",
            Finding::WrongAuthority => "AP-0709",
            Finding::WrongHost => "AP-0710",
            Finding::Expired => "AP-0711",
            Finding::NotYetValid => "AP-0712",
            Finding::NoTls => "AP-0713",
            Finding::TooManyConnections => "AP-0714",
            Finding::TooOld => "AP-0715",
            Finding::TooNew => "AP-0716",
            Finding::ReadOnly => "AP-0717",
            Finding::DatabaseMissing => "AP-0718",
            Finding::NotAuraPos => "AP-0719",
            Finding::OtherShop => "AP-0720",
            Finding::OtherEpoch => "AP-0721",
            Finding::NotAdmitted => "AP-0722",
            Finding::Starting => "AP-0723",
            Finding::NotPostgres => "AP-0724",
            Finding::Unreachable => "AP-0725",
            Finding::Rejected => "AP-0726",
            Finding::Endangered => "AP-0727",
            Finding::Revoked => "AP-0728",
            Finding::AuthorityUnknown => "AP-0729",
            Finding::Other => "AP-0730",
            Finding::DiskFull => "AP-0731",
        }
    }

    /// A word for scripts.
    pub fn name(self) -> &'static str {
        match self {
            Finding::Ready => "ready",
            Finding::Refused => "refused",
            Finding::Silence => "silence",
            Finding::NotRunning => "not_running",
            Finding::AddressChanged => "address_changed",
            Finding::OtherNetwork => "other_network",
            Finding::NameNotFound => "name_not_found",
            Finding::WrongPassword => "wrong_password",
            Finding::UserUnknown => "user_unknown",
            Finding::WrongAuthority => "wrong_authority",
            Finding::WrongHost => "wrong_host",
            Finding::Expired => "expired",
            Finding::NotYetValid => "not_yet_valid",
            Finding::NoTls => "no_tls",
            Finding::TooManyConnections => "too_many_connections",
            Finding::TooOld => "too_old",
            Finding::TooNew => "too_new",
            Finding::ReadOnly => "read_only",
            Finding::DatabaseMissing => "database_missing",
            Finding::NotAuraPos => "not_aurapos",
            Finding::OtherShop => "other_shop",
            Finding::OtherEpoch => "other_epoch",
            Finding::NotAdmitted => "not_admitted",
            Finding::Starting => "starting",
            Finding::NotPostgres => "not_postgres",
            Finding::Unreachable => "unreachable",
            Finding::Rejected => "rejected",
            Finding::Endangered => "endangered",
            Finding::Revoked => "revoked",
            Finding::AuthorityUnknown => "authority_unknown",
            Finding::DiskFull => "disk_full",
            Finding::Other => "other",
        }
    }
}

/// How far it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Not even a name.
    Nothing,
    /// The name has an address.
    Name,
    /// A PostgreSQL that speaks TLS answers at the port.
    Port,
    /// It is the shop's own.
    Tls,
    /// The password was right.
    SignedIn,
    /// The database is the shop's.
    Database,
}

impl Stage {
    /// A word for scripts.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Nothing => "nothing",
            Stage::Name => "name",
            Stage::Port => "port",
            Stage::Tls => "tls",
            Stage::SignedIn => "signed_in",
            Stage::Database => "database",
        }
    }
}
