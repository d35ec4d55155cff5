//! A name that means nothing where it stands.

use super::listing::listing;
use super::{Diagnostic, Fix, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct UnknownName {
    /// What the name should be that of: `policy`, `pack`, `field`, ...
    pub kind: &'static str,
    pub name: String,
    pub span: Span,
    pub nearest: Option<String>,
    /// All names of that kind.
    pub known: Vec<String>,
}

impl UnknownName {
    pub fn render(&self) -> Diagnostic {
        let fix = self.nearest.clone();
        Diagnostic {
            help: Some(self.help()),
            fixes: fix
                .map(|nearest| Fix::replace(self.span, nearest))
                .into_iter()
                .collect(),
            ..Diagnostic::error(
                Self::NAME,
                format!("unknown {} {}", self.kind, quoted(&self.name)),
                Label::new(self.span, self.label()),
            )
        }
    }

    fn label(&self) -> String {
        self.nearest.as_ref().map_or_else(
            || format!("no {} has this name", self.kind),
            |nearest| format!("did you mean {}?", quoted(nearest)),
        )
    }

    fn help(&self) -> String {
        if let Some(nearest) = &self.nearest {
            return format!("write {}", quoted(nearest));
        }
        if self.known.is_empty() {
            return format!("declare the {}, or import the file that does", self.kind);
        }
        format!("write {}", listing(self.known.iter().map(String::as_str), "or"))
    }
}
