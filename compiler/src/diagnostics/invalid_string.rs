//! A string that does not end on its line, or an escape that the language does not have.

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct InvalidString {
    pub fault: StringFault,
    pub span: Span,
}

#[derive(Debug)]
pub enum StringFault {
    Unterminated,
    /// As it is written, with the backslash.
    Escape(String),
}

impl InvalidString {
    pub fn render(&self) -> Diagnostic {
        match &self.fault {
            StringFault::Unterminated => Diagnostic {
                help: Some("end the string with `\"` on the line where it begins".to_owned()),
                ..Diagnostic::error(
                    Self::NAME,
                    "this string does not end on its line",
                    Label::new(self.span, "begins here"),
                )
            },
            StringFault::Escape(escape) => Diagnostic {
                help: Some(
                    "write `\\\\` for a backslash; the escapes are `\\\"` `\\\\` `\\n` `\\t` `\\u{..}`"
                        .to_owned(),
                ),
                ..Diagnostic::error(
                    Self::NAME,
                    format!("{} is not an escape", quoted(escape)),
                    Label::new(self.span, "not understood"),
                )
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::expectation::check;

    #[test]
    fn a_string_ends_on_its_line() {
        check(
            r#"
import "base.tappass
#      ^^^^^^^^^^^^^ error[invalid-string]: this string does not end on its line
import "other.tappass"
"#,
        );
    }

    #[test]
    fn every_bad_escape_of_a_string_is_reported() {
        check(
            r#"
import "é\q\u{110000}\\"
#        ^^ error[invalid-string]: `\q` is not an escape
#          ^^^^^^^^^^ error[invalid-string]: `\u{110000}` is not an escape
"#,
        );
    }

    #[test]
    fn an_escaped_quote_does_not_end_the_string() {
        check(r#"import "a\"b\\\u{e9}\n\t""#);
    }

    #[test]
    fn a_backslash_at_the_end_of_the_text_is_no_escape() {
        check(
            r#"
import "a\
#      ^^^ error[invalid-string]: this string does not end on its line"#,
        );
    }
}
