//! Names of the calls into plugins, as numbers that fit into a sentinel.

macro_rules! calls {
    ($($variant:ident = $name:literal,)*) => {
        /// A call into a plugin.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Call { $($variant,)* }

        impl Call {
            const ALL: &'static [Call] = &[$(Call::$variant,)*];

            /// Its name, for logs and refusals.
            pub fn name(self) -> &'static str {
                match self { $(Call::$variant => $name,)* }
            }
        }
    };
}

calls! {
    Load = "loading", Health = "health", Factory = "starting", Drop = "cleaning up",
    ValidateConfig = "validate_config", Open = "open", OpenCopy = "open_copy", VerifyFile = "verify", RestoreFile = "restore",
    Info = "info", Migrate = "migrate", Commit = "commit", Outcome = "outcome", Scan = "scan", Search = "search",
    Aggregate = "aggregate", Changes = "changes", Wait = "wait", Snapshot = "snapshot", Maintain = "maintain", Close = "close",
    Capabilities = "capabilities", Begin = "begin", Cancel = "cancel", QueryStatus = "query_status", Reverse = "reverse",
    Refund = "refund", Settle = "settle",
    BackupPlan = "plan", BackupRun = "run", BackupList = "list", BackupVerify = "verify backup", BackupCopy = "copy backup",
    BackupDelete = "delete backup", BackupRestore = "restore backup",
    Print = "print", Status = "status", OpenDrawer = "open_drawer", Deliver = "deliver", Position = "position",
}

impl Call {
    /// The number in a sentinel: never 0.
    pub(crate) fn number(self) -> u32 {
        self as u32 + 1
    }

    pub(crate) fn from_number(number: u32) -> Option<Call> {
        Call::ALL.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }
}
