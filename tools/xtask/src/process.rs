//! Running other programs: echoed first, so that a log shows what to type to see the same again.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use crate::failure::{Context, Failure, Outcome};

/// The cargo that started us, so that a toolchain override stays in force.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let mut words = vec![name.to_string_lossy().into_owned()];
    for argument in command.get_args() {
        let argument = argument.to_string_lossy();
        let plain = !argument.is_empty() && !argument.contains(char::is_whitespace);
        words.push(if plain { argument.into_owned() } else { format!("'{argument}'") });
    }
    words.join(" ")
}

/// Runs a command with our own output and input.
///
/// # Errors
/// The program is missing, or it ended with anything but 0.
pub fn run(command: &mut Command) -> Outcome<()> {
    eprintln!("$ {}", shown(command));
    let status = command.status().while_doing(shown(command))?;
    if status.success() { Ok(()) } else { Err(Failure::refused(format!("{} ended with {status}", shown(command)))) }
}

/// Runs a command quietly and returns what it wrote to standard output.
///
/// # Errors
/// The program is missing, or it ended with anything but 0: then what it wrote to standard error.
pub fn output_of(command: &mut Command) -> Outcome<String> {
    let output = command.stdin(Stdio::null()).output().while_doing(shown(command))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::refused(format!("{} ended with {}\n{}", shown(command), output.status, said.trim_end())));
    }
    String::from_utf8(output.stdout).while_doing(shown(command))
}

/// Everything a teed command wrote, standard output and standard error in one.
pub struct Teed {
    /// Whether it ended with 0.
    pub success: bool,
    /// All lines of both streams, in about the order they came.
    pub text: String,
}

/// Runs a command, shows its output as it comes and keeps it too.
///
/// # Errors
/// The program is missing or its output could not be read.
pub fn tee(command: &mut Command) -> Outcome<Teed> {
    eprintln!("$ {}", shown(command));
    let doing = shown(command);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().while_doing(&doing)?;
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
        child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
    ];
    let readers: Vec<_> =
        streams.into_iter().flatten().map(|stream| thread::spawn(move || copy_lines(stream))).collect();
    let mut text = String::new();
    for reader in readers {
        text.push_str(&reader.join().map_err(|_| Failure::refused(format!("{doing}: its output could not be read")))?);
    }
    let status = child.wait().while_doing(&doing)?;
    Ok(Teed { success: status.success(), text })
}

fn copy_lines(stream: impl Read) -> String {
    let mut kept = String::new();
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(read) if read > 0) {
        // A closed standard output must not end the run whose result we still want to know.
        let _ = std::io::stdout().write_all(&line);
        kept.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    kept
}

/// Where a program stands on the PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("/somewhere/bin/cargo");
        command.args(["test", "--", "two words"]);
        assert_eq!(shown(&command), "cargo test -- 'two words'");
    }

    #[test]
    fn both_streams_are_kept() {
        let teed = tee(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        assert!(!teed.success);
        assert!(teed.text.contains("out\n") && teed.text.contains("err\n"), "{}", teed.text);
    }

    #[test]
    fn a_failing_command_says_why() {
        let failure = output_of(Command::new("sh").args(["-c", "echo no such shop >&2; exit 3"])).unwrap_err();
        assert!(failure.to_string().contains("no such shop"), "{failure}");
        assert!(find_program("no-such-program-anywhere").is_none());
        assert!(find_program("sh").is_some());
    }
}
