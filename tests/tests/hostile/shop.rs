//! A shop with a hostile plugin, through the program that people use.
