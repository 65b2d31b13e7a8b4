//! Words for people and the drawer.

use aurapos_runtime::domain::people::{Permission, Role as RoleCode};
use aurapos_runtime::engine::TypedPin;
use aurapos_runtime::locale::{Language, names};
use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};
use std::sync::OnceLock;

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

/// A right by its stable name; the help of an option lists them all with what they allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right(pub Permission);

impl ValueEnum for Right {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: OnceLock<Vec<Right>> = OnceLock::new();
        ALL.get_or_init(|| Permission::ALL.iter().copied().map(Right).collect())
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.code()).help(names::permission(Language::English, self.0)))
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
        /// What the person may do: cashier, manager, or a role of the shop's own (`operator roles`)
        #[arg(long, value_name = "CODE", default_value = RoleCode::CASHIER)]
        role: String,
        /// The person's PIN, 4 to 8 digits; asked for when it is not given
        #[arg(long)]
        new_pin: Option<TypedPin>,
        #[command(flatten)]
        who: SignIn,
    },
    /// Everybody, with role and state
    List,
    /// Every role, what it allows, and who has it
    Roles,
    /// Add, change and remove the shop's own roles
    Role {
        #[command(subcommand)]
        command: RoleCommand,
    },
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
        /// What the person may do from now on: cashier, manager, or a role of the shop's own (`operator roles`)
        #[arg(value_name = "CODE")]
        role: String,
        #[command(flatten)]
        who: SignIn,
    },
    /// Give somebody a new PIN and take the lock away; without --operator the sole manager who is locked out is helped, and
    /// where two registers together left no manager, whoever is named becomes one. Both are journaled
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

/// `operator role …`
#[derive(Debug, Subcommand)]
pub enum RoleCommand {
    /// Add a role, or change one: what is not named stays as it is. It is in force at once
    #[command(after_help = "A new role needs a name. The built-in cashier may be changed, the manager's role never.\n\
        Nobody gives or takes a right that they have not themselves.\n\n\
        Example:\n  aurapos-admin operator role set shift --name \"Shift lead\" --allow sell,drawer_session,discount,refund \\\n      \
        --operator Mia --pin 4711")]
    Set {
        /// The role's stable name: a letter, then letters, digits, - and _
        code: String,
        /// What people call it
        #[arg(long)]
        name: Option<String>,
        /// Rights that it gets
        #[arg(long, value_enum, value_delimiter = ',', value_name = "RIGHT,...")]
        allow: Vec<Right>,
        /// Rights that it loses
        #[arg(long, value_enum, value_delimiter = ',', value_name = "RIGHT,...")]
        deny: Vec<Right>,
        #[command(flatten)]
        who: SignIn,
    },
    /// Remove a role that nobody active has; a changed cashier becomes again what every shop starts with
    Remove {
        /// The role's stable name
        code: String,
        #[command(flatten)]
        who: SignIn,
    },
}
