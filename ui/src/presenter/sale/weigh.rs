//! Products that are sold by weight and come without a label: they are asked for one after the other.

use super::figures::Figures;
use super::{basket, dialogs};
use crate::host::Topic;
use crate::markup::{SaleDialog, Screen};
use crate::shell::Shell;
use aurapos_domain::catalog::{Product, Unit};
use aurapos_domain::money::{Money, Quantity};
use aurapos_engine::EngineError;
use aurapos_engine::command::ItemRequest;
use std::collections::VecDeque;

/// Decimals of a weight.
const DECIMALS: u8 = 3;

/// What waits for its weight.
#[derive(Debug, Default)]
pub(crate) struct Scale {
    pub(crate) waiting: VecDeque<Product>,
    pub(crate) figures: Figures,
}

impl Scale {
    /// The weight, above nothing.
    pub(crate) fn weight(&self) -> Option<Quantity> {
        self.figures.quantity().filter(|weight| !weight.is_zero())
    }

    /// What it comes to.
    pub(crate) fn amount(&self) -> Option<Money> {
        let price = self.waiting.front()?.price;
        price.times(self.weight().unwrap_or_default()).ok()
    }
}

/// Asks for the weight of a product.
pub(crate) fn ask(shell: &mut Shell, product: Product) {
    shell.sale.scale.waiting.push_back(product);
    if shell.screen == Screen::Sale && shell.sale.dialogs.shown == SaleDialog::None {
        dialogs::open(shell, SaleDialog::Weigh);
    }
}

/// A code was refused without a quantity: when its product is sold by weight, it is asked for.
pub(crate) fn look_up(shell: &mut Shell, item: ItemRequest, error: EngineError) {
    shell.read(
        Topic::Other,
        move |reading| reading.product_by_code(&item.code),
        move |shell, found| match found {
            Ok(Some(product)) if product.unit == Unit::Kilogram && product.active => ask(shell, product),
            _ => basket::refused(shell, &error),
        },
    );
}

/// A key of the pad.
pub fn key(shell: &mut Shell, key: &str) {
    shell.sale.scale.figures.key(key, DECIMALS);
}

/// The weight is typed.
pub fn done(shell: &mut Shell) {
    let Some(weight) = shell.sale.scale.weight() else { return };
    let Some(product) = shell.sale.scale.waiting.front() else { return };
    let item = ItemRequest { code: product.sku.clone(), quantity: Some(weight), price: None };
    dialogs::close(shell);
    basket::add(shell, item);
}
