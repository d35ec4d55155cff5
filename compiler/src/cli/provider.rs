//! `tappassc provider`.

use clap::Subcommand;
use tappass_backends::{PLANNED, PROVIDERS, Provider, planned, provider};
use tappass_compiler::nearest::nearest;
use tappass_ir::vocabulary::Ring;

use super::Exit;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the providers by ring
    List,
    /// Show what a provider can enforce at most, how strongly, and how that is known
    Show {
        /// The id that a runtime names
        id: String,
    },
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    match &arguments.command {
        Command::List => list(),
        Command::Show { id } => show(id),
    }
}

fn list() -> Exit {
    for ring in Ring::ALL {
        outln!("{ring}");
        for provider in PROVIDERS.iter().filter(|provider| provider.ring() == *ring) {
            let tool = provider.tool();
            outln!("  {:<22} {} {}", provider.id(), tool.name, tool.version);
        }
        for (_, id) in PLANNED.iter().filter(|(of, _)| of == ring) {
            outln!("  {id:<22} no provider yet: enforces nothing");
        }
    }
    Exit::Fine
}

fn show(id: &str) -> Exit {
    if let Some(provider) = provider(id) {
        print_provider(provider);
        return Exit::Fine;
    }
    if let Some(ring) = planned(id) {
        outln!("{id} · {ring}\nno provider yet: a runtime may name it, and it enforces nothing");
        return Exit::Fine;
    }
    let known: Vec<&str> = PROVIDERS
        .iter()
        .map(|provider| provider.id())
        .chain(PLANNED.iter().map(|(_, id)| *id))
        .collect();
    let help = match nearest(id, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`tappassc provider list` lists all".to_owned(),
    };
    errln!("error: no provider is called `{id}`\n  help: {help}");
    Exit::Usage
}

fn print_provider(provider: &dyn Provider) {
    let tool = provider.tool();
    outln!(
        "{} · {} · {} {}",
        provider.id(),
        provider.ring(),
        tool.name,
        tool.version
    );
    outln!("facts from {}\n", tool.source);
    for claim in provider.claims() {
        let words = |list: Vec<&str>| list.join(" ");
        outln!(
            "{} by {} [{}, {}]",
            claim.aspect,
            claim.mechanism,
            claim.strength,
            claim.evidence
        );
        outln!(
            "  {} on {}",
            words(claim.verbs.iter().map(|it| it.word()).collect()),
            words(claim.channels.iter().map(|it| it.word()).collect())
        );
        outln!("  {}", claim.note);
    }
}
