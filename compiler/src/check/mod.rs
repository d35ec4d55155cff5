//! What a sound program may still get wrong: rules that contradict or repeat each other, layers that
//! reach beyond their ancestors, aspects that nobody mentioned.
//!
//! Each check is a function from the program to diagnostics. Proofs take steps from one budget, and
//! what it does not reach is reported as not proven.

mod aspects;
mod conflicts;
mod narrowing;

use tappass_ir::algebra::Language;
use tappass_ir::pattern::Pattern;
use tappass_ir::vocabulary::{Effect, Method};

use crate::diagnostics::Diagnostic;
use crate::hir::Program;
use crate::load::Loaded;

pub fn check(loaded: &Loaded, program: &Program<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    aspects::undeclared(loaded, program, &mut diagnostics);
    conflicts::conflicts(loaded, program, &mut diagnostics);
    narrowing::narrowing(program, &mut diagnostics);
    diagnostics
}

/// The requests that one pattern of a rule with `effect` matches.
fn language(pattern: &Pattern, effect: Effect, module: bool, methods: &[Method]) -> Language {
    match (pattern, effect) {
        (Pattern::Path(path), Effect::Allow | Effect::Ask) => Language::path(path),
        (Pattern::Path(path), Effect::Deny) => Language::path_and_beneath(path),
        (Pattern::Host(host), Effect::Allow) => Language::connect(host, methods),
        (Pattern::Host(host), Effect::Ask | Effect::Deny) => {
            Language::connect_covered(host, methods)
        }
        (Pattern::Argv(argv), _) => Language::argv(argv),
        (Pattern::Mcp(mcp), _) => Language::mcp(mcp),
        (Pattern::Name(name), _) if module => Language::module(name),
        (Pattern::Name(name), _) => Language::name(name),
    }
}
