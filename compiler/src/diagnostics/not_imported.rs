//! A name of another file that this one does not import.

use super::{Diagnostic, Edit, Fix, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct NotImported {
    pub kind: &'static str,
    pub name: String,
    pub span: Span,
    pub declared: Span,
    /// The path by which the file of `span` would import that of `declared`.
    pub import: String,
}

impl NotImported {
    pub fn render(&self) -> Diagnostic {
        let statement = self.statement();
        Diagnostic {
            secondary: vec![Label::new(self.declared, "declared here")],
            help: Some(format!("begin the file with {}", quoted(&statement))),
            fixes: vec![self.fix(&statement)],
            ..Diagnostic::error(
                Self::NAME,
                format!(
                    "the {} {} is declared in a file that this one does not import",
                    self.kind,
                    quoted(&self.name)
                ),
                Label::new(self.span, "not known in this file"),
            )
        }
    }

    fn statement(&self) -> String {
        let path = self.import.replace('\\', r"\\").replace('"', r#"\""#);
        format!("import \"{path}\"")
    }

    fn fix(&self, statement: &str) -> Fix {
        Fix {
            title: format!("add {}", quoted(statement)),
            edits: vec![Edit {
                span: Span::new(self.span.file, 0, 0),
                replacement: format!("{statement}\n"),
            }],
        }
    }
}
