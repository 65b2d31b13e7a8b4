//! Receipts, reports and errors as text in each language.
