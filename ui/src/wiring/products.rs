//! Binds the screen "products" to its presenter.

mod paged;

use crate::markup::{AppWindow, CategoryLine, ProductSaid, Products, Screen};
use crate::models::sync;
use crate::presenter::products::{self, form, list};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use crate::wiring::sign_in::place;
use aurapos_locale::format;
use slint::{Color, ComponentHandle, ModelRc, SharedString, VecModel};
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct ProductsRoom {
    rows: Rc<paged::PagedRows>,
    categories: Rc<VecModel<CategoryLine>>,
    vats: Rc<VecModel<SharedString>>,
    codes: Rc<VecModel<SharedString>>,
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl ProductsRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Products>();
        global.set_rows(ModelRc::from(self.rows.clone()));
        global.set_categories(ModelRc::from(self.categories.clone()));
        global.set_vats(ModelRc::from(self.vats.clone()));
        global.set_codes(ModelRc::from(self.codes.clone()));
        on!(ui, global.on_search, |shell, text| list::search(shell, &text));
        on!(ui, global.on_search_leave, |shell| list::search(shell, ""));
        on!(ui, global.on_move, |shell, by| list::mark(shell, i64::from(by)));
        on!(ui, global.on_open_marked, |shell| list::open_marked(shell));
        on!(ui, global.on_open, |shell, id| form::open_text(shell, &id));
        on!(ui, global.on_scrolled, |shell, first| list::scrolled(shell, place(first)));
        on!(ui, global.on_retry, |shell| list::retry(shell));
        on!(ui, global.on_set_inactive, |shell, on| list::set_inactive(shell, on));
        on!(ui, global.on_pick_category, |shell, pick| products::pick_category(shell, pick));
        on!(ui, global.on_choose_category, |shell, id| products::choose_category(shell, &id));
        on!(ui, global.on_name_category, |shell, name| products::name_category(shell, &name));
        on!(ui, global.on_add, |shell| form::add(shell));
        on!(ui, global.on_add_with_code, |shell| products::add_with_code(shell));
        on!(ui, global.on_import, |shell| products::import(shell));
        on!(ui, global.on_dismiss_said, |shell| products::dismiss_said(shell));
        on!(ui, global.on_edited, |shell, field, text| form::edited(shell, field, &text));
        on!(ui, global.on_choose_vat, |shell, index| form::choose_vat(shell, place(index)));
        on!(ui, global.on_choose_unit, |shell, by_weight| form::choose_unit(shell, by_weight));
        on!(ui, global.on_set_food, |shell, on| form::set_food(shell, on));
        on!(ui, global.on_set_active, |shell, on| form::set_active(shell, on));
        on!(ui, global.on_add_code, |shell| form::take_code(shell));
        on!(ui, global.on_remove_code, |shell, index| form::remove_code(shell, place(index)));
        on!(ui, global.on_save, |shell, another| form::save(shell, another));
        on!(ui, global.on_cancel, |shell| form::cancel(shell));
        on!(ui, global.on_leave, |shell| form::leave(shell));
        on!(ui, global.on_stay, |shell| form::stay(shell));
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::Products {
            return;
        }
        let global = window.global::<Products>();
        self.flush_list(shell, &global);
        self.flush_form(shell, &global);
    }

    fn flush_list(&self, shell: &Shell, global: &Products<'_>) {
        let (state, list) = (&shell.products, &shell.products.list);
        self.rows.show(list.total(), list.pages());
        let count = |number: usize| format::on_screen(format::count(shell.language, number as u64));
        let line = |one: &aurapos_engine::queries::CategoryView| CategoryLine {
            id: one.id.to_string().into(),
            name: one.name.as_str().into(),
            colour: Color::from_rgb_u8(one.colour.0, one.colour.1, one.colour.2),
            products: format::count(shell.language, one.products).into(),
        };
        sync(&self.categories, state.categories.iter().map(line).collect());
        let rates = state.rates.iter().map(|rate| format::percent(shell.language, rate.rate_bp).into());
        sync(&self.vats, rates.collect());
        global.set_state(list.state());
        global.set_error(list.trouble().0.into());
        global.set_next(list.trouble().1.into());
        global.set_searching(list.is_searching());
        global.set_query(list.query().into());
        global.set_total(small(list.total()));
        global.set_total_text(count(list.total()).into());
        global.set_capped(list.is_capped());
        global.set_also_inactive(list.also_inactive());
        global.set_filtered(list.is_filtered());
        let category = list.category();
        global.set_category(category.map(|one| one.name.as_str().into()).unwrap_or_default());
        let colour = category.map(|one| Color::from_rgb_u8(one.colour.0, one.colour.1, one.colour.2));
        global.set_category_colour(colour.unwrap_or_default());
        global.set_picking(state.picking);
        global.set_marked(list.marked().map_or(-1, small));
        global.set_reveal(list.reveal());
        global.set_top(list.top());
        global.set_free_code(products::free_code(shell).unwrap_or_default().into());
        let said = state.said.as_ref();
        global.set_said(said.map_or(ProductSaid::None, |said| said.0));
        if let Some((_, name, sku)) = said {
            global.set_said_name(name.as_str().into());
            global.set_said_sku(sku.as_str().into());
        }
    }

    fn flush_form(&self, shell: &Shell, global: &Products<'_>) {
        global.set_attempt(shell.products.attempt);
        global.set_begun(shell.products.begun);
        let view = products::form_view(shell);
        global.set_asks_to_leave(view.as_ref().is_some_and(|view| view.asks_to_leave));
        if let Some(view) = view {
            sync(&self.codes, view.codes);
            global.set_currency(format::symbol(shell.currency()).into());
            global.set_decimal(format::decimal_sign(shell.language).to_string().into());
            global.set_form_new(view.new);
            global.set_busy(view.busy);
            global.set_name(view.name);
            global.set_sku(view.sku);
            global.set_price(view.price);
            global.set_stock(view.stock);
            global.set_code(view.code);
            global.set_vat(view.vat);
            global.set_by_weight(view.by_weight);
            global.set_food(view.food);
            global.set_active(view.active);
            global.set_form_category(view.category);
            global.set_form_category_new(view.category_new);
            global.set_faults(view.faults);
            global.set_form_open(true);
        } else {
            global.set_form_open(false);
            global.set_new_category(SharedString::default());
        }
    }
}
