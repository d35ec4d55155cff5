//! A field that stands twice in one block.

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct DuplicateField {
    pub name: String,
    pub span: Span,
    pub first: Span,
}

impl DuplicateField {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            secondary: vec![Label::new(self.first, "it stands here first")],
            help: Some("remove one of the two".to_owned()),
            ..Diagnostic::error(
                Self::NAME,
                format!("the field {} stands twice", quoted(&self.name)),
                Label::new(self.span, "it stands here again"),
            )
        }
    }
}
