//! The settings file that `init` writes.

/// The settings of a new register. `code` and `time_zone` were checked by the caller.
pub fn default_text(code: &str, time_zone: &str) -> String {
    format!(
        r#"# AuraPOS: facts of this machine. What the whole shop shares (payment methods, taxes, languages, retention) is in
# the database: see `aurapos-admin settings list`. Unknown keys are kept as they are.

[plugins]
dirs = ["plugins"]          # third-party plugins; those that came with AuraPOS are found beside the program
trust = "tofu"              # open: load whatever is there | tofu: as it was when you installed or trusted it

[register]
code = "{code}"
mode = "single"
time_zone = "{time_zone}"

[log]
level = "info"              # error | warn | info | debug

[storage.local]
use = "sqlite"

[[payment]]
name = "cash"
use = "cash"

# A card terminal, once its plugin is installed (`aurapos-admin plugin install`):
# [[payment]]
# name = "terminal"
# use = "acme-pay"
# isolation = "in-process"
# deadline_ms = 90000       # how long a payment may take in all: 1000 to 600000; without it 120000

[backup]
use = "backup-scheduler"

# Receipts as text files in <data>/Printed:
# [[printer]]
# name = "receipts"
# use = "file-printer"

# Sales as lines of a CSV file in <data>/Events:
# [[events]]
# name = "sales"
# use = "sales-csv"
"#
    )
}
