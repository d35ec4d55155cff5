//! `tappassc test`.

use clap::ValueEnum;
use serde_json::json;
use tappass_compiler::compile;
use tappass_compiler::hir::PolicyId;
use tappass_compiler::load::Loaded;
use tappass_compiler::select;
use tappass_compiler::testing::{self, Failure, Outcome};
use tappass_ir::bundle::to_stable_json;
use tappass_ir::decide::Basis;
use tappass_ir::vocabulary::Platform;

use super::check::counted;
use super::{Exit, Input, project};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Run them on the models of this runtime's files as well
    #[arg(long, value_name = "RUNTIME")]
    under: Option<String>,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> miette::Result<Exit> {
    let loaded = project::open(&arguments.input.paths)?;
    let compilation = compile(&loaded, Platform::Linux);
    if project::print_errors(&loaded, &compilation.diagnostics) {
        return Ok(Exit::Findings);
    }
    let program = &compilation.program;
    if let Some(Err(choice)) = arguments
        .under
        .as_deref()
        .map(|name| select::runtime(program, name))
    {
        return Ok(project::no_choice(&choice));
    }
    let own = program
        .policies
        .iter()
        .enumerate()
        .filter(|(_, policy)| !loaded.is_curated(policy.file));
    let packs = program
        .packs
        .iter()
        .enumerate()
        .filter(|(_, pack)| !loaded.is_curated(pack.file));
    let mut outcomes: Vec<Outcome> = own
        .flat_map(|(index, _)| {
            testing::run(
                program,
                PolicyId(index),
                arguments.under.as_deref(),
                Platform::Linux,
            )
        })
        .collect();
    outcomes
        .extend(packs.flat_map(|(index, _)| testing::run_pack(program, index, Platform::Linux)));
    match arguments.format {
        Format::Human => print_human(&loaded, &outcomes),
        Format::Json => print_json(&loaded, &outcomes),
    }
    let failed = outcomes.iter().any(|outcome| !outcome.failures.is_empty());
    Ok(if failed { Exit::Findings } else { Exit::Fine })
}

fn print_human(loaded: &Loaded, outcomes: &[Outcome]) {
    for outcome in outcomes {
        let mark = if outcome.failures.is_empty() {
            "✓"
        } else {
            "✗"
        };
        let under = outcome
            .under
            .as_ref()
            .map_or_else(String::new, |runtime| format!(" under {runtime}"));
        outln!(
            "{mark} {} · {}{under} ({})",
            outcome.owner,
            outcome.title,
            counted(outcome.cases, "case", "cases")
        );
        for failure in &outcome.failures {
            outln!("    {}: {}", place(loaded, failure), sentence(failure));
        }
    }
    let failed = outcomes
        .iter()
        .filter(|outcome| !outcome.failures.is_empty())
        .count();
    outln!("{} passed, {failed} failed", outcomes.len() - failed);
}

fn place(loaded: &Loaded, failure: &Failure) -> String {
    let position = loaded
        .sources
        .position(failure.span.file, failure.span.start);
    format!(
        "{}:{}:{}",
        loaded.sources.path(failure.span.file),
        position.line + 1,
        position.characters + 1
    )
}

fn sentence(failure: &Failure) -> String {
    let channel = failure
        .channel
        .map_or_else(String::new, |channel| format!(" on {channel}"));
    match &failure.found {
        Ok(effect) => format!(
            "{}{channel}: expected {}, got {effect}{}",
            failure.case,
            failure.expected,
            because(failure)
        ),
        Err(detail) => format!("{}: {detail}", failure.case),
    }
}

fn because(failure: &Failure) -> String {
    let basis = failure
        .decision
        .iter()
        .flat_map(|decision| &decision.basis)
        .next();
    match basis {
        None => String::new(),
        Some(Basis::Rule { layer, .. }) => format!(", by a rule of `{layer}`"),
        Some(Basis::Default { layer, verb }) => {
            format!(", because nothing in `{layer}` grants this {verb}")
        }
        Some(Basis::Unprovable { detail, .. }) => format!(": {detail}"),
    }
}

fn print_json(loaded: &Loaded, outcomes: &[Outcome]) {
    let tests: Vec<_> = outcomes
        .iter()
        .map(|outcome| {
            let failures: Vec<_> = outcome
                .failures
                .iter()
                .map(|failure| json!({ "case": failure.case, "expected": failure.expected, "message": sentence(failure), "place": place(loaded, failure) }))
                .collect();
            json!({ "owner": outcome.owner, "title": outcome.title, "under": outcome.under, "cases": outcome.cases, "failures": failures })
        })
        .collect();
    out!(
        "{}",
        to_stable_json(&json!({ "tests": tests })).unwrap_or_default()
    );
}
