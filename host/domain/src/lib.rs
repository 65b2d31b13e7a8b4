//! The rules of trade: money, tax, pricing, tickets, tenders, journal, receipts, reports.
