//! Prints documents into text files.
