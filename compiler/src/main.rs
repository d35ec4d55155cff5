//! `tappassc`: the command line over the compiler.
//!
//! The library does no IO; this and `cli` are where files are read and written.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line speaks on its streams"
)]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
