//! Cash payments.
