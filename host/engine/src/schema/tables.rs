//! The tables, one function per group. A stored field is one word here, a field in the domain, and a conversion in `rows`.

use super::{of_tables, table};
use aurapos_contract::ColumnType::{Bool, Bytes, Int, Text, Time, Uuid};
use aurapos_contract::Value;
use aurapos_contract::schema::{Schema, Table};

const MINOR_UNITS: &str = "minor units";
const THOUSANDTHS: &str = "thousandths";
const BASIS_POINTS: &str = "basis points";
const DAYS: &str = "days since 1970-01-01";

/// The schema of this version.
pub fn schema() -> Schema {
    let groups =
        [register(), people(), catalog(), sales(), sale_details(), stock_and_drawer(), books(), together(), sync()];
    of_tables(groups.into_iter().flatten().collect())
}

fn register() -> Vec<Table> {
    vec![
        table("shop")
            .has(Uuid, "id")
            .has(Text, "name country language currency timezone address phone vat_number price_mode")
            .has(Time, "created")
            .key("id")
            .edited(),
        // This register only. Token, machine and inode are compared with the file beside the database: a difference means
        // that the database was copied or restored, and opens a new incarnation.
        table("register")
            .has(Uuid, "id shop")
            .has(Text, "code")
            .has(Uuid, "incarnation")
            .has(Text, "incarnation_code token machine")
            .has(Int, "inode")
            .has(Time, "created")
            .key("id")
            .local(),
        table("incarnation")
            .has(Uuid, "id register")
            .has(Text, "code")
            .may_have(Uuid, "previous")
            .has(Int, "previous_seq")
            .has(Bytes, "previous_hash")
            .has(Text, "reason")
            .has(Time, "opened")
            // Whose numbers it gives: a receipt number is shop, register, life and counter.
            .with_default(Text, "register_code", Value::Text(String::new()))
            .may_have(Uuid, "shop")
            .key("id")
            .facts(),
        table("setting").has(Text, "name value").key("name").edited(),
    ]
}

/// How far a register and the shop's shared store know each other. The first two are the register's own, the others are
/// written in the shared store alone.
fn sync() -> Vec<Table> {
    vec![
        // One row. The cursor of the feed goes on in the transaction that takes its changes in.
        table("sync_mark")
            .has(Int, "id")
            .may_have(Uuid, "epoch")
            .has(Bytes, "cursor")
            .numbers("clock of an edit", "edits")
            .has(Bool, "recovering")
            .may_have(Time, "contact")
            .key("id")
            .local(),
        // A life of this register: what the shared store was last known to have of it, and from where on it is quarantined.
        table("sync_life")
            .has(Uuid, "incarnation")
            .has(Int, "acked")
            .may_have(Time, "acked_at")
            .may_have(Int, "forked")
            .key("incarnation")
            .local(),
        // Keyed by what nobody may have twice.
        table("register_claim")
            .has(Uuid, "shop")
            .has(Text, "code")
            .has(Uuid, "register incarnation")
            // The life of the shared store in which the register came to the shop.
            .has(Uuid, "epoch")
            .has(Text, "name")
            .has(Time, "claimed seen")
            .may_have(Time, "revoked")
            .key("shop code")
            .local(),
        // Every edit of that life up to this clock is in the shared store, so a restored one tells what it lacks.
        table("edit_mark")
            .has(Uuid, "incarnation register")
            .numbers("clock of an edit", "clock")
            .key("incarnation")
            .local(),
    ]
}

/// What came of bringing together what several registers did.
fn together() -> Vec<Table> {
    vec![
        // The value that lost against a later edit of another register.
        table("lost_edit")
            .has(Uuid, "transaction")
            .has(Int, "number")
            .has(Text, "edited_table edited_key field lost kept")
            .has(Int, "lost_clock")
            .may_have(Uuid, "lost_by")
            .has(Int, "kept_clock")
            .may_have(Uuid, "kept_by")
            .has(Time, "seen")
            .key("transaction number")
            .kept(),
        // What a person has to look at: two products of one article number, two lives of one number. It is ticked off, never
        // deleted: the same that comes again is known.
        table("finding")
            .has(Uuid, "id")
            .has(Text, "kind subject other told")
            .has(Time, "seen")
            .may_have(Time, "resolved")
            .may_have(Uuid, "resolved_by")
            .key("id")
            .local(),
    ]
}

fn people() -> Vec<Table> {
    vec![
        table("operator")
            .has(Uuid, "id")
            .has(Text, "name name_sort role pin_hash")
            .has(Bool, "active")
            .has(Time, "created")
            .key("id")
            .index("name", "name_sort")
            .edited(),
        // The shop's own roles, and what it made of a built-in one. Permissions: their codes with spaces between them, so
        // that those of a newer program are kept.
        table("role").has(Text, "code name permissions").key("code").edited(),
        // Wrong PINs are counted per register and outlive a restart.
        table("lockout")
            .has(Uuid, "operator")
            .has(Int, "failures")
            .has(Time, "locked_from")
            .numbers("microseconds", "lock_us")
            .key("operator")
            .local(),
    ]
}

fn catalog() -> Vec<Table> {
    vec![
        table("category")
            .has(Uuid, "id")
            .has(Text, "name name_sort colour")
            .has(Int, "position")
            .key("id")
            .index("name", "name_sort")
            .edited(),
        table("tax_rate")
            .has(Uuid, "id")
            .has(Text, "code")
            .numbers(BASIS_POINTS, "rate")
            .numbers(DAYS, "valid_from")
            .key("id")
            .index("start", "code valid_from")
            .edited(),
        table("product")
            .has(Uuid, "id")
            .has(Text, "sku name name_sort")
            .may_have(Uuid, "category")
            .numbers(MINOR_UNITS, "price")
            .has(Text, "tax_code unit")
            .has(Bool, "food active")
            .has(Text, "search")
            .key("id")
            .index("sku", "sku")
            // Lists and tiles in name order, and how many there are, from the index alone.
            .index("name", "name_sort active deleted")
            .index("category", "category name_sort active deleted")
            .searched("search")
            .edited(),
        table("product_barcode")
            .has(Text, "code")
            .has(Uuid, "product")
            .key("code")
            .index("product", "product")
            .edited(),
    ]
}

fn sales() -> Vec<Table> {
    vec![
        table("sale")
            .has(Uuid, "id register incarnation")
            .has(Int, "seq counter")
            .has(Text, "receipt_no kind")
            .may_have(Uuid, "origin")
            .may_have(Text, "origin_no")
            .has(Time, "time")
            .numbers("seconds east of UTC", "utc_offset")
            .numbers(DAYS, "business_day")
            .numbers("hour of the shop's clock", "hour_local")
            .has(Uuid, "drawer operator")
            .has(Text, "operator_name")
            .may_have(Uuid, "customer")
            .may_have(Text, "customer_vat_number")
            .has(Text, "currency price_mode")
            .numbers(MINOR_UNITS, "subtotal ticket_discount net total rounding change")
            .has(Text, "note")
            .key("id")
            .index("receipt", "receipt_no")
            .index("time", "time")
            .index("day", "business_day")
            .facts(),
        table("sale_line")
            .has(Uuid, "sale")
            .has(Int, "line")
            .has(Uuid, "product")
            .has(Text, "sku name")
            .may_have(Uuid, "category")
            .may_have(Text, "barcode")
            .has(Text, "unit")
            .numbers(THOUSANDTHS, "quantity")
            .numbers(MINOR_UNITS, "list_price unit_price")
            .has(Bool, "fixed")
            .numbers(MINOR_UNITS, "gross discount ticket_discount net")
            .has(Text, "tax_code")
            .numbers(BASIS_POINTS, "rate")
            .has(Bool, "food")
            .has(Text, "note")
            .may_have(Uuid, "origin")
            .may_have(Int, "origin_line")
            .key("sale line")
            .facts(),
    ]
}

fn sale_details() -> Vec<Table> {
    vec![
        // What came back of which line: beside the lines, so that a sale pays for no index that only refunds need.
        table("refund_line")
            .has(Uuid, "origin")
            .has(Int, "origin_line")
            .has(Uuid, "sale")
            .has(Int, "line")
            .numbers(THOUSANDTHS, "quantity")
            .numbers(MINOR_UNITS, "net")
            .key("origin origin_line sale line")
            .facts(),
        table("sale_tender")
            .has(Uuid, "sale")
            .has(Int, "number")
            .has(Text, "kind provider")
            .numbers(MINOR_UNITS, "tendered applied change")
            .has(Text, "reference")
            .key("sale number")
            .facts(),
        table("sale_vat")
            .has(Uuid, "sale")
            .numbers(BASIS_POINTS, "rate")
            .numbers(MINOR_UNITS, "base amount gross")
            .key("sale rate")
            .facts(),
        table("payment_intent")
            .has(Uuid, "id ticket")
            .has(Text, "instance kind state")
            .numbers(MINOR_UNITS, "amount tendered approved")
            .has(Text, "reference original_reference")
            .has(Time, "created updated")
            .may_have(Uuid, "sale")
            .key("id")
            .index("state", "state")
            .local(),
    ]
}

fn stock_and_drawer() -> Vec<Table> {
    vec![
        // Keyed by its place in the journal: no id to make, and a move is found from its entry.
        table("stock_move")
            .has(Uuid, "incarnation")
            .has(Int, "seq number")
            .has(Uuid, "product")
            .numbers(THOUSANDTHS, "quantity")
            .has(Text, "kind")
            .may_have(Uuid, "sale")
            .has(Time, "time")
            .key("incarnation seq number")
            .facts(),
        table("stock_level").has(Uuid, "product").numbers(THOUSANDTHS, "quantity").key("product").local(),
        table("drawer_session")
            .has(Uuid, "id register")
            .has(Int, "number")
            .has(Text, "state")
            .has(Uuid, "opened_by")
            .has(Time, "opened_at")
            .numbers(DAYS, "business_day")
            .numbers(MINOR_UNITS, "float loans pickups")
            .may_have(Int, "counted")
            .may_have(Time, "closed_at")
            .key("id")
            .index("state", "state")
            .local(),
        // One row per way of paying, so that a sale touches only the rows of its tenders.
        table("drawer_total")
            .has(Uuid, "drawer")
            .has(Text, "kind")
            .numbers(MINOR_UNITS, "amount")
            .key("drawer kind")
            .local(),
        table("drawer_move")
            .has(Uuid, "incarnation")
            .has(Int, "seq")
            .has(Uuid, "drawer operator")
            .has(Text, "kind reason")
            .numbers(MINOR_UNITS, "amount")
            .has(Time, "time")
            .key("incarnation seq")
            .index("drawer", "drawer")
            .facts(),
    ]
}

fn books() -> Vec<Table> {
    vec![
        table("journal")
            .has(Uuid, "register incarnation")
            .has(Int, "seq kind")
            .has(Time, "time")
            .has(Bytes, "previous hash body")
            .key("incarnation seq")
            .facts(),
        // With the lifetime totals of the incarnation, as the body of the last sale has them.
        table("journal_head")
            .has(Uuid, "incarnation register")
            .has(Int, "seq")
            .has(Bytes, "hash")
            .has(Time, "time")
            .has(Int, "sales_count")
            .numbers(MINOR_UNITS, "grand_total refunds")
            .key("incarnation")
            .local(),
        table("counter").has(Uuid, "incarnation").has(Text, "name").has(Int, "value").key("incarnation name").local(),
        table("print_job")
            .has(Uuid, "id sale")
            .has(Text, "printer title state")
            .has(Int, "attempts")
            .has(Text, "error")
            .has(Time, "created")
            .key("id")
            .index("state", "state")
            .local(),
    ]
}
