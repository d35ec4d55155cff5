//! Aspects that a root policy never mentions, and so denies.

use tappass_ir::vocabulary::Aspect;

use super::listing::listing;
use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct UndeclaredAspect {
    pub policy: String,
    pub span: Span,
    pub aspects: Vec<Aspect>,
}

impl UndeclaredAspect {
    pub fn render(&self) -> Diagnostic {
        let aspects = listing(self.aspects.iter().map(|aspect| aspect.word()), "and");
        let sections: Vec<&str> = self.aspects.iter().copied().map(empty_section).collect();
        Diagnostic {
            help: Some(format!(
                "write {} to say that this is meant",
                listing(sections, "and")
            )),
            ..Diagnostic::warning(
                Self::NAME,
                format!("the policy {} never mentions {aspects}", quoted(&self.policy)),
                Label::new(self.span, format!("denies all of {aspects}")),
            )
        }
    }
}

/// How a policy mentions an aspect without granting anything.
const fn empty_section(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Identity => "identity { }",
        Aspect::Network => "network { }",
        Aspect::Filesystem => "filesystem { }",
        Aspect::Tools => "tools { }",
        Aspect::Interpreter => "interpreter python { }",
        Aspect::Budget => "budget { }",
        Aspect::ComplianceTags => "compliance [...]",
    }
}
