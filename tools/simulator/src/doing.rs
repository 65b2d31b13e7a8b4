//! What each deed does to the world.

use crate::deed::Deed;
use crate::node::Node;
use crate::template;
use crate::trouble;
use crate::world::{Sold, World};
use aurapos_contract::RecordStore;
use aurapos_contract::query::{FilterKind, Query};
use aurapos_domain::ids::{ProductId, SaleId};
use aurapos_domain::money::Quantity;
use aurapos_engine::command::settings::SettingsCommand;
use aurapos_engine::command::{CashMove, Command, ItemRequest, RefundRequest, Reply, SaleRequest, TenderRequest};
use aurapos_engine::queries;
use aurapos_engine::sync::call::Input;
use aurapos_engine::{Env, boot};

/// Most registers that copies of data make, beside those that are set up.
const CLONES_MAX: usize = 7;

/// Does it.
pub fn deed(world: &mut World, deed: Deed) {
    let of = |world: &World, who: u8| usize::from(who) % world.nodes.len();
    match deed {
        Deed::Sell(who, product, count) => sell(world, of(world, who), product, count),
        Deed::Refund(who, which) => refund(world, of(world, who), which),
        Deed::Price(who, product, minor) => {
            edit(world, of(world, who), product, |draft| draft.price = template::eur(i64::from(minor)))
        }
        Deed::Name(who, product, number) => {
            edit(world, of(world, who), product, |draft| draft.name = format!("Name {number}"))
        }
        Deed::Barcode(who, product, has) => edit(world, of(world, who), product, |draft| {
            draft.barcodes = if has { vec![format!("CODE-{product}")] } else { Vec::new() };
        }),
        Deed::Product(who, number) => {
            let sku = format!("N{number}");
            let draft = template::product(&sku, &format!("New {number}"), 500, 10);
            give(world, of(world, who), Command::SaveProduct(Box::new(draft)));
        }
        Deed::Setting(who, number) => {
            let value = format!("Line {number}");
            let change = SettingsCommand::Set { key: "receipt.footer".to_owned(), value };
            give(world, of(world, who), Command::Settings(change));
        }
        Deed::Cash(who) => {
            let command =
                Command::MoveCash { kind: CashMove::Loan, amount: template::eur(500), reason: "change".to_owned() };
            give(world, of(world, who), command);
        }
        Deed::CopyLocal(who) => {
            let node = of(world, who);
            let copy = world.nodes[node].store.as_ref().map(aurapos_plugin_testkit::ReferenceStore::duplicate);
            world.nodes[node].copies.extend(copy);
        }
        Deed::PutBack(who, silent) => put_back(world, of(world, who), silent),
        Deed::CopyShared => world.copy_shared(),
        Deed::RestoreShared => world.restore_shared(),
        Deed::Clone(who, silent) => clone(world, of(world, who), silent),
        Deed::Join => world.join(),
        Deed::PutBackShared => world.put_back_shared(),
        trouble => befall(world, trouble),
    }
}

/// Troubles of the network, the machine, the disk and the shop's list of registers.
fn befall(world: &mut World, trouble: Deed) {
    let of = |world: &World, who: u8| usize::from(who) % world.nodes.len();
    match trouble {
        Deed::Cut(who, ms) => {
            let (until, node) = (world.now_us + i64::from(ms) * 1_000, of(world, who));
            world.nodes[node].cut_until_us = until;
        }
        Deed::Outage(ms) => world.outage(i64::from(ms) * 1_000),
        Deed::LoseAnswers(who, count) => {
            let node = of(world, who);
            world.nodes[node].lose_answers = count;
        }
        Deed::LoseCalls(who, count) => {
            let node = of(world, who);
            world.nodes[node].lose_calls = count;
        }
        Deed::Late(who, count) => {
            let node = of(world, who);
            world.nodes[node].late = count;
        }
        Deed::Crash(who, after, ms) => {
            let node = of(world, who);
            if world.nodes[node].program.is_some() {
                world.nodes[node].crash = Some((after, i64::from(ms) * 1_000));
            }
        }
        Deed::Jump(who, minutes) => {
            let node = of(world, who);
            world.nodes[node].offset_us += i64::from(minutes) * 60_000_000;
        }
        Deed::FailCommits(who, count, happens) => {
            let node = of(world, who);
            trouble::fail_commits(world, node, count, happens);
        }
        Deed::FullDisk(who, ms) => {
            let node = of(world, who);
            trouble::fill_disk(world, node, i64::from(ms) * 1_000);
        }
        Deed::LockOut(who) => {
            let node = of(world, who);
            trouble::lock_out(world, node);
        }
        Deed::LetIn => trouble::let_in(world),
        other => unreachable!("{other:?} is no trouble"),
    }
}

/// Gives a command, and wakes the register's sync as its commit does.
fn give(world: &mut World, node: usize, command: Command) -> Option<Reply> {
    let (one, mut env) = world.node_and_env(node);
    let result = one.run(command, &mut env)?;
    if one.program.is_some() {
        world.turn(node, Input::Wake);
    }
    result.ok()
}

fn sell(world: &mut World, node: usize, product: u8, count: u8) {
    let id = SaleId::new(world.env(node).new_id());
    let item = ItemRequest {
        code: (product % template::PRODUCTS + 1).to_string(),
        quantity: Some(Quantity::from_thousandths(i64::from(count) * 1_000)),
        price: None,
    };
    let tenders = vec![TenderRequest { instance: "cash".to_owned(), amount: None }];
    let request = SaleRequest { id: Some(id), items: vec![item], tenders, ..SaleRequest::default() };
    let reply = give(world, node, Command::Sell(request));
    note(world, node, reply);
}

fn refund(world: &mut World, node: usize, which: u8) {
    let Some(store) = &world.nodes[node].store else { return };
    let query = Query::over("sale").select(&["receipt_no"]).filter("kind", FilterKind::Equal, "sale");
    let Ok(known) = store.scan(&query) else { return };
    if known.is_empty() {
        return;
    }
    let receipt_no = known.text(usize::from(which) % known.len(), 0).unwrap_or_default().to_owned();
    let id = SaleId::new(world.env(node).new_id());
    let tenders = vec![TenderRequest { instance: "cash".to_owned(), amount: None }];
    let request = RefundRequest { id: Some(id), receipt_no, tenders, ..RefundRequest::default() };
    let reply = give(world, node, Command::Refund(request));
    note(world, node, reply);
}

/// Somebody holds the receipt now.
fn note(world: &mut World, node: usize, reply: Option<Reply>) {
    let Some(Reply::Sale(sale)) = reply else { return };
    let header = &sale.sale.header;
    world.sold.push(Sold {
        id: header.id.uuid(),
        receipt: header.number.to_string(),
        life: header.incarnation.uuid(),
        seq: sale.seq,
        total: sale.sale.total.minor,
        node,
        gone: false,
    });
}

/// Changes the product of that number as a person does: the form with what is there, one field changed.
fn edit(world: &mut World, node: usize, product: u8, change: impl FnOnce(&mut aurapos_engine::import::ProductDraft)) {
    let Some(store) = &world.nodes[node].store else { return };
    let sku = (product % template::PRODUCTS + 1).to_string();
    let Ok(Some(known)) = queries::product_by_code(store, &sku) else { return };
    let mut draft = template::product(&known.sku, &known.name, known.price.minor, 0);
    draft.id = Some(ProductId::new(known.id.uuid()));
    draft.stock = None;
    draft.barcodes = known.barcodes.iter().map(|code| code.canonical().to_owned()).collect();
    change(&mut draft);
    give(world, node, Command::SaveProduct(Box::new(draft)));
}

/// A copy of the data takes its place.
fn put_back(world: &mut World, node: usize, silent: bool) {
    let Some(copy) = world.nodes[node].copies.last().map(aurapos_plugin_testkit::ReferenceStore::duplicate) else {
        return;
    };
    world.nodes[node].end();
    let token = world.machine();
    let one = &mut world.nodes[node];
    if silent {
        one.identity = boot::stored_identity(&copy).ok().flatten().unwrap_or_default();
        world.doubled = true;
    } else {
        one.identity.token = format!("t{token}");
    }
    world.nodes[node].store = Some(copy);
    world.forget();
    world.crash(node, 1_000);
}

/// The data is used on a second machine.
fn clone(world: &mut World, node: usize, silent: bool) {
    if world.nodes.len() >= CLONES_MAX {
        return;
    }
    let Some(copy) = world.nodes[node].store.as_ref().map(aurapos_plugin_testkit::ReferenceStore::duplicate) else {
        return;
    };
    let machine = world.machine();
    let mut identity = template::identity(machine, machine);
    if silent {
        identity = boot::stored_identity(&copy).ok().flatten().unwrap_or_default();
        world.doubled = true;
    }
    let broken = world.broken();
    world.nodes.push(Node::of(copy, identity, broken));
    world.crash(world.nodes.len() - 1, 1_000);
}
