//! `tappassc build`.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use miette::miette;
use similar::TextDiff;
use tappass_compiler::cover::coverage;
use tappass_compiler::emit::{Recipe, build};
use tappass_compiler::hir::{Program, Runtime};
use tappass_compiler::load::Loaded;
use tappass_compiler::{bundle, compile, select};
use tappass_ir::coverage::CoverageReport;
use tappass_ir::vocabulary::Platform;

use super::check::counted;
use super::{Exit, Input, PlatformArgument, project, report};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The runtime to build for
    #[arg(long, value_name = "NAME", required_unless_present = "all")]
    runtime: Option<String>,
    /// Build for every runtime that a sandbox binds, else for every one that the project declares
    #[arg(long, conflicts_with = "runtime")]
    all: bool,
    /// The policy to build; found by itself where only one can be meant
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// The operating system of the machines that the runtime stands for
    #[arg(long, value_enum, default_value_t = PlatformArgument::Linux)]
    platform: PlatformArgument,
    /// The folder that receives one folder for each runtime
    #[arg(short, long, value_name = "DIR", default_value = "tappass-out")]
    output: Utf8PathBuf,
    /// Write nothing; compare with what is there, and fail with a diff where it differs
    #[arg(long)]
    check: bool,
    /// Fail if a leak remains that no `accept gap` names
    #[arg(long)]
    deny_gaps: bool,
}

type Files = BTreeMap<String, Vec<u8>>;

pub(super) fn run(arguments: &Arguments) -> miette::Result<Exit> {
    let loaded = project::open(&arguments.input.paths)?;
    let platform = arguments.platform.into();
    let compilation = compile(&loaded, platform);
    if project::print_errors(&loaded, &compilation.diagnostics) {
        return Ok(Exit::Findings);
    }
    let program = &compilation.program;
    let runtimes = match &arguments.runtime {
        Some(name) => match select::runtime(program, name) {
            Ok(runtime) => vec![runtime],
            Err(choice) => return Ok(project::no_choice(&choice)),
        },
        None => select::bound_runtimes(&loaded, program),
    };
    let mut exit = Exit::Fine;
    for runtime in runtimes {
        match one(arguments, &loaded, program, runtime, platform)? {
            Exit::Fine => {}
            Exit::Findings => exit = Exit::Findings,
            Exit::Usage => return Ok(Exit::Usage),
        }
    }
    Ok(exit)
}

fn one(
    arguments: &Arguments,
    loaded: &Loaded,
    program: &Program<'_>,
    runtime: &Runtime<'_>,
    platform: Platform,
) -> miette::Result<Exit> {
    let policy = match select::policy(
        loaded,
        program,
        arguments.policy.as_deref(),
        Some(runtime.name.text),
    ) {
        Ok(policy) => policy,
        Err(choice) => return Ok(project::no_choice(&choice)),
    };
    let recipe = Recipe::of(program, runtime);
    let built = build(program, policy, &recipe, platform);
    let report = coverage(program, policy, &recipe, platform, &built);
    let files = bundle::files(&built, &report).map_err(|detail| miette!("{detail}"))?;
    let folder = arguments.output.join(runtime.name.text);
    let differs = if arguments.check {
        compare(&folder, &files)?
    } else {
        write(&folder, &files)?;
        outln!("wrote {folder}/");
        for path in files.keys() {
            outln!("  {path}");
        }
        outln!();
        out!("{}", report::table(&report));
        false
    };
    let open = judge_gaps(&report, arguments.deny_gaps);
    Ok(if differs || open {
        Exit::Findings
    } else {
        Exit::Fine
    })
}

/// Whether gaps that nobody accepted fail the build.
fn judge_gaps(report: &CoverageReport, deny: bool) -> bool {
    let open: Vec<_> = report
        .gaps
        .iter()
        .filter(|gap| gap.accepted.is_none())
        .collect();
    if deny {
        for gap in &open {
            errln!(
                "error: gap `{}` is not accepted\n  {}",
                gap.name,
                gap.consequence
            );
        }
        if !open.is_empty() {
            errln!("help: close them, or write `accept gap NAME because \"...\"` in the policy");
        }
    } else if !open.is_empty() {
        errln!(
            "warning: {} that nobody accepted: tappassc coverage --runtime {} --rules",
            counted(open.len(), "gap", "gaps"),
            report.runtime
        );
    }
    deny && !open.is_empty()
}

/// Puts the bundle in place as a whole: it is written beside and renamed over, so that neither a full
/// disk nor a kill leaves half of it.
fn write(folder: &Utf8Path, files: &Files) -> miette::Result<()> {
    let cannot = |what: &Utf8Path, error: std::io::Error| {
        miette!(
            help = "choose another folder with `-o`",
            "{what} cannot be written: {error}"
        )
    };
    let parent = folder.parent().unwrap_or(Utf8Path::new("."));
    let name = folder.file_name().unwrap_or("bundle");
    if folder.exists()
        && !folder.join("bundle.json").exists()
        && folder
            .read_dir_utf8()
            .is_ok_and(|mut entries| entries.next().is_some())
    {
        return Err(miette!(
            help = "choose another folder with `-o`, or empty this one",
            "{folder} holds something else than a bundle"
        ));
    }
    let beside = parent.join(format!(".{name}.{}.new", std::process::id()));
    let old = parent.join(format!(".{name}.{}.old", std::process::id()));
    let written = files.iter().try_for_each(|(path, content)| {
        let target = beside.join(path);
        let folder = target.parent().unwrap_or(&beside);
        fs::create_dir_all(folder).map_err(|error| cannot(folder, error))?;
        fs::write(&target, content).map_err(|error| cannot(&target, error))
    });
    let swapped = written.and_then(|()| {
        if folder.exists() {
            fs::rename(folder, &old).map_err(|error| cannot(folder, error))?;
        }
        fs::rename(&beside, folder).map_err(|error| {
            // What was there before comes back, whatever kept the new one out.
            let _ = fs::rename(&old, folder);
            cannot(folder, error)
        })
    });
    let _ = fs::remove_dir_all(&beside);
    let _ = fs::remove_dir_all(&old);
    swapped
}

/// Prints how the folder differs from the bundle; true if it does.
fn compare(folder: &Utf8Path, files: &Files) -> miette::Result<bool> {
    let mut present = Vec::new();
    if folder.exists() {
        collect(folder, folder, &mut present)?;
    }
    let mut differs = false;
    for path in present.iter().filter(|path| !files.contains_key(*path)) {
        outln!("only in {folder}: {path}");
        differs = true;
    }
    for (path, content) in files {
        let found = fs::read(folder.join(path)).ok();
        if found.as_ref() != Some(content) {
            differs = true;
            show_difference(folder, path, found.as_deref(), content);
        }
    }
    if !differs {
        outln!("{folder} is up to date");
    }
    Ok(differs)
}

fn show_difference(folder: &Utf8Path, path: &str, found: Option<&[u8]>, wanted: &[u8]) {
    let Some(found) = found else {
        return outln!("missing in {folder}: {path}");
    };
    match (std::str::from_utf8(found), std::str::from_utf8(wanted)) {
        (Ok(found), Ok(wanted)) if Utf8Path::new(path).extension() != Some("bin") => {
            let diff = TextDiff::from_lines(found, wanted);
            out!(
                "{}",
                diff.unified_diff()
                    .header(&format!("{folder}/{path}"), "what build writes")
            );
        }
        (_, _) => outln!("differs in {folder}: {path}"),
    }
}

fn collect(root: &Utf8Path, folder: &Utf8Path, found: &mut Vec<String>) -> miette::Result<()> {
    let cannot = |error: std::io::Error| miette!("{folder} cannot be read: {error}");
    for entry in folder.read_dir_utf8().map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        if entry.file_type().map_err(cannot)?.is_dir() {
            collect(root, entry.path(), found)?;
        } else {
            found.push(
                entry
                    .path()
                    .strip_prefix(root)
                    .unwrap_or(entry.path())
                    .to_string(),
            );
        }
    }
    found.sort();
    Ok(())
}
