//! The engine of a host that uses what came with 1.1: on the way to pay that its settings call `tap`, no card is put in.

#[path = "source.rs"]
#[allow(dead_code)]
mod source;

fn main() {
    let source = source::Source::of("host/engine/src");
    source.put_behind(
        "usecases/payment.rs",
        "            original_reference: original.unwrap_or_default(),\n",
        "            contactless_only: instance.name == \"tap\",
            ..PaymentIntent::default()\n",
    );
    source.put_behind(
        "usecases/recovery.rs",
        "            original_reference: row.original_reference.clone(),\n",
        "            ..PaymentIntent::default()\n",
    );
    source.make_includable("lib.rs");
}
