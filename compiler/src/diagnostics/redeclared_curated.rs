//! A declaration under a name that ships with the compiler.

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct RedeclaredCurated {
    pub kind: &'static str,
    pub name: String,
    pub span: Span,
}

impl RedeclaredCurated {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some("choose another name".to_owned()),
            ..Diagnostic::error(
                Self::NAME,
                format!("the {} {} ships with the compiler", self.kind, quoted(&self.name)),
                Label::new(self.span, "declared again here"),
            )
        }
    }
}
