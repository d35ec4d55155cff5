//! `tappassc check`.

use clap::ValueEnum;
use tappass_compiler::compile;
use tappass_compiler::diagnostics::{Severity, json, plain};
use tappass_ir::bundle::to_stable_json;
use tappass_ir::vocabulary::Platform;

use super::{Exit, Input, project};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Count warnings as errors
    #[arg(long)]
    deny_warnings: bool,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The source with its faults marked
    Human,
    /// One line each: `file:line:column: severity[name]: message`
    Plain,
    /// A list with spans and machine-applicable fixes
    Json,
}

pub(super) fn run(arguments: &Arguments) -> miette::Result<Exit> {
    let loaded = project::open(&arguments.input.paths)?;
    let compilation = compile(&loaded, Platform::Linux);
    let found = &compilation.diagnostics;
    match arguments.format {
        Format::Human => {
            project::print_problems(&loaded, found);
            let count = |severity| found.iter().filter(|it| it.severity == severity).count();
            let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
            let policies = compilation
                .program
                .policies
                .iter()
                .filter(|policy| !loaded.is_curated(policy.file))
                .count();
            errln!(
                "{}, {}, {}",
                counted(policies, "policy", "policies"),
                counted(errors, "error", "errors"),
                counted(warnings, "warning", "warnings")
            );
        }
        Format::Plain => out!("{}", plain::plain(found, &loaded.sources)),
        Format::Json => out!(
            "{}",
            to_stable_json(&json::reports(found, &loaded.sources)).unwrap_or_default()
        ),
    }
    let fails = |severity| {
        severity == Severity::Error || (arguments.deny_warnings && severity == Severity::Warning)
    };
    Ok(if found.iter().any(|it| fails(it.severity)) {
        Exit::Findings
    } else {
        Exit::Fine
    })
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
