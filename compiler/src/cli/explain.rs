//! `tappassc explain`.

use tappass_compiler::diagnostics;
use tappass_compiler::nearest::nearest;

use super::Exit;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The name that a diagnostic shows in brackets; without one, all names
    diagnostic: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let Some(name) = &arguments.diagnostic else {
        for name in diagnostics::names() {
            outln!("{name}");
        }
        return Exit::Fine;
    };
    if let Some(page) = diagnostics::explain(name) {
        out!("{page}");
        return Exit::Fine;
    }
    let help = match nearest(name, diagnostics::names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`tappassc explain` lists all names".to_owned(),
    };
    errln!("error: no diagnostic is called `{name}`\n  help: {help}");
    Exit::Usage
}
