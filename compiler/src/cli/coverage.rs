//! `tappassc coverage`.

use clap::ValueEnum;
use miette::miette;
use tappass_compiler::cover::coverage;
use tappass_compiler::emit::{Recipe, build};
use tappass_compiler::hir::Runtime;
use tappass_compiler::{compile, select};
use tappass_ir::bundle::to_stable_json;
use tappass_ir::coverage::{AspectExtent, CoverageReport};
use tappass_ir::vocabulary::Aspect;

use super::{Exit, Input, PlatformArgument, project, report};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The runtime to report on; else every one that a sandbox binds or the project declares
    #[arg(long, value_name = "NAME")]
    runtime: Option<String>,
    /// Report on every runtime, those that ship with the compiler included
    #[arg(long, conflicts_with = "runtime")]
    all: bool,
    /// The policy; found by itself where only one can be meant
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// The operating system of the machines that the runtime stands for
    #[arg(long, value_enum, default_value_t = PlatformArgument::Linux)]
    platform: PlatformArgument,
    /// List every rule on every channel, with witnesses
    #[arg(long)]
    rules: bool,
    /// Fail below this: a number of full aspects, or `ASPECT=full` or `ASPECT=partial`
    #[arg(long, value_name = "BAR", value_parser = bar)]
    min: Vec<Bar>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Markdown,
}

/// What a report must reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bar {
    Full(usize),
    Aspect(Aspect, AspectExtent),
}

fn bar(text: &str) -> Result<Bar, String> {
    let Some((aspect, extent)) = text.split_once('=') else {
        return text.parse().map(Bar::Full).map_err(|_| {
            "a number, or an aspect with its extent such as `network=full`".to_owned()
        });
    };
    let aspect = Aspect::from_word(aspect).ok_or_else(|| format!("`{aspect}` is no aspect"))?;
    let extent = AspectExtent::from_word(extent)
        .ok_or_else(|| format!("`{extent}` is neither `full` nor `partial`"))?;
    Ok(Bar::Aspect(aspect, extent))
}

pub(super) fn run(arguments: &Arguments) -> miette::Result<Exit> {
    let loaded = project::open(&arguments.input.paths)?;
    let platform = arguments.platform.into();
    let compilation = compile(&loaded, platform);
    if project::print_errors(&loaded, &compilation.diagnostics) {
        return Ok(Exit::Findings);
    }
    let program = &compilation.program;
    let runtimes: Vec<&Runtime<'_>> = match &arguments.runtime {
        Some(name) => match select::runtime(program, name) {
            Ok(runtime) => vec![runtime],
            Err(choice) => return Ok(project::no_choice(&choice)),
        },
        None if arguments.all => program.runtimes.iter().collect(),
        None => select::bound_runtimes(&loaded, program),
    };
    if runtimes.is_empty() {
        errln!(
            "error: no sandbox binds a runtime here, and none is declared\n  help: name one with `--runtime`, such as `claude-code-laptop`"
        );
        return Ok(Exit::Usage);
    }
    let mut reports = Vec::new();
    for runtime in runtimes {
        // Where there is no policy, a runtime is measured with the one that exercises every aspect.
        let wanted = arguments.policy.as_deref().or_else(|| {
            select::leaves(&loaded, program)
                .is_empty()
                .then_some("reference")
        });
        let policy = match select::policy(&loaded, program, wanted, Some(runtime.name.text)) {
            Ok(policy) => policy,
            Err(choice) => return Ok(project::no_choice(&choice)),
        };
        let recipe = Recipe::of(program, runtime);
        let built = build(program, policy, &recipe, platform);
        reports.push(coverage(program, policy, &recipe, platform, &built));
    }
    print(arguments, &reports)?;
    Ok(if below(&arguments.min, &reports) {
        Exit::Findings
    } else {
        Exit::Fine
    })
}

fn print(arguments: &Arguments, reports: &[CoverageReport]) -> miette::Result<()> {
    match arguments.format {
        Format::Table => {
            for (index, report) in reports.iter().enumerate() {
                if index > 0 {
                    outln!();
                }
                out!("{}", report::table(report));
                if arguments.rules {
                    out!("\n{}", report::rules(report));
                }
            }
        }
        Format::Markdown => {
            for report in reports {
                out!("{}", report::markdown(report, arguments.rules));
            }
        }
        Format::Json => out!(
            "{}",
            to_stable_json(&reports)
                .map_err(|error| miette!("the report cannot be written as JSON: {error}"))?
        ),
    }
    Ok(())
}

/// Says which bars are not reached; true if any is not.
fn below(bars: &[Bar], reports: &[CoverageReport]) -> bool {
    let mut below = false;
    for report in reports {
        for bar in bars {
            let missed = match bar {
                Bar::Full(least) if report.headline.full < *least => Some(format!(
                    "{} aspects full, {least} wanted",
                    report.headline.full
                )),
                Bar::Full(_) => None,
                Bar::Aspect(aspect, least) => report
                    .rows
                    .iter()
                    .find(|row| row.aspect == *aspect)
                    .and_then(|row| row.extent)
                    .filter(|extent| extent < least)
                    .map(|extent| format!("{aspect} is {extent}, {least} wanted")),
            };
            if let Some(missed) = missed {
                errln!("error: {}: {missed}", report.runtime);
                below = true;
            }
        }
    }
    below
}
