//! A grant wholly outside what an ancestor grants.

use tappass_ir::vocabulary::Verb;

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct WidensParent {
    pub policy: String,
    pub parent: String,
    pub pattern: String,
    pub verb: Verb,
    pub span: Span,
    /// A request that the pattern matches and the ancestor does not grant.
    pub witness: String,
    pub parent_span: Span,
}

impl WidensParent {
    pub fn render(&self) -> Diagnostic {
        let (policy, parent) = (quoted(&self.policy), quoted(&self.parent));
        Diagnostic {
            secondary: vec![Label::new(
                self.parent_span,
                format!("{parent} grants none of it"),
            )],
            help: Some(format!("remove it from {policy}, or grant it in {parent}")),
            ..Diagnostic::error(
                Self::NAME,
                format!(
                    "`{}` {} is outside what {parent} grants",
                    self.verb,
                    quoted(&self.pattern)
                ),
                Label::new(
                    self.span,
                    format!("for example {}", quoted(&self.witness)),
                ),
            )
        }
    }
}
