//! Another spelling of a provider's id.

use super::{Diagnostic, Fix, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct ProviderAlias {
    pub alias: String,
    pub span: Span,
    pub id: String,
}

impl ProviderAlias {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some(format!("write {}", quoted(&self.id))),
            fixes: vec![Fix::replace(self.span, self.id.as_str())],
            ..Diagnostic::warning(
                Self::NAME,
                format!(
                    "{} is another name of the provider {}",
                    quoted(&self.alias),
                    quoted(&self.id)
                ),
                Label::new(self.span, "an alias, not the provider's id"),
            )
        }
    }
}
