//! An import of a file that cannot be read.

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct ImportNotFound {
    pub path: String,
    pub span: Span,
    /// Why it cannot be read.
    pub detail: String,
}

impl ImportNotFound {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some("write a path relative to the file that imports".to_owned()),
            ..Diagnostic::error(
                Self::NAME,
                format!("cannot import {}: {}", quoted(&self.path), self.detail),
                Label::new(self.span, "imported here"),
            )
        }
    }
}
