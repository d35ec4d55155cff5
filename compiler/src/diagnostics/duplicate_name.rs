//! Two declarations of one name.

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct DuplicateName {
    pub kind: &'static str,
    pub name: String,
    pub span: Span,
    pub first: Span,
}

impl DuplicateName {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            secondary: vec![Label::new(self.first, "first declared here")],
            help: Some(format!("rename or remove one {}", self.kind)),
            ..Diagnostic::error(
                Self::NAME,
                format!("the {} {} is declared twice", self.kind, quoted(&self.name)),
                Label::new(self.span, "declared again here"),
            )
        }
    }
}
