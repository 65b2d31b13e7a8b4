//! Whether a file is a whole Windows library (PE32+) for this machine, as [`crate::elf`] asks it of Linux's. `LoadLibrary` is
//! no judge either: it takes a file whose tail was cut, and has one sentence for everything else.
//!
//! Every number in the file is hostile until it was compared with the file's length or with the room that the file asks for.

use crate::elf::own_machine;
use crate::refusal::{Code, Refusal};
use object::pe::{
    self, ImageDataDirectory, ImageDosHeader, ImageFileHeader, ImageNtHeaders64, ImageOptionalHeader64,
    ImageSectionHeader,
};
use object::{LittleEndian as LE, ReadRef as _, U32};

/// Windows loads no image with more.
const SECTIONS_MAX: u16 = 96;
/// Tables that the format has.
const DIRECTORIES: u32 = 16;
/// Bytes of a symbol in the table that linkers of the GNU kind put behind everything.
const SYMBOL_BYTES: u64 = 18;

/// The processor part of a target triple, by PE machine number.
fn machine_name(machine: pe::Machine) -> String {
    match machine {
        pe::IMAGE_FILE_MACHINE_AMD64 => "x86_64".to_owned(),
        pe::IMAGE_FILE_MACHINE_ARM64 => "aarch64".to_owned(),
        pe::IMAGE_FILE_MACHINE_I386 => "i686".to_owned(),
        pe::IMAGE_FILE_MACHINE_ARMNT => "arm".to_owned(),
        pe::Machine(other) => format!("processor number {other}"),
    }
}

/// What a file is about, and its bytes.
struct File<'a> {
    plugin: &'a str,
    bytes: &'a [u8],
}

impl<'a> File<'a> {
    fn cut(&self, what: &str) -> Refusal {
        Refusal::new(Code::CutOff, self.plugin, what)
    }

    fn no_library(&self, what: &str) -> Refusal {
        Refusal::new(Code::NotALibrary, self.plugin, what)
    }

    /// A structure of the format that must lie inside the file.
    fn at<T: object::Pod>(&self, offset: u64) -> Result<&'a T, Refusal> {
        self.bytes.read_at(offset).map_err(|()| self.cut("it ends in its header"))
    }

    fn list_at<T: object::Pod>(&self, offset: u64, count: usize) -> Result<&'a [T], Refusal> {
        self.bytes.read_slice_at(offset, count).map_err(|()| self.cut("it ends in its header"))
    }

    /// That the file has everything up to this byte.
    fn has_all_to(&self, end: u64, what: &str) -> Result<(), Refusal> {
        let length = self.bytes.len() as u64;
        if end > length {
            return Err(self.cut(&format!("{what} ends at byte {end}, the file at {length}")));
        }
        Ok(())
    }
}

/// Checks the headers, the processor, that every section and table lies inside the file, and that none asks for more room
/// in memory than the image says it needs.
///
/// # Errors
/// [`Code::Empty`], [`Code::NotALibrary`], [`Code::Target`], [`Code::CutOff`].
pub fn check(plugin: &str, bytes: &[u8], target: &str) -> Result<(), Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new(Code::Empty, plugin, ""));
    }
    let file = File { plugin, bytes };
    if !bytes.starts_with(&pe::IMAGE_DOS_SIGNATURE.to_le_bytes()) {
        return Err(file.no_library("it does not begin like a library"));
    }
    let start = u64::from(file.at::<ImageDosHeader>(0)?.e_lfanew.get(LE));
    if start < size_of::<ImageDosHeader>() as u64 || !start.is_multiple_of(4) {
        return Err(file.no_library("its header begins at an impossible place"));
    }
    if file.at::<U32<LE>>(start)?.get(LE) != pe::IMAGE_NT_SIGNATURE {
        return Err(file.no_library("it is another kind of file"));
    }
    let header = file.at::<ImageFileHeader>(start + 4)?;
    let machine = machine_name(header.machine.get(LE));
    if machine != own_machine(target) {
        let particulars = format!("built for {machine}, this register is {}", own_machine(target));
        return Err(Refusal::new(Code::Target, plugin, particulars));
    }
    let wanted = pe::IMAGE_FILE_DLL | pe::IMAGE_FILE_EXECUTABLE_IMAGE;
    if !header.characteristics.get(LE).contains(wanted) {
        return Err(file.no_library("it is another kind of file"));
    }
    let optional = &file.at::<ImageNtHeaders64>(start)?.optional_header;
    if optional.magic.get(LE) != pe::IMAGE_NT_OPTIONAL_HDR64_MAGIC {
        return Err(file.no_library("its header is of another processor"));
    }
    file.has_all_to(u64::from(optional.size_of_headers.get(LE)), "its header")?;
    check_tables(&file, start, header, optional)?;
    check_sections(&file, start, header, optional)?;
    check_symbols(&file, header)
}

/// Where the optional header begins.
fn optional_at(start: u64) -> u64 {
    start + 4 + size_of::<ImageFileHeader>() as u64
}

fn check_sections(
    file: &File<'_>,
    start: u64,
    header: &ImageFileHeader,
    optional: &ImageOptionalHeader64,
) -> Result<(), Refusal> {
    let count = header.number_of_sections.get(LE);
    if count == 0 {
        return Err(file.no_library("it has nothing to load"));
    }
    if count > SECTIONS_MAX {
        return Err(file.no_library(&format!("it has {count} parts; a library has {SECTIONS_MAX} at most")));
    }
    let table = optional_at(start) + u64::from(header.size_of_optional_header.get(LE));
    let room = u64::from(optional.size_of_image.get(LE));
    for section in file.list_at::<ImageSectionHeader>(table, count.into())? {
        let length = u64::from(section.size_of_raw_data.get(LE));
        if length > 0 {
            file.has_all_to(u64::from(section.pointer_to_raw_data.get(LE)) + length, "a part")?;
        }
        if u64::from(section.virtual_address.get(LE)) + u64::from(section.virtual_size.get(LE)) > room {
            return Err(file.no_library("a part lies outside of the memory that it asks for"));
        }
    }
    Ok(())
}

fn check_tables(
    file: &File<'_>,
    start: u64,
    header: &ImageFileHeader,
    optional: &ImageOptionalHeader64,
) -> Result<(), Refusal> {
    let count = optional.number_of_rva_and_sizes.get(LE);
    let fixed = size_of::<ImageOptionalHeader64>() as u64;
    let listed = u64::from(count) * size_of::<ImageDataDirectory>() as u64;
    if count > DIRECTORIES || fixed + listed > u64::from(header.size_of_optional_header.get(LE)) {
        return Err(file.no_library("its header lists more tables than it has"));
    }
    let room = u64::from(optional.size_of_image.get(LE));
    let tables = file.list_at::<ImageDataDirectory>(optional_at(start) + fixed, count as usize)?;
    for (number, table) in tables.iter().enumerate() {
        let (at, length) = (table.virtual_address.get(LE), table.size.get(LE));
        let end = u64::from(at) + u64::from(length);
        // The only one that stands in the file and not in memory: the publisher's signature, behind everything else.
        if number == pe::IMAGE_DIRECTORY_ENTRY_SECURITY {
            file.has_all_to(end, "its signature")?;
        } else if end > room {
            return Err(file.no_library("a table lies outside of the memory that it asks for"));
        }
    }
    Ok(())
}

/// Symbols and their names stand at the very end of what GNU linkers write: where they are missing, the tail was cut.
fn check_symbols(file: &File<'_>, header: &ImageFileHeader) -> Result<(), Refusal> {
    let at = u64::from(header.pointer_to_symbol_table.get(LE));
    if at == 0 {
        return Ok(());
    }
    let names = at + u64::from(header.number_of_symbols.get(LE)) * SYMBOL_BYTES;
    file.has_all_to(names + size_of::<U32<LE>>() as u64, "its table")?;
    // The names begin with how many bytes they have, this number included.
    file.has_all_to(names + u64::from(file.at::<U32<LE>>(names)?.get(LE)), "its table")
}

#[cfg(test)]
mod tests;
