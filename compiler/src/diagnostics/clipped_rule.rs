//! A grant partly outside what an ancestor grants.

use tappass_ir::vocabulary::Verb;

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct ClippedRule {
    pub policy: String,
    pub parent: String,
    pub pattern: String,
    pub verb: Verb,
    pub span: Span,
    /// A request that the pattern matches and the ancestor does not grant.
    pub witness: String,
    pub parent_span: Span,
}

impl ClippedRule {
    pub fn render(&self) -> Diagnostic {
        let (policy, parent) = (quoted(&self.policy), quoted(&self.parent));
        Diagnostic {
            secondary: vec![Label::new(
                self.parent_span,
                format!("{parent} grants only a part of it"),
            )],
            help: Some(format!(
                "narrow it in {policy} to what {parent} grants, or grant the rest in {parent}"
            )),
            ..Diagnostic::warning(
                Self::NAME,
                format!(
                    "`{}` {} is partly outside what {parent} grants",
                    self.verb,
                    quoted(&self.pattern)
                ),
                Label::new(
                    self.span,
                    format!(
                        "what is outside stays denied, for example {}",
                        quoted(&self.witness)
                    ),
                ),
            )
        }
    }
}
