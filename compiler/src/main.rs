//! `tappassc`: the command line over the compiler.
//!
//! The library does no IO; this and `cli` are where files are read and written.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
