//! Whether a file is a whole shared library for this machine. `dlopen` itself is no judge: it maps a half file and dies,
//! loads one with its tail cut, and calls a wrong processor "No such file or directory".

use crate::refusal::{Code, Refusal};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, elf};

/// The processor part of a target triple, by ELF machine number.
fn machine_name(machine: u16) -> String {
    match elf::Machine(machine) {
        elf::EM_X86_64 => "x86_64".to_owned(),
        elf::EM_AARCH64 => "aarch64".to_owned(),
        elf::EM_386 => "i686".to_owned(),
        elf::EM_ARM => "arm".to_owned(),
        elf::EM_RISCV => "riscv64".to_owned(),
        elf::Machine(other) => format!("processor number {other}"),
    }
}

pub(crate) fn own_machine(target: &str) -> &str {
    target.split('-').next().unwrap_or(target)
}

/// Checks the header, the processor, and that every segment and the section table lie inside the file.
///
/// # Errors
/// [`Code::Empty`], [`Code::NotALibrary`], [`Code::Target`], [`Code::CutOff`].
pub fn check(plugin: &str, bytes: &[u8], target: &str) -> Result<(), Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new(Code::Empty, plugin, ""));
    }
    if !bytes.starts_with(&elf::ELFMAG) {
        return Err(Refusal::new(Code::NotALibrary, plugin, "it does not begin like a library"));
    }
    let cut = |what: &str| Refusal::new(Code::CutOff, plugin, what);
    let machine = bytes.get(18..20).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let machine = machine_name(machine.ok_or_else(|| cut("it ends in its header"))?);
    if machine != own_machine(target) {
        return Err(Refusal::new(
            Code::Target,
            plugin,
            format!("built for {machine}, this register is {}", own_machine(target)),
        ));
    }
    let header = elf::FileHeader64::<Endianness>::parse(bytes).map_err(|error| cut(&error.to_string()))?;
    let endian = header.endian().map_err(|error| Refusal::new(Code::NotALibrary, plugin, error))?;
    if header.e_type(endian) != elf::ET_DYN {
        return Err(Refusal::new(Code::NotALibrary, plugin, "it is another kind of file"));
    }
    let segments = header.program_headers(endian, bytes).map_err(|error| cut(&error.to_string()))?;
    if segments.is_empty() {
        return Err(Refusal::new(Code::NotALibrary, plugin, "it has nothing to load"));
    }
    let length = bytes.len() as u64;
    for segment in segments {
        let end = segment.p_offset(endian).checked_add(segment.p_filesz(endian));
        if end.is_none_or(|end| end > length) {
            return Err(cut(&format!("a part ends at byte {}, the file at {length}", end.unwrap_or(u64::MAX))));
        }
    }
    // The section table stands at the very end of what linkers write: where it is missing, the tail was cut.
    let table = u64::from(header.e_shentsize(endian)) * u64::from(header.e_shnum(endian));
    let end = header.e_shoff(endian).checked_add(table);
    if end.is_none_or(|end| end > length) {
        return Err(cut(&format!("its table ends at byte {}, the file at {length}", end.unwrap_or(u64::MAX))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::TARGET;

    #[test]
    fn only_a_whole_library_for_this_machine_passes() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let check = |bytes: &[u8], target: &str, code: Code| {
            assert_eq!(check("x", bytes, target).unwrap_err().code, code);
        };
        // The test program is a position-independent executable: to ELF the same kind of file as a library.
        assert_eq!(super::check("x", &own, TARGET), Ok(()));
        check(b"", TARGET, Code::Empty);
        check(b"#!/bin/sh\n", TARGET, Code::NotALibrary);
        check(&own[..10], TARGET, Code::CutOff);
        check(&own[..own.len() / 2], TARGET, Code::CutOff);
        check(&own[..own.len() - 1], TARGET, Code::CutOff);
        check(&own, "aarch64-unknown-linux-gnu", Code::Target);
        let mut relocatable = own;
        relocatable[16] = 1;
        check(&relocatable, TARGET, Code::NotALibrary);
    }
}
