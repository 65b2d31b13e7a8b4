//! Names of what the domain has: roles, rights, ways to pay, units, rates.

use crate::words::Words;
use crate::{Language, format};
use aurapos_domain::catalog::Unit;
use aurapos_domain::people::Permission;
use aurapos_domain::tender::TenderKind;

/// A built-in role by its stable name; `None` for a role of the shop's own, which is shown as it is called.
pub fn role(language: Language, code: &str) -> Option<&'static str> {
    let names = match code {
        "cashier" => ["Cashier", "Caissier", "Kassamedewerker", "Kassenkraft"],
        "manager" => ["Manager", "Responsable", "Verantwoordelijke", "Leitung"],
        _ => return None,
    };
    Some(names[language.column()])
}

/// A role as people read it: what the shop calls it, or the name of a built-in one, or its code.
pub fn role_named<'a>(language: Language, code: &'a str, name: &'a str) -> &'a str {
    if name.is_empty() { role(language, code).unwrap_or(code) } else { name }
}

/// What a role may that may everything.
pub const fn everything(language: Language) -> &'static str {
    ["May do everything.", "Peut tout faire.", "Mag alles.", "Darf alles."][language.column()]
}

/// What a role may that may nothing.
pub const fn nothing(language: Language) -> &'static str {
    ["May do nothing yet.", "Ne peut rien faire encore.", "Mag nog niets.", "Darf noch nichts."][language.column()]
}

/// Rights that belong together, in the order of a form, with the name of the group in each language.
#[rustfmt::skip]
const GROUPS: [([&str; 4], &[Permission]); 5] = [
    (["At the register", "À la caisse", "Aan de kassa", "An der Kasse"], &[
        Permission::Sell, Permission::Discount, Permission::PriceOverride, Permission::VoidLine, Permission::Refund, Permission::Reprint,
    ]),
    (["The drawer", "Le tiroir", "De lade", "Die Kassenlade"], &[
        Permission::DrawerSession, Permission::OpenDrawer, Permission::CashMovement, Permission::SeeExpectedCash,
    ]),
    (["Sales and reports", "Ventes et rapports", "Verkopen en rapporten", "Verkäufe und Berichte"], &[
        Permission::SeeAllSales, Permission::Reports,
    ]),
    (["Goods and customers", "Articles et clients", "Goederen en klanten", "Ware und Kunden"], &[
        Permission::ManageCatalog, Permission::ManageStock, Permission::ManageCustomers,
    ]),
    (["The shop", "Le magasin", "De winkel", "Das Geschäft"], &[
        Permission::ManageOperators, Permission::Settings, Permission::Backup, Permission::Restore, Permission::Plugins,
    ]),
];

/// Every right, in groups with their names.
pub fn permission_groups(language: Language) -> impl Iterator<Item = (&'static str, &'static [Permission])> {
    GROUPS.into_iter().map(move |(names, rights)| (names[language.column()], rights))
}

/// What a right allows, for lists of rights and for refusals.
#[rustfmt::skip]
pub const fn permission(language: Language, permission: Permission) -> &'static str {
    let names = match permission {
        Permission::Sell => ["Sell", "Vendre", "Verkopen", "Verkaufen"],
        Permission::Discount => ["Give a discount", "Accorder une remise", "Korting geven", "Rabatt geben"],
        Permission::PriceOverride => ["Change a price", "Modifier un prix", "Prijs wijzigen", "Preis ändern"],
        Permission::Refund => ["Take goods back", "Reprendre des articles", "Goederen terugnemen", "Ware zurücknehmen"],
        Permission::OpenDrawer => ["Open the drawer without a sale", "Ouvrir le tiroir sans vente", "Lade openen zonder verkoop", "Kassenlade ohne Verkauf öffnen"],
        Permission::DrawerSession => ["Open and count the drawer", "Ouvrir et compter le tiroir", "Lade openen en tellen", "Kassenlade öffnen und zählen"],
        Permission::CashMovement => ["Put in and take out cash", "Ajouter et retirer des espèces", "Geld inleggen en afhalen", "Bargeld einlegen und entnehmen"],
        Permission::Reports => ["See totals and reports", "Voir les totaux et les rapports", "Totalen en rapporten zien", "Summen und Berichte sehen"],
        Permission::Reprint => ["Print a receipt again", "Réimprimer un ticket", "Ticket opnieuw afdrukken", "Beleg erneut drucken"],
        Permission::ManageCatalog => ["Change products and prices", "Modifier produits et prix", "Producten en prijzen wijzigen", "Artikel und Preise ändern"],
        Permission::ManageStock => ["Change stock", "Modifier le stock", "Voorraad wijzigen", "Bestand ändern"],
        Permission::ManageCustomers => ["Change customers", "Modifier les clients", "Klanten wijzigen", "Kunden ändern"],
        Permission::ManageOperators => ["Manage operators", "Gérer les opérateurs", "Medewerkers beheren", "Bediener verwalten"],
        Permission::Backup => ["See and make backups", "Voir et faire des sauvegardes", "Back-ups zien en maken", "Sicherungen sehen und erstellen"],
        Permission::Settings => ["Change settings", "Modifier les réglages", "Instellingen wijzigen", "Einstellungen ändern"],
        Permission::Plugins => ["Manage plugins", "Gérer les extensions", "Plug-ins beheren", "Plugins verwalten"],
        Permission::VoidLine => ["Remove lines and tickets", "Retirer des lignes et des tickets", "Lijnen en tickets verwijderen", "Zeilen und Belege entfernen"],
        Permission::Restore => ["Restore a backup", "Restaurer une sauvegarde", "Een back-up terugzetten", "Eine Sicherung wiederherstellen"],
        Permission::SeeExpectedCash => ["See how much should be in the drawer", "Voir combien il devrait y avoir", "Zien hoeveel er in de lade moet zijn", "Sehen, was in der Kasse sein muss"],
        Permission::SeeAllSales => ["See the sales of others", "Voir les ventes des autres", "Verkopen van anderen zien", "Verkäufe anderer sehen"],
    };
    names[language.column()]
}

/// A way to pay.
pub const fn tender(language: Language, kind: TenderKind) -> &'static str {
    Words::of(language).tender(kind)
}

/// What a product is sold by; of a newer program as it is called there.
pub fn unit(language: Language, unit: &Unit) -> &str {
    let names = match unit {
        Unit::Piece => ["Piece", "Pièce", "Stuk", "Stück"],
        Unit::Kilogram => ["Kilogram", "Kilo", "Kilo", "Kilogramm"],
        Unit::Newer(unit) => return unit.code(),
    };
    names[language.column()]
}

/// The tax on sales: `VAT`, `TVA`, `BTW`, `MwSt.`.
pub const fn vat(language: Language) -> &'static str {
    Words::of(language).vat
}

/// A rate with its name: `VAT 21%`, `TVA 21 %`.
pub fn vat_rate(language: Language, rate_bp: i64) -> String {
    format!("{} {}", vat(language), format::percent(language, rate_bp))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_differ_and_are_short() {
        for language in Language::ALL {
            let rights: BTreeSet<&str> = Permission::ALL.iter().map(|right| permission(language, *right)).collect();
            assert_eq!(rights.len(), Permission::ALL.len(), "{language}: two rights have one name");
            assert!(rights.iter().all(|name| name.chars().count() <= 42), "{rights:?}");
            assert_ne!(role(language, "cashier"), role(language, "manager"));
            assert_ne!(unit(language, &Unit::Piece), unit(language, &Unit::Kilogram));
            assert!(TenderKind::ALL.iter().all(|kind| !tender(language, *kind).is_empty()));
        }
        let grouped: Vec<Permission> =
            permission_groups(Language::English).flat_map(|(_, rights)| rights.to_vec()).collect();
        let each: BTreeSet<&Permission> = grouped.iter().collect();
        assert_eq!(
            (each.len(), grouped.len()),
            (Permission::ALL.len(), Permission::ALL.len()),
            "each right in one group"
        );
        assert_eq!(role(Language::French, "manager"), Some("Responsable"));
        assert_eq!(role_named(Language::French, "manager", ""), "Responsable");
        assert_eq!(role_named(Language::French, "cashier", "Vendeur"), "Vendeur");
        assert_eq!(role_named(Language::French, "owner", ""), "owner");
        assert_eq!(role(Language::French, "owner"), None);
        assert_eq!(vat_rate(Language::French, 550), "TVA 5,5\u{a0}%");
    }
}
