//! A library made by hand, and everything that can be wrong with it.

use super::check;
use crate::refusal::Code;

const TARGET: &str = "x86_64-pc-windows-gnu";
/// Where the parts of [`library`] begin.
const HEADER: usize = 0x80;
const OPTIONAL: usize = HEADER + 24;
const TABLES: usize = OPTIONAL + 112;
const SECTIONS: usize = TABLES + 16 * 8;
const SYMBOLS: usize = 0x600;

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn put_u16(bytes: &mut [u8], at: usize, value: u16) {
    put(bytes, at, &value.to_le_bytes());
}

fn put_u32(bytes: &mut [u8], at: usize, value: u32) {
    put(bytes, at, &value.to_le_bytes());
}

/// A DLL as a GNU linker writes it: two sections, an export table, two symbols and their names at the end.
fn library() -> Vec<u8> {
    let mut bytes = vec![0; SYMBOLS + 2 * 18 + 10];
    put(&mut bytes, 0, b"MZ");
    put_u32(&mut bytes, 0x3c, HEADER as u32);
    put(&mut bytes, HEADER, b"PE\0\0");
    put_u16(&mut bytes, HEADER + 4, 0x8664);
    put_u16(&mut bytes, HEADER + 6, 2);
    put_u32(&mut bytes, HEADER + 12, SYMBOLS as u32);
    put_u32(&mut bytes, HEADER + 16, 2);
    put_u16(&mut bytes, HEADER + 20, 240);
    put_u16(&mut bytes, HEADER + 22, 0x2022);
    put_u16(&mut bytes, OPTIONAL, 0x20b);
    put_u32(&mut bytes, OPTIONAL + 56, 0x3000);
    put_u32(&mut bytes, OPTIONAL + 60, 0x200);
    put_u32(&mut bytes, OPTIONAL + 108, 16);
    put_u32(&mut bytes, TABLES, 0x2000);
    put_u32(&mut bytes, TABLES + 4, 0x80);
    for (number, (memory, file)) in [(0x1000, 0x200), (0x2000, 0x400)].into_iter().enumerate() {
        let section = SECTIONS + number * 40;
        put_u32(&mut bytes, section + 8, 0x1000);
        put_u32(&mut bytes, section + 12, memory);
        put_u32(&mut bytes, section + 16, 0x200);
        put_u32(&mut bytes, section + 20, file);
    }
    put_u32(&mut bytes, SYMBOLS + 2 * 18, 10);
    bytes
}

fn refused(bytes: &[u8], target: &str, code: Code, words: &str) {
    let refusal = check("x", bytes, target).unwrap_err();
    assert_eq!(refusal.code, code, "{words}: {refusal}");
    assert!(refusal.message.contains(words), "{words}: {refusal}");
}

/// Refused after one number was changed.
fn changed(change: impl Fn(&mut Vec<u8>), code: Code, words: &str) {
    let mut bytes = library();
    change(&mut bytes);
    refused(&bytes, TARGET, code, words);
}

#[test]
fn only_a_whole_library_for_this_machine_passes() {
    let library = library();
    assert_eq!(check("x", &library, TARGET), Ok(()));
    assert_eq!(check("x", &library, "x86_64-pc-windows-msvc"), Ok(()));
    refused(b"", TARGET, Code::Empty, "empty");
    refused(b"#!/bin/sh\n", TARGET, Code::NotALibrary, "begin like");
    refused(b"\x7fELF and so on", TARGET, Code::NotALibrary, "begin like");
    refused(&library, "aarch64-pc-windows-msvc", Code::Target, "built for x86_64");
    // Wherever it is cut, it is not whole.
    for length in 2..library.len() {
        refused(&library[..length], TARGET, Code::CutOff, "");
    }
}

#[test]
fn another_kind_of_file_is_named() {
    changed(|file| put_u16(file, HEADER + 4, 0xaa64), Code::Target, "built for aarch64");
    changed(|file| put_u16(file, HEADER + 4, 0x14c), Code::Target, "built for i686");
    changed(|file| put_u16(file, HEADER + 4, 0x1234), Code::Target, "processor number 4660");
    // A program, and a library that its linker did not finish.
    changed(|file| put_u16(file, HEADER + 22, 0x0022), Code::NotALibrary, "another kind");
    changed(|file| put_u16(file, HEADER + 22, 0x2020), Code::NotALibrary, "another kind");
    changed(|file| put(file, HEADER, b"NE\0\0"), Code::NotALibrary, "another kind");
    changed(|file| put_u16(file, OPTIONAL, 0x10b), Code::NotALibrary, "another processor");
    changed(|file| put_u16(file, HEADER + 6, 0), Code::NotALibrary, "nothing to load");
}

#[test]
fn no_number_leads_out_of_the_file() {
    for at in [0x7fff_fff0, 0xffff_fffc, SYMBOLS as u32 + 0x2c] {
        changed(move |file| put_u32(file, 0x3c, at), Code::CutOff, "its header");
    }
    for at in [0, 4, 0x3c, 0x82] {
        changed(move |file| put_u32(file, 0x3c, at), Code::NotALibrary, "impossible place");
    }
    changed(|file| put_u32(file, OPTIONAL + 60, u32::MAX), Code::CutOff, "its header ends at");
    changed(|file| put_u16(file, HEADER + 6, 97), Code::NotALibrary, "97 parts");
    changed(|file| put_u16(file, HEADER + 6, 96), Code::CutOff, "");
    changed(|file| put_u16(file, HEADER + 20, u16::MAX), Code::CutOff, "in its header");
    for (length, at) in [(u32::MAX, u32::MAX), (0x200, u32::MAX), (u32::MAX, 0), (0x201, 0x42e)] {
        let change = move |file: &mut Vec<u8>| {
            put_u32(file, SECTIONS + 16, length);
            put_u32(file, SECTIONS + 20, at);
        };
        changed(change, Code::CutOff, "a part ends at");
    }
    changed(|file| put_u32(file, SECTIONS + 8, u32::MAX), Code::NotALibrary, "a part lies outside");
    changed(|file| put_u32(file, SECTIONS + 52, 0x2001), Code::NotALibrary, "a part lies outside");
}

#[test]
fn no_table_leads_out_of_the_image() {
    changed(|file| put_u32(file, OPTIONAL + 108, 17), Code::NotALibrary, "more tables");
    changed(|file| put_u32(file, OPTIONAL + 108, u32::MAX), Code::NotALibrary, "more tables");
    changed(|file| put_u16(file, HEADER + 20, 239), Code::NotALibrary, "more tables");
    changed(|file| put_u32(file, TABLES, u32::MAX), Code::NotALibrary, "a table lies outside");
    changed(|file| put_u32(file, TABLES + 12, 0x3001), Code::NotALibrary, "a table lies outside");
    changed(|file| put_u32(file, TABLES + 4 * 8, u32::MAX), Code::CutOff, "its signature");
    changed(|file| put_u32(file, HEADER + 12, u32::MAX), Code::CutOff, "its table ends");
    changed(|file| put_u32(file, HEADER + 16, u32::MAX), Code::CutOff, "its table ends");
    changed(|file| put_u32(file, SYMBOLS + 36, 11), Code::CutOff, "its table ends");
    // A stripped library has no symbols.
    let mut stripped = library();
    put_u32(&mut stripped, HEADER + 12, 0);
    stripped.truncate(SYMBOLS);
    assert_eq!(check("x", &stripped, TARGET), Ok(()));
}
