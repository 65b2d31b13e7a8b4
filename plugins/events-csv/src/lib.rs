//! Writes every sale into a CSV file.
