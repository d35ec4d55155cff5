//! A shell line becomes the commands that it may run, or a refusal.
//!
//! Two parsers must agree on every simple command and redirection ([`analyse`]); words are unquoted as
//! bash does it; argument models remove the choices of spelling, for commands here and for the patterns
//! of ask and deny rules in [`normalise_pattern`]. Whatever no module explicitly knows refuses the line.
//! A line is read as a fresh bash would: no aliases, functions or array variables from before. Nothing
//! here runs a command, reads a file, or decides.

mod agreement;
mod ansi;
mod arithmetic;
mod brush;
mod builtin;
mod caps;
mod cursor;
mod grammar;
mod heredoc;
mod judge;
mod look_through;
mod model;
mod options;
mod pattern;
mod place;
mod refusal;
mod simple;
mod split;
mod substitution;
mod transparent;
mod variable;
mod word;

use tappass_ir::request::exec::{Analysis, ShellLine};

pub use model::MODELLED;
pub use pattern::normalise_pattern;

/// Every simple command that `line` may run, or why that cannot be proven.
///
/// Relative paths stand on `directory`, an absolute path or a variable such as `$project`.
pub fn analyse(line: &str, directory: &str) -> ShellLine {
    let analysis = match judge::line(line, directory) {
        Ok(commands) => Analysis::Commands(commands),
        Err(stop) => Analysis::Refused(stop.into()),
    };
    ShellLine {
        text: line.to_owned(),
        analysis,
    }
}
