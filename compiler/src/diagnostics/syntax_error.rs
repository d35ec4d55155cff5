//! Text that fits no statement, where no other diagnostic knows better.

use super::{Diagnostic, Fix, Label, quoted};
use crate::source::{FileId, Span};

#[derive(Debug)]
pub struct SyntaxError {
    message: String,
    label: String,
    span: Span,
    replacement: Option<&'static str>,
}

impl SyntaxError {
    /// `found` stands where something else was expected.
    pub fn found(expected: &str, found: &str, span: Span) -> Self {
        Self {
            message: format!("expected {expected}, found {}", quoted(found)),
            label: format!("expected {expected}"),
            span,
            replacement: None,
        }
    }

    /// Like [`Self::found`], where it is clear what was meant.
    pub fn replaceable(expected: &str, found: &str, span: Span, meant: &'static str) -> Self {
        Self {
            replacement: Some(meant),
            ..Self::found(expected, found, span)
        }
    }

    /// The statement ends where it needs more. `span` is that of its last word, `after`.
    pub fn after(expected: &str, after: &str, span: Span) -> Self {
        Self {
            message: format!("expected {expected} after {}", quoted(after)),
            label: format!("expected {expected} after this"),
            span,
            replacement: None,
        }
    }

    /// Offsets are 32 bits wide.
    pub fn too_long(file: FileId) -> Self {
        Self {
            message: "the file is longer than 4 GiB".to_owned(),
            label: "not read".to_owned(),
            span: Span::new(file, 0, 0),
            replacement: None,
        }
    }

    pub fn render(&self) -> Diagnostic {
        let fix = self.replacement.map(|meant| Fix::replace(self.span, meant));
        Diagnostic {
            help: self.replacement.map(|meant| format!("write `{meant}`")),
            fixes: fix.into_iter().collect(),
            ..Diagnostic::error(
                Self::NAME,
                self.message.clone(),
                Label::new(self.span, self.label.clone()),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::expectation::check;

    #[test]
    fn it_says_what_was_expected_and_what_was_found() {
        check(
            r#"
policy p {
  tools {
    deny exec "rm" because audit
#                          ^^^^^ error[syntax-error]: expected a quoted string, found `audit`
    limit calls / min
#               ^ error[syntax-error]: expected a number, found `/`
    limit calls 1.2.3 / min
#               ^^^^^ error[syntax-error]: expected a number, found `1.2.3`
    allow exec {
#              ^ error[syntax-error]: expected a pattern, found `{`
    }
  }
}
"#,
        );
    }

    #[test]
    fn a_statement_that_ends_too_early_is_marked_at_its_last_word() {
        check(
            r#"
policy p {
  filesystem {
    allow read
#         ^^^^ error[syntax-error]: expected a pattern after `read`
    deny read "/tmp/x"
  }
}
"#,
        );
    }

    #[test]
    fn an_equals_sign_is_understood_as_a_colon() {
        let found = check(
            r#"
server s { url = "https://x.example" }
#              ^ error[syntax-error]: expected `:`, found `=`
"#,
        );
        assert_eq!(found[0].fixes[0].edits[0].replacement, ":");
    }

    #[test]
    fn an_equals_sign_for_an_arrow_has_a_fix() {
        let found = check(
            r#"
policy p {
  test "t" {
    read "/tmp/x" = allow
#                 ^ error[syntax-error]
    read "/tmp/y" => allow
  }
}
"#,
        );
        assert_eq!(found[0].fixes[0].edits[0].replacement, "=>");
    }

    #[test]
    fn an_empty_list_is_no_pattern() {
        check(
            r"
policy p { tools { deny exec [] } }
#                             ^ error[syntax-error]: expected a pattern, found `]`
",
        );
    }
}
