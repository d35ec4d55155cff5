//! The files of a project on disk.

use std::fs;
use std::io::{IsTerminal, Read};

use camino::{Utf8Path, Utf8PathBuf};
use miette::miette;
use tappass_compiler::diagnostics::{Diagnostic, Severity, render};
use tappass_compiler::load::{Loaded, Loader, load};
use tappass_compiler::select::NoChoice;

use super::Exit;

/// No policy that people write is larger; what is, is another file.
const LARGEST: u64 = 16 * 1024 * 1024;

const EXTENSION: &str = "tappass";

struct Disk;

impl Loader for Disk {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        let cannot = |error: std::io::Error| format!("cannot be read: {error}");
        let file = fs::File::open(path).map_err(cannot)?;
        let length = file.metadata().map_err(cannot)?.len();
        let mut bytes = Vec::new();
        // A pipe has no length, so the cap is on what is read.
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(cannot)?;
        if bytes.len() as u64 > LARGEST {
            let found = length.max(LARGEST + 1).div_ceil(1024 * 1024);
            return Err(format!(
                "has {found} MiB, and a policy file has at most {}: split it, or name another file",
                LARGEST / 1024 / 1024
            ));
        }
        String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..valid).unwrap_or_default();
            let line = String::from_utf8_lossy(before).matches('\n').count() + 1;
            format!("is not UTF-8: line {line}, byte {valid} of the file; save it as UTF-8")
        })
    }
}

/// Loads the files at `paths`; a folder stands for every policy file beneath it.
pub(super) fn open(paths: &[Utf8PathBuf]) -> miette::Result<Loaded> {
    let mut roots = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| {
            miette!(
                help = "name a policy file or a folder",
                "{path} cannot be read: {error}"
            )
        })?;
        if metadata.is_dir() {
            search(path, &mut roots)?;
        } else {
            roots.push(path.clone());
        }
    }
    roots.sort();
    load(&roots, &Disk).map_err(|(path, detail)| miette!("{path} {detail}"))
}

/// Policy files beneath `folder`, in order; hidden folders and those of builds and packages are passed over.
fn search(folder: &Utf8Path, found: &mut Vec<Utf8PathBuf>) -> miette::Result<()> {
    let entries = folder
        .read_dir_utf8()
        .map_err(|error| miette!("{folder} cannot be read: {error}"))?;
    for entry in entries {
        let entry = entry.map_err(|error| miette!("{folder} cannot be read: {error}"))?;
        let kind = entry
            .file_type()
            .map_err(|error| miette!("{} cannot be read: {error}", entry.path()))?;
        let name = entry.file_name();
        if kind.is_dir() {
            if !name.starts_with('.') && !["target", "node_modules"].contains(&name) {
                search(entry.path(), found)?;
            }
        } else if entry.path().extension() == Some(EXTENSION) {
            found.push(entry.path().to_owned());
        }
    }
    Ok(())
}

/// Prints the diagnostics on standard error; true if any of them is an error.
pub(super) fn print_problems(loaded: &Loaded, diagnostics: &[Diagnostic]) -> bool {
    err!(
        "{}",
        render::render(diagnostics, &loaded.sources, colour(&std::io::stderr()))
    );
    diagnostics.iter().any(Diagnostic::is_error)
}

/// As [`print_problems`], for a command that is about something else: warnings are `check`'s.
pub(super) fn print_errors(loaded: &Loaded, diagnostics: &[Diagnostic]) -> bool {
    let errors: Vec<Diagnostic> = diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Error)
        .cloned()
        .collect();
    print_problems(loaded, &errors)
}

pub(super) fn colour(stream: &impl IsTerminal) -> render::Colour {
    let wanted =
        stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if wanted {
        render::Colour::On
    } else {
        render::Colour::Off
    }
}

/// Says why a choice cannot be made.
pub(super) fn no_choice(choice: &NoChoice) -> Exit {
    errln!("error: {}\n  help: {}", choice.message, choice.help);
    Exit::Usage
}
