//! Words for people and the drawer.

use aurapos_runtime::engine::TypedPin;
use clap::{Args, Subcommand, ValueEnum};

/// Who does it.
#[derive(Debug, Clone, Args)]
pub struct SignIn {
    /// Name of the operator who does this
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// The operator's PIN; asked for when it is not given
    #[arg(long, env = "AURAPOS_PIN", hide_env_values = true)]
    pub pin: Option<TypedPin>,
}

/// `drawer …`
#[derive(Debug, Subcommand)]
pub enum DrawerCommand {
    /// Start a drawer session with the money that is in it
    #[command(after_help = "Example:\n  aurapos-admin drawer open --operator Mia --pin 4711 --float 100.00")]
    Open {
        #[command(flatten)]
        who: SignIn,
        /// Money in the drawer
        #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
        float: String,
    },
    /// Put cash in
    Loan {
        #[command(flatten)]
        who: SignIn,
        /// How much
        #[arg(allow_negative_numbers = true)]
        amount: String,
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Take cash out
    Pickup {
        #[command(flatten)]
        who: SignIn,
        /// How much
        #[arg(allow_negative_numbers = true)]
        amount: String,
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// How it stands; what came in and what should be in it only as somebody who may see that
    #[command(after_help = "Without --operator it says whether a drawer is open, and what was put in and taken out.\n\
        Example:\n  aurapos-admin drawer status --operator Mia --pin 4711")]
    Status {
        #[command(flatten)]
        who: SignIn,
    },
}

/// What an operator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    Cashier,
    Manager,
}

impl Role {
    /// The role's name in the store.
    pub fn code(self) -> &'static str {
        match self {
            Role::Cashier => "cashier",
            Role::Manager => "manager",
        }
    }
}

/// `operator …`
#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Add somebody
    #[command(
        after_help = "Example:\n  aurapos-admin operator add Ben --role cashier --new-pin 2580 --operator Mia --pin 4711"
    )]
    Add {
        /// Name
        name: String,
        /// What the person may do
        #[arg(long, value_enum, default_value = "cashier")]
        role: Role,
        /// The person's PIN, 4 to 8 digits; asked for when it is not given
        #[arg(long)]
        new_pin: Option<TypedPin>,
        #[command(flatten)]
        who: SignIn,
    },
    /// Everybody, with role and state
    List,
    /// Nobody signs in by this name any more
    Disable {
        /// Name
        name: String,
        #[command(flatten)]
        who: SignIn,
    },
    /// Somebody who was disabled signs in again, with the PIN they had
    Enable {
        /// Name
        name: String,
        #[command(flatten)]
        who: SignIn,
    },
    /// Give somebody another role
    #[command(after_help = "Example:\n  aurapos-admin operator set-role Ben manager --operator Mia --pin 4711")]
    SetRole {
        /// Name
        name: String,
        /// What the person may do from now on
        #[arg(value_enum)]
        role: Role,
        #[command(flatten)]
        who: SignIn,
    },
    /// Give somebody a new PIN and take the lock away; a sole manager can be helped without --operator, which is journaled
    ResetPin {
        /// Name
        name: String,
        /// The new PIN, 4 to 8 digits; asked for when it is not given
        #[arg(long)]
        new_pin: Option<TypedPin>,
        #[command(flatten)]
        who: SignIn,
    },
}
