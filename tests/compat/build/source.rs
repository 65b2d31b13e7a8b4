//! Makes a variant of one of today's crates: copies its sources and changes exactly what is asked for.
//!
//! A layout carries the name of its package, so each variant of the plugin API passes for `aurapos-plugin-api` itself.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The sources of a crate on their way to becoming a variant.
pub struct Source {
    folder: PathBuf,
}

/// Lets the package being built pass for the real plugin API.
pub fn pass_for_the_api() {
    println!("cargo:rustc-env=CARGO_PKG_NAME=aurapos-plugin-api");
}

impl Source {
    /// A copy of today's plugin API.
    pub fn of_the_api() -> Source {
        pass_for_the_api();
        Source::of("plugin-api/src")
    }

    /// A copy of today's sources of a crate where cargo wants what a build script makes.
    pub fn of(sources: &str) -> Source {
        let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the package is"));
        let root = package.ancestors().find(|folder| folder.join("plugin-api/contract").is_dir());
        let from = root.expect("the package lies in the workspace").join(sources);
        println!("cargo:rerun-if-changed={}", from.display());
        let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
        copy(&from, &folder);
        Source { folder }
    }

    /// Changes one file; the text to be replaced must stand there exactly once.
    pub fn change(&self, file: &str, before: &str, after: &str) {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).expect("the sources were copied");
        assert_eq!(text.matches(before).count(), 1, "{file}: `{before}` must stand there once; adapt the variant");
        fs::write(&path, text.replace(before, after)).expect("the variant can be written");
    }

    /// Puts something behind a text that stands in one file exactly once.
    pub fn put_behind(&self, file: &str, here: &str, more: &str) {
        self.change(file, here, &format!("{here}{more}"));
    }

    /// Changes every such text of one file.
    pub fn change_all(&self, file: &str, before: &str, after: &str) {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).expect("the sources were copied");
        assert!(text.contains(before), "{file}: `{before}` must stand there; adapt the variant");
        fs::write(&path, text.replace(before, after)).expect("the variant can be written");
    }

    /// Appends to one file.
    pub fn append(&self, file: &str, more: &str) {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).expect("the sources were copied");
        fs::write(&path, text + more).expect("the variant can be written");
    }

    /// Takes away what an included file cannot have: inner comments and attributes at its top.
    pub fn make_includable(&self, file: &str) {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).expect("the sources were copied");
        let is_inner = |line: &str| line.starts_with("//!") || line.starts_with("#![");
        let body: String = text.lines().filter(|line| !is_inner(line)).flat_map(|line| [line, "\n"]).collect();
        fs::write(&path, body).expect("the variant can be written");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the variant can be written");
    for entry in fs::read_dir(from).expect("the sources can be read") {
        let path = entry.expect("the sources can be read").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("the variant can be written");
        }
    }
}
