//! Where a here-document begins and ends, for the scanners that must step over its body.

use crate::cursor::Cursor;

/// A here-document whose body begins at the next line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heredoc {
    delimiter: String,
    strips_tabs: bool,
}

/// Reads what follows `<<`: an optional `-` and the delimiter, of which quotes are removed. None where
/// the delimiter holds anything but plain characters and whole quotes.
pub(crate) fn opening(cursor: &mut Cursor<'_>) -> Option<Heredoc> {
    let strips_tabs = cursor.eat("-");
    cursor.take_while(|c| c == ' ' || c == '\t');
    let mut delimiter = String::new();
    loop {
        match cursor.peek() {
            Some(quote @ ('\'' | '"')) => {
                cursor.bump();
                let text = cursor
                    .take_while(|c| c != quote && c != '\\' && c != '$' && c != '`' && c != '\n');
                delimiter.push_str(text);
                if cursor.bump() != Some(quote) {
                    return None;
                }
            }
            Some('\\') => {
                cursor.bump();
                delimiter.push(cursor.bump().filter(|&c| c != '\n')?);
            }
            Some(c) if is_plain(c) => {
                delimiter.push(c);
                cursor.bump();
            }
            Some(' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | ')') | None => break,
            Some(_) => return None,
        }
    }
    (!delimiter.is_empty()).then_some(Heredoc {
        delimiter,
        strips_tabs,
    })
}

const fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            '_' | '-' | '.' | '+' | '!' | '%' | ':' | ',' | '/' | '@' | '='
        )
}

/// Steps over the body, the line of the delimiter included. False where that line is missing.
pub(crate) fn skip_body(cursor: &mut Cursor<'_>, heredoc: &Heredoc) -> bool {
    while cursor.peek().is_some() {
        let line = cursor.take_while(|c| c != '\n');
        let line = if heredoc.strips_tabs {
            line.trim_start_matches('\t')
        } else {
            line
        };
        let found = line == heredoc.delimiter;
        // The newline after a delimiter is left for the caller where nothing else ends the command.
        cursor.bump();
        if found {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> Option<(Heredoc, &str)> {
        let mut cursor = Cursor::new(text);
        let heredoc = opening(&mut cursor)?;
        Some((heredoc, cursor.rest()))
    }

    #[test]
    fn the_delimiter_loses_its_quotes() {
        for text in ["EOF\n", "'EOF'\n", "\"EOF\"\n", "\\EOF\n", " E'O'F\n"] {
            let (heredoc, rest) = after(text).expect(text);
            assert_eq!(
                (heredoc.delimiter.as_str(), heredoc.strips_tabs, rest),
                ("EOF", false, "\n")
            );
        }
        assert!(after("-EOF\n").expect("tabs").0.strips_tabs);
    }

    #[test]
    fn a_delimiter_that_is_not_plain_is_not_read() {
        for text in ["$(x)\n", "`x`\n", "'EOF\n", "\"$x\"\n", "\n"] {
            assert!(after(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_body_ends_at_a_line_that_is_the_delimiter() {
        let (heredoc, _) = after("EOF\n").expect("plain");
        let mut cursor = Cursor::new("a\n EOF\nEOF \nEOF\nrest");
        assert!(skip_body(&mut cursor, &heredoc));
        assert_eq!(cursor.rest(), "rest");
        assert!(!skip_body(&mut Cursor::new("a\nb"), &heredoc));
    }
}
