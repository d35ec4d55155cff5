//! Aspects that a root policy never mentions: it denies them, which is worth saying once.

use tappass_ir::vocabulary::Aspect;

use crate::diagnostics::{Diagnostic, UndeclaredAspect};
use crate::hir::{Policy, Program};
use crate::load::Loaded;

const DENIED_IN_SILENCE: [Aspect; 4] = [
    Aspect::Network,
    Aspect::Filesystem,
    Aspect::Tools,
    Aspect::Interpreter,
];

pub(super) fn undeclared(
    loaded: &Loaded,
    program: &Program<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let roots = program
        .policies
        .iter()
        .filter(|policy| policy.parents.is_empty() && !loaded.is_curated(policy.file));
    for policy in roots {
        let aspects: Vec<Aspect> = DENIED_IN_SILENCE
            .into_iter()
            .filter(|aspect| !mentions(program, policy, *aspect))
            .collect();
        if !aspects.is_empty() {
            let name = policy.name.text.to_owned();
            diagnostics.push(
                UndeclaredAspect {
                    policy: name,
                    span: policy.name.span,
                    aspects,
                }
                .render(),
            );
        }
    }
}

fn mentions(program: &Program<'_>, policy: &Policy<'_>, aspect: Aspect) -> bool {
    program
        .bodies(policy)
        .any(|body| body.sections.contains(&aspect))
}
