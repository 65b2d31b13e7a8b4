//! One module a screen: callbacks in, views out.

pub(crate) mod about;
pub(crate) mod backups;
pub(crate) mod closing;
pub(crate) mod done;
pub(crate) mod drawer;
pub(crate) mod file_picker;
pub(crate) mod frame;
pub(crate) mod import;
pub(crate) mod join;
pub(crate) mod more;
pub(crate) mod open_drawer;
pub(crate) mod opening;
pub(crate) mod operators;
pub(crate) mod orders;
pub(crate) mod payment;
pub(crate) mod plugins;
pub(crate) mod products;
pub(crate) mod registers;
pub(crate) mod rescue;
pub(crate) mod sale;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod storage;
pub(crate) mod wizard;

use crate::markup::AppWindow;
use crate::shell::Shell;
use crate::ui::Ui;
use std::rc::Rc;

/// The rooms of the window.
#[derive(Default)]
pub(crate) struct Rooms {
    about: about::AboutRoom,
    backups: backups::BackupsRoom,
    closing: closing::ClosingRoom,
    done: done::DoneRoom,
    drawer: drawer::DrawerRoom,
    file_picker: file_picker::FilePickerRoom,
    frame: frame::FrameRoom,
    import: import::ImportRoom,
    join: join::JoinRoom,
    more: more::MoreRoom,
    open_drawer: open_drawer::OpenDrawerRoom,
    opening: opening::OpeningRoom,
    operators: operators::OperatorsRoom,
    orders: orders::OrdersRoom,
    payment: payment::PaymentRoom,
    plugins: plugins::PluginsRoom,
    products: products::ProductsRoom,
    registers: registers::RegistersRoom,
    rescue: rescue::RescueRoom,
    sale: sale::SaleRoom,
    settings: settings::SettingsRoom,
    sign_in: sign_in::SignInRoom,
    storage: storage::StorageRoom,
    wizard: wizard::WizardRoom,
}

impl Rooms {
    /// Connects every room, once.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        self.about.wire(ui, window);
        self.backups.wire(ui, window);
        self.closing.wire(ui, window);
        self.done.wire(ui, window);
        self.drawer.wire(ui, window);
        self.file_picker.wire(ui, window);
        self.frame.wire(ui, window);
        self.import.wire(ui, window);
        self.join.wire(ui, window);
        self.more.wire(ui, window);
        self.open_drawer.wire(ui, window);
        self.opening.wire(ui, window);
        self.operators.wire(ui, window);
        self.orders.wire(ui, window);
        self.payment.wire(ui, window);
        self.plugins.wire(ui, window);
        self.products.wire(ui, window);
        self.registers.wire(ui, window);
        self.rescue.wire(ui, window);
        self.sale.wire(ui, window);
        self.settings.wire(ui, window);
        self.sign_in.wire(ui, window);
        self.storage.wire(ui, window);
        self.wizard.wire(ui, window);
    }

    /// Shows the state of every room.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        self.about.flush(shell, window);
        self.backups.flush(shell, window);
        self.closing.flush(shell, window);
        self.done.flush(shell, window);
        self.drawer.flush(shell, window);
        self.file_picker.flush(shell, window);
        self.frame.flush(shell, window);
        self.import.flush(shell, window);
        self.join.flush(shell, window);
        self.more.flush(shell, window);
        self.open_drawer.flush(shell, window);
        self.opening.flush(shell, window);
        self.operators.flush(shell, window);
        self.orders.flush(shell, window);
        self.payment.flush(shell, window);
        self.plugins.flush(shell, window);
        self.products.flush(shell, window);
        self.registers.flush(shell, window);
        self.rescue.flush(shell, window);
        self.sale.flush(shell, window);
        self.settings.flush(shell, window);
        self.sign_in.flush(shell, window);
        self.storage.flush(shell, window);
        self.wizard.flush(shell, window);
    }
}
