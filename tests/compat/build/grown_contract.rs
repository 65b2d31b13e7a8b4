//! The contract as version 1.1 might be: one of each growth that the codec and the tables allow, and nothing else.

#[path = "source.rs"]
#[allow(dead_code)]
mod source;

use source::Source;

fn main() {
    let source = Source::of("plugin-api/contract/src");
    grow_the_messages(&source);
    grow_the_enums(&source);
    grow_the_methods(&source);
    name_macros_plainly(&source);
    source.make_includable("lib.rs");
}

/// In an included crate, exported macros have no path (rustc's `macro_expanded_macro_exports_accessed_by_absolute_paths`).
/// They stand above everything that uses them, so that their plain names do.
fn name_macros_plainly(source: &Source) {
    for (file, path, name) in [
        ("codec/declare.rs", "$crate::wire_struct!(@", "wire_struct!(@"),
        ("codec/declare.rs", "$crate::wire_enum!(@", "wire_enum!(@"),
        ("capability.rs", "$crate::__", "__"),
    ] {
        source.change_all(file, path, name);
    }
}

/// Fields: one of each message that may be skipped, and one of an intent that must not be.
fn grow_the_messages(source: &Source) {
    let version = |number| format!("pub strict struct PaymentIntent, version {number} {{");
    source.change("payment.rs", &version(1), &version(2));
    source.put_behind(
        "payment.rs",
        "        9 => original_reference: String,\n",
        "        /// Number of the customer's card, for points; may be empty.
        10 => loyalty_card: String,
        /// Only without contact: no card is put in.
        11 since 2 => contactless_only: bool,\n",
    );
    source.put_behind(
        "payment.rs",
        "        8 => means: String,\n",
        "        /// What the customer gave beyond the amount, in minor units.
        9 => tip_minor: i64,\n",
    );
}

/// Variants: with and without a word for older readers, and one that nobody may take for another.
fn grow_the_enums(source: &Source) {
    source.put_behind(
        "payment.rs",
        "        4 => InProgress,\n",
        "        /// Refused, and the card is kept.
        5 since 1 as Declined => DeclinedForGood,
        /// Waits for the bank.
        6 => Suspended,\n",
    );
    source.put_behind(
        "payment.rs",
        "        2 => Refund,\n",
        "        /// Set aside, and taken later.
        3 => Deposit,\n",
    );
    source.put_behind(
        "error.rs",
        "        51 => PaymentUnknown,\n",
        "        /// The card is on a list.
        52 since 1 as Declined => CardBlocked,
        /// The bank is closed.
        53 => BankClosed,\n",
    );
}

/// Methods: one that plugins answer, one that the host answers.
fn grow_the_methods(source: &Source) {
    source.put_behind(
        "payment.rs",
        "            default { Err(PluginError::new(ErrorCode::Unsupported, \"this way to pay has no end of day\")) };\n",
        "
        /// What a customer usually gives beyond an amount, in minor units.
        8 => fn tip(&self, val amount_minor: i64) -> i64 [Main, Read, Freely]
            default { Err(PluginError::new(ErrorCode::Unsupported, \"this way to pay takes no tips\")) };\n",
    );
    source.put_behind(
        "host.rs",
        "        7 => fn panicked(&self, ref call: str, ref message: str) -> () [Main, Read, Never];\n",
        "        /// As [`HostServices::shop_name`].
        8 => fn shop_name(&self) -> String [Main, Read, Freely]
            default { Err(PluginError::new(ErrorCode::Unsupported, \"this host does not tell the shop's name\")) };\n",
    );
    source.put_behind(
        "host.rs",
        "    fn new_id(&self) -> Uuid;\n",
        "    /// What stands on the receipts.
    fn shop_name(&self) -> String {
        \"the grown shop\".to_owned()
    }\n",
    );
}
