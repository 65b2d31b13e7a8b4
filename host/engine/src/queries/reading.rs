//! What a session may read of the store: each question asks for its right first.
//!
//! Owns the one way in which the screens read. The store itself is handed to nobody: what is not here cannot be asked.

use aurapos_contract::RecordStore;
use aurapos_contract::query::Query;
use aurapos_domain::calendar::Timestamp;
use aurapos_domain::catalog::Product;
use aurapos_domain::country::CountryProfile;
use aurapos_domain::ids::{CategoryId, DrawerSessionId, OperatorId, ProductId};
use aurapos_domain::people::Operator;
use aurapos_domain::receipt::{ReceiptCopy, ReceiptFacts, ShopFacts};

use super::sales_search::{SalesSearch, Whose};
use super::{CategoryView, FoundProducts, OperatorView, ProductFilter, ProductPage, ProductView, RoleView};
use super::{SalesFilter, SalesPage, TaxChoice, TilePage};
use crate::apply::Finding;
use crate::command::SessionId;
use crate::error::{Code, EngineResult};
use crate::rights::{Deed, Rights};
use crate::rows::drawer::{DrawerMove, DrawerRow};
use crate::settings::{self, SettingView};
use crate::{rows, view};

/// How far back a sale is looked for that shows what receipts look like: what was given back makes a poor example.
const LOOKED_AT: u32 = 20;

/// Reads for one session, or for nobody.
#[derive(Debug)]
pub struct Reading<'a> {
    store: &'a dyn RecordStore,
    rights: &'a Rights,
    session: Option<SessionId>,
}

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Id.
    pub id: OperatorId,
    /// Name.
    pub name: String,
    /// Code of the role.
    pub role: String,
    /// What the shop calls the role; empty for a built-in one that keeps its name.
    pub role_name: String,
    /// How many microseconds they still can't sign in at this register.
    pub locked_us: Option<i64>,
}

/// What moved without a sale in a drawer session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DrawerHistory {
    /// Who opened it.
    pub opened_by: String,
    /// Newest first, each with the name of who moved it.
    pub moves: Vec<(DrawerMove, String)>,
    /// There are older ones.
    pub more: bool,
}

/// The settings that somebody may change, and what belongs to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsRead {
    /// By key.
    pub settings: Vec<SettingView>,
    /// The shop's country.
    pub country: &'static CountryProfile,
    /// The newest sale, as an example; `None` where there is none, or it is not theirs to see.
    pub newest: Option<ReceiptFacts>,
}

impl<'a> Reading<'a> {
    /// Reads of a store for a session.
    pub fn new(store: &'a dyn RecordStore, rights: &'a Rights, session: Option<SessionId>) -> Self {
        Reading { store, rights, session }
    }

    fn may(&self, deed: Deed) -> EngineResult<Option<Operator>> {
        self.rights.allow(self.session, deed.need())
    }

    /// Who can sign in, by name.
    ///
    /// # Errors
    /// Here and below: the refusal that names the missing right, and what the store says.
    pub fn people(&self, now: Timestamp) -> EngineResult<Vec<PersonView>> {
        self.may(Deed::SeePeople)?;
        let active = super::operators(self.store, now)?.into_iter().filter(|one| one.operator.active);
        let person = |one: OperatorView| {
            let Operator { id, name, role, .. } = one.operator;
            PersonView { id, name, role: role.code, role_name: role.name, locked_us: one.locked_us }
        };
        Ok(active.map(person).collect())
    }

    /// Everybody, as [`super::operators`].
    pub fn operators(&self, now: Timestamp) -> EngineResult<Vec<OperatorView>> {
        self.may(Deed::SeeOperators)?;
        super::operators(self.store, now)
    }

    /// As [`super::roles`].
    pub fn roles(&self) -> EngineResult<Vec<RoleView>> {
        self.may(Deed::SeeOperators)?;
        super::roles(self.store)
    }

    /// As [`super::categories`].
    pub fn categories(&self) -> EngineResult<Vec<CategoryView>> {
        self.may(Deed::SeeCatalog)?;
        super::categories(self.store)
    }

    /// As [`super::tiles`].
    pub fn tiles(&self, category: Option<CategoryId>, offset: u64, limit: u32) -> EngineResult<TilePage> {
        self.may(Deed::SeeCatalog)?;
        super::tiles(self.store, category, offset, limit)
    }

    /// As [`super::search_products`].
    pub fn search_products(&self, text: &str, limit: u32) -> EngineResult<FoundProducts> {
        self.may(Deed::SeeCatalog)?;
        super::search_products(self.store, text, limit)
    }

    /// As [`super::product_by_code`].
    pub fn product_by_code(&self, code: &str) -> EngineResult<Option<Product>> {
        self.may(Deed::SeeCatalog)?;
        super::product_by_code(self.store, code)
    }

    /// As [`super::products_page`].
    pub fn products_page(
        &self,
        filter: &ProductFilter,
        offset: u64,
        limit: u32,
        now: Timestamp,
    ) -> EngineResult<ProductPage> {
        self.may(Deed::SeeProducts)?;
        super::products_page(self.store, filter, offset, limit, now)
    }

    /// As [`super::product_by_id`].
    pub fn product_by_id(&self, id: ProductId) -> EngineResult<Option<ProductView>> {
        self.may(Deed::SeeProducts)?;
        super::product_by_id(self.store, id)
    }

    /// As [`super::tax_choices`].
    pub fn tax_choices(&self, now: Timestamp) -> EngineResult<Vec<TaxChoice>> {
        self.may(Deed::SeeProducts)?;
        super::tax_choices(self.store, now)
    }

    /// What is printed of a sale, and in which language.
    pub fn paper(&self, sale: &view::Sale, copy: ReceiptCopy) -> EngineResult<(ReceiptFacts, String)> {
        self.may(Deed::SeePaper)?;
        let shop = super::shop(self.store)?;
        let footer = settings::get(self.store, "receipt.footer")?.value;
        let facts = ShopFacts {
            name: shop.name,
            address: shop.address,
            vat_number: shop.vat_number,
            phone: shop.phone,
            footer: footer
                .split(['|', '\n'])
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        let facts = ReceiptFacts::new(&sale.sale, &facts, &sale.hash, copy)
            .map_err(|error| Code::Bug.error(format!("The receipt does not add up: {error}.")))?;
        Ok((facts, shop.language))
    }

    /// As [`super::sales_search`]: everybody's for whoever may see them, and otherwise one's own; a whole receipt number
    /// also finds the sale of another for whoever may print it again.
    pub fn sales(&self, search: &SalesSearch) -> EngineResult<SalesPage> {
        let own = self.may(Deed::SeeOwnSales)?.map(|operator| operator.id);
        let whose = match self.may(Deed::SeeAllSales) {
            Ok(_) => Whose::ALL,
            Err(_) => Whose { operator: own, by_number: self.may(Deed::FindReceipt).is_ok() },
        };
        super::sales_search(self.store, &SalesSearch { whose, ..search.clone() })
    }

    /// The codes of the registers that sales can come from.
    pub fn register_codes(&self) -> EngineResult<Vec<String>> {
        self.may(Deed::SeeOwnSales)?;
        super::register_codes(self.store)
    }

    /// What somebody has to look at.
    pub fn findings(&self) -> EngineResult<Vec<Finding>> {
        self.may(Deed::SeeFindings)?;
        super::findings(self.store)
    }

    /// The sale of a receipt number.
    pub fn sale(&self, receipt_no: &str) -> EngineResult<view::Sale> {
        let own = self.may(Deed::SeeOwnSales)?.map(|operator| operator.id);
        let found = super::sale_by_receipt(self.store, receipt_no)?;
        if own != Some(found.sale.header.operator) && self.may(Deed::FindReceipt).is_err() {
            self.may(Deed::SeeAllSales)?;
        }
        Ok(found)
    }

    /// What moved without a sale in a session of the drawer, at most `max`.
    pub fn drawer_history(&self, drawer: DrawerSessionId, max: usize, now: Timestamp) -> EngineResult<DrawerHistory> {
        self.may(Deed::SeeDrawerMoves)?;
        let currency = super::shop(self.store)?.currency;
        let people = super::operators(self.store, now)?;
        let name = |id: OperatorId| {
            let known = people.iter().find(|one| one.operator.id == id);
            known.map(|one| one.operator.name.clone()).unwrap_or_default()
        };
        let of_session = vec![rows::equal("drawer", drawer.uuid())];
        let query = Query { filters: of_session, ..rows::query::<DrawerMove>().order_by("drawer", true) };
        let (mut moves, more): (Vec<DrawerMove>, bool) = rows::scan_up_to(self.store, query, max, currency)?;
        // A session may go on in a new life of the register, whose numbers begin again.
        moves.sort_by_key(|one| std::cmp::Reverse(one.time));
        let session: Option<DrawerRow> = rows::find(self.store, "id", drawer.uuid(), currency)?;
        let moves = moves.into_iter().map(|one| {
            let by = name(one.operator);
            (one, by)
        });
        let opened_by = session.map(|row| name(row.session.opened_by)).unwrap_or_default();
        Ok(DrawerHistory { opened_by, moves: moves.collect(), more })
    }

    /// Of the shop's settings those that one may change.
    pub fn settings(&self) -> EngineResult<SettingsRead> {
        let who = self.may(Deed::SeeSettings)?;
        let may = |view: &SettingView| who.as_ref().is_some_and(|operator| operator.may(view.definition.permission));
        let settings = settings::list(self.store)?.into_iter().filter(may).collect();
        let newest = if self.may(Deed::SeeAllSales).is_ok() { self.newest_sale()? } else { None };
        Ok(SettingsRead { settings, country: super::shop(self.store)?.country, newest })
    }

    /// `None` when there is none or it does not add up.
    fn newest_sale(&self) -> EngineResult<Option<ReceiptFacts>> {
        let filter = SalesFilter { limit: LOOKED_AT, ..SalesFilter::default() };
        let newest = super::sales(self.store, &filter)?.sales.into_iter().find(|sale| sale.kind == "sale");
        let Some(newest) = newest else { return Ok(None) };
        let sale = super::sale_by_id(self.store, newest.id)?;
        let facts = |sale: view::Sale| {
            ReceiptFacts::new(&sale.sale, &ShopFacts::default(), &sale.hash, ReceiptCopy::Original).ok()
        };
        Ok(sale.and_then(facts))
    }
}
