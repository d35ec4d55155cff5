//! `tappass-agent`: the hook on every tool call. It has no command that changes anything.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line speaks on its streams"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use tappass_host::answer::Format;
use tappass_host::tree::Disk;
use tappass_host::verify::{Scene, Verdict, verify};
use tappass_host::{guard, keyring};
use tappass_ir::keyring::Keyring;

const USAGE: &str = "\
Judges one tool call against the policy in force

Usage: tappass-agent verify-toolcall --harness claude-code [--keyring DIR]

The call is read from standard input and answered on standard output, in the harness's own format.
Without --keyring, TAPPASS_KEYRING_PATH names the directory. Whatever goes wrong is a refusal.
Exit status: 0 with an answer, 2 without one (harnesses take that as a refusal).";

/// Shorter than any harness's own, so that a refusal is ours and says why.
const DEADLINE: Duration = Duration::from_secs(5);

struct Arguments {
    format: Format,
    keyring: Option<PathBuf>,
    deadline: Duration,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some("verify-toolcall") => {}
        Some("--help" | "-h" | "help") => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some("--version" | "-V") => {
            println!("tappass-agent {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Some(_) | None => return misused("a command is missing"),
    }
    match arguments(words.get(1..).unwrap_or_default()) {
        Ok(arguments) => ExitCode::from(guard::run(arguments.format, arguments.deadline, |call| {
            judge(arguments.keyring.as_deref(), call)
        })),
        Err(detail) => misused(&detail),
    }
}

/// A hook that is called wrongly must refuse, and 2 is what harnesses take as that.
fn misused(detail: &str) -> ExitCode {
    eprintln!("tappass-agent: {detail}\n\n{USAGE}");
    ExitCode::from(2)
}

fn arguments(words: &[String]) -> Result<Arguments, String> {
    let mut format = None;
    let mut keyring = std::env::var_os("TAPPASS_KEYRING_PATH").map(PathBuf::from);
    let mut deadline = DEADLINE;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--harness" => {
                let name = value()?;
                format = Some(
                    Format::of(name)
                        .ok_or_else(|| format!("no answer format is known for `{name}`"))?,
                );
            }
            "--keyring" => keyring = Some(PathBuf::from(value()?)),
            // Only ever earlier, so that nobody can make the hook outwait its harness.
            "--deadline-ms" => {
                let wanted = value()?
                    .parse()
                    .map_err(|_| "--deadline-ms takes a number".to_owned())?;
                deadline = Duration::from_millis(wanted).min(DEADLINE);
            }
            _ => return Err(format!("`{word}` is no option")),
        }
    }
    Ok(Arguments {
        format: format.ok_or("--harness is missing")?,
        keyring,
        deadline,
    })
}

fn judge(directory: Option<&Path>, call: &[u8]) -> Verdict {
    let Some(directory) = directory else {
        return Verdict::refused("no keyring is named: set --keyring or TAPPASS_KEYRING_PATH");
    };
    let files = match keyring::read(directory) {
        Ok(files) => files,
        Err(detail) => return Verdict::refused(detail),
    };
    match Keyring::read(&files.policy) {
        Err(error) => Verdict::refused(format!("the keyring holds {error}")),
        Ok(rulebook) => {
            let scene = Scene {
                rulebook: &rulebook,
                harness: &files.harness,
                binding: &files.binding,
                tree: &Disk,
            };
            verify(&scene, call)
        }
    }
}
