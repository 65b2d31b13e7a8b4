//! From the facts of a committed sale to what a printer is given.

use aurapos_contract::document::{Block, BlockKind, Document};
use aurapos_contract::printer::PrintJob;
use aurapos_domain::receipt::ReceiptFacts;
use aurapos_engine::effect::PrintRequest;
use aurapos_locale::{Language, receipt};

/// The document of a receipt in a language (English where the language is none of ours).
pub fn document(facts: &ReceiptFacts, language: &str) -> Document {
    receipt::document(facts, Language::from_code(language).unwrap_or_default())
}

/// The job for a printer.
pub(crate) fn print_job(request: &PrintRequest) -> PrintJob {
    let mut document = document(&request.receipt, &request.language);
    let kicks = document.blocks.iter().any(|block| block.kind == BlockKind::KickDrawer);
    if request.kick_drawer && !kicks {
        document.blocks.push(Block { kind: BlockKind::KickDrawer, ..Block::default() });
    }
    PrintJob { id: request.job, title: request.receipt.number.to_string(), document }
}
