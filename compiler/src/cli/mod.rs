//! Arguments, exit statuses and the way from a folder to a compilation.
//!
//! One file for each command. A command returns what it found ([`Exit`]) or why the machine failed
//! (a miette report); the user's policy is never the subject of the latter.

/// Printing that a reader who has gone does not turn into a crash: `tappassc coverage | head` is fine.
macro_rules! out {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = write!(std::io::stdout(), $($text)*);
    }};
}

/// A line of [`out`].
macro_rules! outln {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

/// [`out`], on standard error.
macro_rules! err {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = write!(std::io::stderr(), $($text)*);
    }};
}

/// A line of [`err`].
macro_rules! errln {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}

mod build;
mod check;
mod coverage;
mod explain;
mod project;
mod provider;
mod report;
mod test;
mod why;

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::{Parser, Subcommand, ValueEnum};
use tappass_ir::vocabulary::Platform;

/// Compiles one policy into the configuration that each agent, sandbox and gateway really reads, and
/// says what is enforced, by whom and how strongly.
#[derive(Debug, Parser)]
#[command(name = "tappassc", version, after_help = EXIT_STATUS)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_STATUS: &str = "Exit status: 0 fine; 1 findings (errors in the policy, a failed test, coverage below the bar, \
a folder that differs); 2 wrong usage; 3 the machine failed (a file that cannot be read or written).";

#[derive(Debug, Subcommand)]
enum Command {
    /// Report what is wrong with the policies
    Check(check::Arguments),
    /// Run the tests that stand in the policies
    Test(test::Arguments),
    /// Write the files that a runtime's tools read
    Build(build::Arguments),
    /// Say what a runtime really enforces, and what is missing
    Coverage(coverage::Arguments),
    /// Say what happens to one request, and why
    Why(why::Arguments),
    /// Print the page about a diagnostic
    Explain(explain::Arguments),
    /// List the providers, or show what one can enforce
    Provider(provider::Arguments),
}

/// What every command that reads a project takes.
#[derive(Debug, clap::Args)]
struct Input {
    /// Policy files, or folders to search for them
    #[arg(default_value = ".")]
    paths: Vec<Utf8PathBuf>,
}

/// The operating system that the runtime's machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlatformArgument {
    Linux,
    Macos,
    Windows,
}

impl From<PlatformArgument> for Platform {
    fn from(argument: PlatformArgument) -> Self {
        match argument {
            PlatformArgument::Linux => Self::Linux,
            PlatformArgument::Macos => Self::Macos,
            PlatformArgument::Windows => Self::Windows,
        }
    }
}

/// What a command found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Fine,
    Findings,
    Usage,
}

pub(super) fn run() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Coverage(arguments) => coverage::run(&arguments),
        Command::Why(arguments) => why::run(&arguments),
        Command::Explain(arguments) => Ok(explain::run(&arguments)),
        Command::Provider(arguments) => Ok(provider::run(&arguments)),
    };
    match result {
        Ok(Exit::Fine) => ExitCode::SUCCESS,
        Ok(Exit::Findings) => ExitCode::from(1),
        Ok(Exit::Usage) => ExitCode::from(2),
        Err(failure) => {
            errln!("{failure:?}");
            ExitCode::from(3)
        }
    }
}
