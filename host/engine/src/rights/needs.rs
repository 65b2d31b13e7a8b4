//! What each command needs. One line a command; without one the program does not compile.

use aurapos_domain::money::Quantity;
use aurapos_domain::people::{Permission, PermissionSet};

use super::{Need, SIGNED_IN, rights};
use crate::command::people::PeopleCommand;
use crate::command::settings::SettingsCommand;
use crate::command::{Command, ItemRequest};

/// What a command needs.
pub fn need(command: &Command) -> Need<'_> {
    match command {
        // Whoever signs in is nobody yet; the PIN is what they have.
        Command::SignIn { .. } => Need::Nothing,
        // Also through a lock: it can be taken away, and somebody else can take over.
        Command::SignOut | Command::Lock | Command::Unlock { .. } => Need::Session,

        Command::ShowTicket => SIGNED_IN,
        Command::AddItem(item) => Need::Rights(of_item(item).with(Permission::Sell)),
        Command::SetQuantity { quantity: Quantity::ZERO, .. } | Command::RemoveLine { .. } => {
            rights(&[Permission::Sell, Permission::VoidLine])
        }
        Command::SetQuantity { quantity, .. } if quantity.is_negative() => {
            rights(&[Permission::Sell, Permission::Refund])
        }
        Command::SetQuantity { .. } | Command::Note { .. } | Command::RestoreLine { .. } => rights(&[Permission::Sell]),
        Command::OverridePrice { .. } => rights(&[Permission::Sell, Permission::PriceOverride]),
        Command::DiscountLine { .. } | Command::DiscountTicket { .. } => {
            rights(&[Permission::Sell, Permission::Discount])
        }
        Command::ClearTicket => rights(&[Permission::VoidLine]),
        Command::Tender(_) | Command::AskPayment | Command::TakeBackCash | Command::Finish => {
            rights(&[Permission::Sell])
        }
        Command::CancelPayment => Need::AsBegun,
        Command::Sell(sale) => {
            let all = sale.items.iter().fold(PermissionSet::of(&[Permission::Sell]), |all, item| {
                PermissionSet::from_bits(all.bits() | of_item(item).bits())
            });
            Need::Rights(if sale.discount.is_some() { all.with(Permission::Discount) } else { all })
        }
        Command::Refund(_) => rights(&[Permission::Refund]),
        Command::Reprint { .. } => rights(&[Permission::Reprint]),

        Command::OpenDrawer { .. } => rights(&[Permission::DrawerSession]),
        Command::MoveCash { .. } => rights(&[Permission::CashMovement]),
        Command::NoSale { .. } => rights(&[Permission::OpenDrawer]),
        // Whether a drawer is open; what came in, only whoever may see it is told.
        Command::DrawerStatus => Need::Nothing,

        // It asks the store what happened, and gives nobody anything.
        Command::ResolveDoubt => Need::Nothing,
        Command::RotateToken { .. } | Command::NoteBackup(_) => Need::Program,
        Command::ImportSlice(_) => Need::RightsOrProgram(PermissionSet::of(&[Permission::ManageCatalog])),
        Command::SaveProduct(_) => rights(&[Permission::ManageCatalog]),
        Command::People(people) => of_people(people),
        Command::ResolveFinding { .. } => rights(&[Permission::Settings]),
        Command::Settings(SettingsCommand::Set { key, .. } | SettingsCommand::Reset { key }) => {
            // A key that nobody knows is refused to whoever may change settings; the others need not know.
            rights(&[crate::settings::find(key).map_or(Permission::Settings, |known| known.permission)])
        }
    }
}

/// What an item needs beyond selling.
fn of_item(item: &ItemRequest) -> PermissionSet {
    let price =
        if item.price.is_some() { PermissionSet::of(&[Permission::PriceOverride]) } else { PermissionSet::NONE };
    // Goods that come back without their receipt: money goes out all the same.
    if item.quantity.is_some_and(Quantity::is_negative) { price.with(Permission::Refund) } else { price }
}

fn of_people(command: &PeopleCommand) -> Need<'_> {
    match command {
        PeopleCommand::Add { .. }
        | PeopleCommand::Disable { .. }
        | PeopleCommand::Enable { .. }
        | PeopleCommand::SetRole { .. }
        | PeopleCommand::SaveRole(_)
        | PeopleCommand::RemoveRole { .. } => rights(&[Permission::ManageOperators]),
        PeopleCommand::ResetPin { name, .. } => Need::OwnOr { name, right: Permission::ManageOperators },
        PeopleCommand::RescueManager { .. } => Need::Program,
    }
}
