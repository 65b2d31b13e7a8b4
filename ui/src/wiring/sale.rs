//! Binds the screen "sale" to its presenter.

use crate::markup::{AppWindow, Sale, SaleCategory, SaleLine, SalePreset, SaleTile, Screen};
use crate::models::sync;
use crate::presenter::sale::{self, New, View};
use crate::shell::Shell;
use crate::ui::{Ui, on};
use aurapos_domain::people::Permission;
use aurapos_locale::{Language, format};
use slint::{ComponentHandle, ModelRc, SharedString, VecModel};
use std::cell::Cell;
use std::rc::Rc;

/// The lists of the screen.
#[derive(Default)]
pub(crate) struct SaleRoom {
    categories: Rc<VecModel<SaleCategory>>,
    tiles: Rc<VecModel<SaleTile>>,
    lines: Rc<VecModel<SaleLine>>,
    presets: Rc<VecModel<SalePreset>>,
    vats: Rc<VecModel<SharedString>>,
    new_categories: Rc<VecModel<SharedString>>,
    language: Cell<Option<Language>>,
}

impl SaleRoom {
    /// Connects the callbacks and the lists.
    pub(crate) fn wire(&self, ui: &Rc<Ui>, window: &AppWindow) {
        let global = window.global::<Sale>();
        global.set_categories(ModelRc::from(self.categories.clone()));
        global.set_tiles(ModelRc::from(self.tiles.clone()));
        global.set_lines(ModelRc::from(self.lines.clone()));
        global.set_presets(ModelRc::from(self.presets.clone()));
        global.set_new_vats(ModelRc::from(self.vats.clone()));
        global.set_new_categories(ModelRc::from(self.new_categories.clone()));
        wire_products(ui, &global);
        wire_ticket(ui, &global);
        wire_dialogs(ui, &global);
    }

    /// Shows the state. Called after everything that happened; setting what is equal costs nothing.
    pub(crate) fn flush(&self, shell: &Shell, window: &AppWindow) {
        if shell.screen != Screen::Sale {
            return;
        }
        let global = window.global::<Sale>();
        let view = sale::view(shell);
        if self.language.replace(Some(shell.language)) != Some(shell.language) {
            let preset = |(percent, text): (i32, String)| SalePreset { percent, text: text.into() };
            sync(&self.presets, sale::presets(shell.language).into_iter().map(preset).collect());
            global.set_decimal(format::decimal_sign(shell.language).to_string().into());
        }
        global.set_currency(format::symbol(shell.currency()).into());
        sync(&self.categories, sale::categories(shell));
        global.set_columns(view.columns);
        global.set_rows(view.rows);
        sync(&self.tiles, sale::tiles(shell));
        sync(&self.lines, sale::lines(shell));
        show_products(shell, &global, &view);
        show_totals(shell, &global, &view);
        show_editor(&global, &view);
        show_dialogs(shell, &global, &view);
        let texts = |texts: &[String]| texts.iter().map(SharedString::from).collect::<Vec<_>>();
        sync(&self.vats, texts(&view.form.vats));
        let none = global.get_no_category();
        let categories = std::iter::once(none).chain(texts(&view.form.categories));
        sync(&self.new_categories, categories.collect());
    }
}

fn wire_products(ui: &Rc<Ui>, global: &Sale<'_>) {
    on!(ui, global.on_room, |shell, width, height| sale::room(shell, width, height));
    on!(ui, global.on_choose_category, |shell, id| sale::choose_category(shell, &id));
    on!(ui, global.on_previous_page, |shell| sale::previous_page(shell));
    on!(ui, global.on_next_page, |shell| sale::next_page(shell));
    on!(ui, global.on_tap, |shell, id| sale::tap(shell, &id));
    on!(ui, global.on_search, |shell, text| sale::search_typed(shell, &text));
    on!(ui, global.on_search_move, |shell, by| sale::search_step(shell, by));
    on!(ui, global.on_search_accept, |shell| sale::search_accept(shell));
    on!(ui, global.on_search_leave, |shell| sale::search_leave(shell));
    on!(ui, global.on_unknown_search, |shell| sale::look_for(shell));
    on!(ui, global.on_unknown_create, |shell| sale::form(shell));
    on!(ui, global.on_unknown_skip, |shell| sale::skip(shell));
    on!(ui, global.on_create_cancel, |shell| sale::cancel(shell));
    on!(ui, global.on_create, |shell, name, price, vat, category, by_weight| {
        let index = |index: i32| usize::try_from(index).unwrap_or_default();
        let (vat, category) = (index(vat), index(category));
        sale::create(shell, &New { name: name.into(), price: price.into(), vat, category, by_weight })
    });
}

fn wire_ticket(ui: &Rc<Ui>, global: &Sale<'_>) {
    on!(ui, global.on_select, |shell, line| sale::select(shell, u32::try_from(line).unwrap_or_default()));
    on!(ui, global.on_undo, |shell| sale::undo(shell));
    on!(ui, global.on_dismiss_undo, |shell| sale::dismiss_undo(shell));
    on!(ui, global.on_exact_cash, |shell| sale::exact_cash(shell));
    on!(ui, global.on_pay, |shell| sale::pay(shell));
    on!(ui, global.on_set_mode, |shell, mode| sale::set_mode(shell, mode));
    on!(ui, global.on_key, |shell, key| sale::editor_key(shell, &key));
    on!(ui, global.on_apply, |shell| sale::apply(shell));
    on!(ui, global.on_step, |shell, by| sale::step(shell, by));
    on!(ui, global.on_preset, |shell, percent| sale::preset(shell, percent));
    on!(ui, global.on_reset, |shell| sale::reset(shell));
    on!(ui, global.on_remove_line, |shell| sale::remove(shell));
    on!(ui, global.on_close_editor, |shell| sale::close_editor(shell));
}

fn wire_dialogs(ui: &Rc<Ui>, global: &Sale<'_>) {
    on!(ui, global.on_open, |shell, dialog| sale::open(shell, dialog));
    on!(ui, global.on_close, |shell| sale::close(shell));
    on!(ui, global.on_clear_ticket, |shell| sale::clear(shell));
    on!(ui, global.on_set_note, |shell, text| sale::set_note(shell, &text));
    on!(ui, global.on_weigh_key, |shell, key| sale::weigh_key(shell, &key));
    on!(ui, global.on_weigh_done, |shell| sale::weigh_done(shell));
    on!(ui, global.on_discount_kind, |shell, amount| sale::discount_kind(shell, amount));
    on!(ui, global.on_discount_key, |shell, key| sale::discount_key(shell, &key));
    on!(ui, global.on_discount_preset, |shell, percent| sale::discount_preset(shell, percent));
    on!(ui, global.on_discount_done, |shell| sale::discount_done(shell));
    on!(ui, global.on_discount_none, |shell| sale::discount_none(shell));
}

fn show_products(shell: &Shell, global: &Sale<'_>, view: &View) {
    global.set_grid(view.grid);
    global.set_category(view.category.as_str().into());
    global.set_tiles_state(view.tiles_state);
    global.set_page(view.page);
    global.set_pages(view.pages);
    global.set_marked(view.marked.as_str().into());
    global.set_query(shell.sale.search.text.as_str().into());
    global.set_searching(shell.sale.search.is_waiting());
    global.set_capped(shell.sale.search.more);
    global.set_found(i32::try_from(shell.sale.search.results.len()).unwrap_or(i32::MAX));
    global.set_focus_search(shell.sale.search.focus);
    global.set_unfocus_search(shell.sale.search.unfocus);
    global.set_unknown_code(view.unknown.code.as_str().into());
    global.set_unknown_times(view.unknown.times);
    global.set_unknown_waiting(view.unknown.waiting);
    global.set_unknown_bad(view.unknown.bad);
    global.set_new_name(view.form.name.as_str().into());
    global.set_new_refused(view.form.refused);
    global.set_new_error(view.form.error.as_str().into());
    global.set_new_busy(view.form.busy);
}

fn show_totals(shell: &Shell, global: &Sale<'_>, view: &View) {
    let totals = &view.totals;
    global.set_empty(totals.empty);
    global.set_item_count(totals.items);
    global.set_subtotal(totals.subtotal.as_str().into());
    global.set_discount(totals.discount.as_str().into());
    global.set_vat_rates(totals.vat_rates.as_str().into());
    global.set_vat_amounts(totals.vat_amounts.as_str().into());
    global.set_vat_included(totals.vat_included);
    global.set_total(totals.total.as_str().into());
    global.set_paid(totals.paid.as_str().into());
    global.set_due(totals.due.as_str().into());
    global.set_exact(totals.exact.as_str().into());
    global.set_ticket_discount(totals.ticket_discount.as_str().into());
    global.set_ticket_note(totals.note.as_str().into());
    global.set_paying(view.paying);
    global.set_may_remove(shell.may(Permission::VoidLine));
    global.set_selected(view.selected);
    global.set_removed(view.removed.as_deref().unwrap_or_default().into());
    global.set_undo_shown(view.removed.is_some());
    global.set_reveal_row(view.reveal_row);
    global.set_reveal(shell.sale.basket.reveal);
}

fn show_editor(global: &Sale<'_>, view: &View) {
    let pad = &view.editor;
    global.set_editing(pad.open);
    global.set_mode(pad.mode);
    global.set_entry(pad.entry.as_str().into());
    global.set_current(pad.current.as_str().into());
    global.set_unit(pad.unit.as_str().into());
    global.set_entry_valid(pad.valid);
    global.set_whole(pad.whole);
    global.set_line_fixed(pad.fixed);
    global.set_line_discounted(pad.discounted);
    global.set_price_changed(pad.price_changed);
    global.set_note_line(pad.name.as_str().into());
}

fn show_dialogs(shell: &Shell, global: &Sale<'_>, view: &View) {
    global.set_note(sale::note(shell).into());
    global.set_weigh_name(view.weigh.name.as_str().into());
    global.set_weigh_price(view.weigh.price.as_str().into());
    global.set_weigh_entry(view.weigh.entry.as_str().into());
    global.set_weigh_amount(view.weigh.amount.as_str().into());
    global.set_weigh_valid(view.weigh.valid);
    global.set_weigh_waiting(view.weigh.waiting);
    global.set_discount_amount(view.discount.amount);
    global.set_discount_entry(view.discount.entry.as_str().into());
    global.set_discount_after(view.discount.after.as_str().into());
    global.set_discount_valid(view.discount.valid);
    // Last: a dialog is made with what it shows.
    global.set_dialog(shell.sale.dialogs.shown);
}
