//! A character that the language has no use for, or that a screen does not show as it is read.

use super::{Diagnostic, Label};
use crate::source::Span;

#[derive(Debug)]
pub struct InvalidCharacter {
    pub found: char,
    pub span: Span,
}

impl InvalidCharacter {
    pub fn render(&self) -> Diagnostic {
        let code = format!("U+{:04X}", u32::from(self.found));
        let visible = !self.found.is_control() && !self.found.is_whitespace();
        let shown = if visible && self.found.is_ascii() {
            format!("`{}`", self.found)
        } else {
            code
        };
        Diagnostic {
            help: self.help().map(str::to_owned),
            ..Diagnostic::error(
                Self::NAME,
                format!("the character {shown} is not part of the language"),
                Label::new(self.span, "not understood"),
            )
        }
    }

    fn help(&self) -> Option<&'static str> {
        match self.found {
            '\'' | '`' => Some("write strings in double quotes"),
            '(' | ')' => Some("write lists in square brackets"),
            ';' => Some("remove it: a statement ends with its line"),
            '$' | '*' | '~' | '.' | '\\' | '?' => Some("write the pattern in double quotes"),
            '\r' => Some("end lines with a line feed"),
            other if !other.is_ascii() || other.is_control() => {
                Some("remove it, or write it as an escape such as `\\u{2028}` in a string")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::expectation::{check, check_source};

    #[test]
    fn a_run_of_invalid_characters_is_one_error() {
        let found = check(
            r#"
import "a" ;;;
#          ^^^ error[invalid-character]: the character `;` is not part of the language
"#,
        );
        assert!(
            found[0]
                .help
                .as_deref()
                .unwrap()
                .contains("ends with its line")
        );
    }

    #[test]
    fn a_character_that_reorders_the_line_is_refused_even_in_a_comment() {
        let found = check_source("# a \u{202e}b\nimport \"c\u{200b}d\"");
        let messages: Vec<_> = found.iter().map(|found| found.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "the character U+202E is not part of the language",
                "the character U+200B is not part of the language"
            ]
        );
    }

    #[test]
    fn a_line_break_that_some_editors_do_not_show_is_refused() {
        assert_eq!(check_source("# a\rimport \"b\"").len(), 1);
        assert_eq!(check_source("# a\r\nimport \"b\"\r\n"), []);
    }

    #[test]
    fn a_byte_order_mark_and_letters_of_any_script_are_welcome() {
        assert_eq!(
            check_source("\u{feff}# größer, 大\nimport \"é/大.tappass\""),
            []
        );
    }

    #[test]
    fn a_statement_with_an_invalid_character_is_reported_once() {
        check(
            r#"
policy p {
  filesystem {
    allow read $project/x
#              ^ error[invalid-character]
    allow read "/tmp/x"
  }
}
"#,
        );
    }
}
