//! Which policy and which runtime a command means, where it does not say.

use crate::hir::{PolicyId, Program, Runtime};
use crate::load::Loaded;
use crate::nearest::nearest;

/// Why a choice cannot be made: one sentence, and what to type instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoChoice {
    pub message: String,
    pub help: String,
}

/// The policy named `wanted`; else the one that a sandbox binds to `runtime`; else the only one that
/// nobody narrows.
pub fn policy(
    loaded: &Loaded,
    program: &Program<'_>,
    wanted: Option<&str>,
    runtime: Option<&str>,
) -> Result<PolicyId, NoChoice> {
    if let Some(wanted) = wanted {
        return program.policy_named(wanted).ok_or_else(|| {
            unknown(
                "policy",
                wanted,
                program.policies.iter().map(|it| it.name.text),
            )
        });
    }
    let mut bound: Vec<PolicyId> = program
        .sandboxes
        .iter()
        .filter(|sandbox| {
            let name = sandbox
                .runtime
                .and_then(|(index, _)| program.runtimes.get(index))
                .map(|it| it.name.text);
            runtime.is_some() && name == runtime
        })
        .filter_map(|sandbox| Some(sandbox.policy?.0))
        .collect();
    bound.sort_unstable();
    bound.dedup();
    if let [only] = bound.as_slice() {
        return Ok(*only);
    }
    let leaves = leaves(loaded, program);
    let named = |ids: &[PolicyId]| -> Vec<String> {
        ids.iter()
            .filter_map(|id| program.policy(*id))
            .map(|policy| format!("`{}`", policy.name.text))
            .collect()
    };
    match (leaves.as_slice(), bound.as_slice()) {
        ([only], []) => Ok(*only),
        ([], _) => Err(NoChoice {
            message: "no policy here".to_owned(),
            help: "write one in a file that ends in `.tappass`".to_owned(),
        }),
        (_, []) => Err(ambiguous(&named(&leaves))),
        (_, bound) => Err(ambiguous(&named(bound))),
    }
}

/// The policies that nobody narrows, those that ship with the compiler apart.
pub fn leaves(loaded: &Loaded, program: &Program<'_>) -> Vec<PolicyId> {
    let narrowed: Vec<PolicyId> = program
        .policies
        .iter()
        .flat_map(|policy| &policy.parents)
        .map(|(id, _)| *id)
        .collect();
    let own = program
        .policies
        .iter()
        .enumerate()
        .filter(|(_, policy)| !loaded.is_curated(policy.file));
    own.map(|(index, _)| PolicyId(index))
        .filter(|id| !narrowed.contains(id))
        .collect()
}

/// The runtime named `wanted`.
pub fn runtime<'p, 's>(
    program: &'p Program<'s>,
    wanted: &str,
) -> Result<&'p Runtime<'s>, NoChoice> {
    program.runtime_named(wanted).ok_or_else(|| {
        unknown(
            "runtime",
            wanted,
            program.runtimes.iter().map(|it| it.name.text),
        )
    })
}

/// The runtimes that a command without `--runtime` speaks of: those that a sandbox binds, else those
/// that the project declares.
pub fn bound_runtimes<'p, 's>(loaded: &Loaded, program: &'p Program<'s>) -> Vec<&'p Runtime<'s>> {
    let mut indices: Vec<usize> = program
        .sandboxes
        .iter()
        .filter_map(|sandbox| Some(sandbox.runtime?.0))
        .collect();
    indices.sort_unstable();
    indices.dedup();
    if indices.is_empty() {
        return program
            .runtimes
            .iter()
            .filter(|runtime| !loaded.is_curated(runtime.file))
            .collect();
    }
    indices
        .into_iter()
        .filter_map(|index| program.runtimes.get(index))
        .collect()
}

fn ambiguous(names: &[String]) -> NoChoice {
    NoChoice {
        message: format!("which policy? There are {}", names.join(", ")),
        help: "name one with `--policy`".to_owned(),
    }
}

fn unknown<'a>(kind: &str, wanted: &str, known: impl Iterator<Item = &'a str>) -> NoChoice {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    let message = format!("no {kind} is called `{wanted}`");
    let help = match nearest(wanted, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "there are {}",
            known
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    NoChoice { message, help }
}
