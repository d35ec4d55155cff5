//! A pattern that says nothing beyond another one.

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct RedundantRule {
    pub pattern: String,
    pub span: Span,
    pub covered_by: Span,
}

impl RedundantRule {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            secondary: vec![Label::new(self.covered_by, "this covers all of it")],
            help: Some("remove it".to_owned()),
            ..Diagnostic::warning(
                Self::NAME,
                format!("the pattern {} is redundant", quoted(&self.pattern)),
                Label::new(self.span, "changes no decision"),
            )
        }
    }
}
