//! What is shown or done beside the engine's commands, and what each needs.

use aurapos_domain::people::Permission;

use super::{Need, SIGNED_IN, rights};

macro_rules! deeds {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Something that the program around the engine shows or does for people.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Deed { $($(#[$doc])* $name,)* }

        impl Deed {
            /// Every deed.
            pub const ALL: &'static [Deed] = &[$(Deed::$name,)*];
        }
    };
}

deeds! {
    /// Who can sign in: names, and whether they are locked out.
    SeePeople,
    /// Categories, tiles, the search, the product of a code: what hangs on the shelves.
    SeeCatalog,
    /// What stands on every receipt, around a sale that is known already.
    SeePaper,
    /// The products with their stock, and what their form needs.
    SeeProducts,
    /// Everybody with role, state and wrong PINs.
    SeeOperators,
    /// One's own sales.
    SeeOwnSales,
    /// Everybody's sales in lists.
    SeeAllSales,
    /// The sale of a whole receipt number, whoever sold it.
    FindReceipt,
    /// Cash that moved without a sale, with who moved it.
    SeeDrawerMoves,
    /// What the drawer took in and what cash should be in it.
    SeeTakings,
    /// The shop's settings; of them those that one may change.
    SeeSettings,
    /// What registers made without knowing of each other, and what does not fit together.
    SeeFindings,

    /// When the last backup was, and whether one is due.
    SeeBackupState,
    /// The list of backups.
    SeeBackups,
    /// Making one.
    BackUp,
    /// Reading one whole.
    VerifyBackup,
    /// Putting one in the place of the data.
    Restore,
    /// Showing a folder in the system's file manager, where files can be deleted.
    ShowFolder,
    /// Listing folders of the machine to choose a file.
    BrowseFiles,
    /// Looking at what a catalog would do.
    PreviewCatalog,
    /// Importing it.
    ImportCatalog,
    /// The list of plugins.
    SeePlugins,
    /// Switching one on or off.
    SwitchPlugin,
    /// Language, colours and window of this machine.
    KeepPreferences,
    /// When an untouched register locks.
    ChangeLock,
    /// Setting a shop up.
    SetUp,
    /// Making the backup that is due before closing.
    CloseBackup,
    /// Where the data is, and how the server of this machine stands.
    SeeStorage,
    /// Trying whether a register gets into a server.
    TestConnection,
    /// Starting, stopping, renewing and making the server of this machine.
    ChangeServer,
    /// The registers of the shop, and when each was here.
    SeeRegisters,
    /// Adding a register, calling one something else, locking one out.
    ChangeRegisters,
    /// From one register to several and back, and comparing both sides.
    ShareShop,
    /// Joining a shop that is on another register, and bringing it here.
    Join,
}

impl Deed {
    /// What it needs while a register is open.
    pub const fn need(self) -> Need<'static> {
        match self {
            // The screen before signing in is made of it.
            Deed::SeePeople => Need::Nothing,
            // The customer reads it from the other side; a catalog that changes is read again through a lock.
            Deed::SeeCatalog | Deed::SeePaper => Need::Nothing,
            // A time, and whether all is well: on the bar of every screen.
            Deed::SeeBackupState => Need::Nothing,
            // Whoever cannot read the screen could not sign in to change it.
            Deed::KeepPreferences => Need::Nothing,
            // Everybody may close the program; it makes what is due and nothing else.
            Deed::CloseBackup => Need::Nothing,
            Deed::SetUp | Deed::Join => Need::NoRegister,
            Deed::SeeOwnSales | Deed::SeeSettings => SIGNED_IN,
            Deed::SeeProducts | Deed::BrowseFiles | Deed::PreviewCatalog | Deed::ImportCatalog => {
                rights(&[Permission::ManageCatalog])
            }
            Deed::SeeOperators => rights(&[Permission::ManageOperators]),
            Deed::SeeAllSales => rights(&[Permission::SeeAllSales]),
            Deed::FindReceipt => rights(&[Permission::Reprint]),
            Deed::SeeDrawerMoves => rights(&[Permission::DrawerSession]),
            Deed::SeeTakings => rights(&[Permission::SeeExpectedCash]),
            Deed::SeeBackups | Deed::BackUp | Deed::VerifyBackup => rights(&[Permission::Backup]),
            Deed::Restore => rights(&[Permission::Restore]),
            // Whoever may tick one off sees them.
            Deed::SeeFindings => rights(&[Permission::Settings]),
            Deed::ShowFolder | Deed::ChangeLock => rights(&[Permission::Settings]),
            // Every register of the shop stands on it, and its addresses and ports are no cashier's business.
            Deed::SeeStorage | Deed::TestConnection | Deed::ChangeServer => rights(&[Permission::Settings]),
            // A pairing is a key to the shop, and a register that is locked out never comes back.
            Deed::SeeRegisters | Deed::ChangeRegisters | Deed::ShareShop => rights(&[Permission::Settings]),
            Deed::SeePlugins | Deed::SwitchPlugin => rights(&[Permission::Plugins]),
        }
    }

    /// Why it works without anybody signed in while no register is open; `None`: it does not.
    pub const fn while_closed(self) -> Option<&'static str> {
        match self {
            Deed::SeeBackups | Deed::VerifyBackup | Deed::Restore => {
                Some("a register that does not open is put right from a backup, and nobody can sign in to it")
            }
            Deed::ShowFolder => Some("the folder of a register that does not open is looked at by whoever helps"),
            Deed::BrowseFiles | Deed::PreviewCatalog => Some("the wizard chooses a catalog before there is anybody"),
            Deed::SeeBackupState => Some("the bar is made before the register is open"),
            Deed::SetUp => Some("the wizard makes the first manager"),
            Deed::Join => {
                Some("the wizard joins a shop whose people come with it; the pairing is what one has to have")
            }
            Deed::KeepPreferences => Some("the wizard asks for the language first"),
            Deed::TestConnection => Some("the wizard tries a storage before there is anybody to ask"),
            Deed::ChangeLock => Some("before there is a shop there is nobody to ask, and nothing to guard"),
            Deed::SeePeople
            | Deed::SeeCatalog
            | Deed::SeePaper
            | Deed::SeeProducts
            | Deed::SeeOperators
            | Deed::SeeOwnSales
            | Deed::SeeAllSales
            | Deed::FindReceipt
            | Deed::SeeDrawerMoves
            | Deed::SeeTakings
            | Deed::SeeSettings
            | Deed::SeeFindings
            | Deed::BackUp
            | Deed::CloseBackup
            | Deed::ImportCatalog
            | Deed::SeePlugins
            | Deed::SwitchPlugin
            | Deed::SeeStorage
            | Deed::ChangeServer
            | Deed::SeeRegisters
            | Deed::ChangeRegisters
            | Deed::ShareShop => None,
        }
    }
}
