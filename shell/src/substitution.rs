//! Where a substitution ends.
//!
//! The scan follows quotes, comments, here-documents and nested substitutions. What bash itself only
//! delimits by parsing (a `case` with unpaired parentheses) comes out too short and fails to parse
//! afterwards, so an error here can refuse a line but hide nothing in it.

use crate::cursor::Cursor;
use crate::heredoc::{self, Heredoc};
use crate::refusal::{Reason, Stop, stop};

/// Reads a command list up to its closing parenthesis, which is consumed.
pub(crate) fn command<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, Stop> {
    let start = cursor.clone();
    let mut depth = 1_usize;
    let mut bodies: Vec<Heredoc> = Vec::new();
    let mut at_word = true;
    loop {
        let end = cursor.clone();
        let Some(c) = cursor.bump() else {
            return stop(Reason::ParseError, start.rest());
        };
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Ok(end.read_since(&start));
                }
            }
            '#' if at_word => {
                cursor.take_while(|c| c != '\n');
            }
            '<' => here(cursor, &mut bodies)?,
            '\n' => skip_bodies(cursor, &mut bodies)?,
            _ => skip_quoted(c, cursor)?,
        }
        at_word = c.is_ascii_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')' | '<' | '>');
    }
}

/// Reads the text of `$((...))` after its second parenthesis; both closing ones are consumed. Text that
/// may as well be a subshell inside a substitution is refused.
pub(crate) fn arithmetic<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, Stop> {
    let start = cursor.clone();
    let mut depth = 0_usize;
    loop {
        let end = cursor.clone();
        match cursor.bump() {
            Some('(') => depth = depth.saturating_add(1),
            Some(')') if depth == 0 => {
                return if cursor.eat(")") {
                    Ok(end.read_since(&start))
                } else {
                    stop(Reason::Substitution, start.rest())
                };
            }
            Some(')') => depth = depth.saturating_sub(1),
            Some('\'' | '"' | '`' | '\\') => return stop(Reason::Arithmetic, start.rest()),
            Some(_) => {}
            None => return stop(Reason::ParseError, start.rest()),
        }
    }
}

fn here(cursor: &mut Cursor<'_>, bodies: &mut Vec<Heredoc>) -> Result<(), Stop> {
    if cursor.eat("<<") || !cursor.eat("<") {
        return Ok(());
    }
    match heredoc::opening(cursor) {
        Some(heredoc) => {
            bodies.push(heredoc);
            Ok(())
        }
        None => stop(Reason::Substitution, cursor.rest()),
    }
}

fn skip_bodies(cursor: &mut Cursor<'_>, bodies: &mut Vec<Heredoc>) -> Result<(), Stop> {
    for heredoc in std::mem::take(bodies) {
        if !heredoc::skip_body(cursor, &heredoc) {
            return stop(Reason::Substitution, "<<");
        }
    }
    Ok(())
}

pub(crate) fn skip_quoted(c: char, cursor: &mut Cursor<'_>) -> Result<(), Stop> {
    match c {
        '\\' => {
            cursor.bump();
            Ok(())
        }
        '\'' => skip_to('\'', cursor),
        '"' => skip_double(cursor),
        '`' => skip_escaped('`', cursor),
        '$' => skip_dollar(cursor, true),
        _ => Ok(()),
    }
}

fn skip_to(end: char, cursor: &mut Cursor<'_>) -> Result<(), Stop> {
    cursor.take_while(|c| c != end);
    if cursor.bump().is_some() {
        Ok(())
    } else {
        stop(Reason::ParseError, "")
    }
}

fn skip_escaped(end: char, cursor: &mut Cursor<'_>) -> Result<(), Stop> {
    while let Some(c) = cursor.bump() {
        if c == end {
            return Ok(());
        }
        if c == '\\' {
            cursor.bump();
        }
    }
    stop(Reason::ParseError, "")
}

fn skip_double(cursor: &mut Cursor<'_>) -> Result<(), Stop> {
    while let Some(c) = cursor.bump() {
        match c {
            '"' => return Ok(()),
            '\\' => {
                cursor.bump();
            }
            '`' => skip_escaped('`', cursor)?,
            '$' => skip_dollar(cursor, false)?,
            _ => {}
        }
    }
    stop(Reason::ParseError, "")
}

fn skip_dollar(cursor: &mut Cursor<'_>, ansi: bool) -> Result<(), Stop> {
    if ansi && cursor.eat("'") {
        skip_escaped('\'', cursor)
    } else if cursor.eat("((") {
        arithmetic(cursor).map(|_| ())
    } else if cursor.eat("(") {
        command(cursor).map(|_| ())
    } else if cursor.eat("{") {
        skip_braced(cursor)
    } else {
        Ok(())
    }
}

fn skip_braced(cursor: &mut Cursor<'_>) -> Result<(), Stop> {
    while let Some(c) = cursor.bump() {
        if c == '}' {
            return Ok(());
        }
        skip_quoted(c, cursor)?;
    }
    stop(Reason::ParseError, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(&str, &str)> {
        let mut cursor = Cursor::new(text);
        let inner = command(&mut cursor).ok()?;
        Some((inner, cursor.rest()))
    }

    #[test]
    fn the_closing_parenthesis_is_found() {
        for (text, inner) in [
            ("a)x", "a"),
            ("a (b) c)x", "a (b) c"),
            ("a ')')x", "a ')'"),
            ("a \")\")x", "a \")\""),
            ("a \\))x", "a \\)"),
            ("a $'\\')')x", "a $'\\')'"),
            ("a $(b ')') c)x", "a $(b ')') c"),
            ("a \"$(b \")\")\")x", "a \"$(b \")\")\""),
            ("a # )\nb)x", "a # )\nb"),
            ("a#b)x", "a#b"),
            ("a ${x:-)} )x", "a ${x:-)} "),
            ("cat <<'E'\n) it's\nE\n)x", "cat <<'E'\n) it's\nE\n"),
            ("cat <<< a)x", "cat <<< a"),
            ("echo $((1+(2)))x)x", "echo $((1+(2)))x"),
        ] {
            assert_eq!(read(text), Some((inner, "x")), "{text}");
        }
    }

    #[test]
    fn an_open_end_is_refused() {
        for text in [
            "a",
            "a ')",
            "a \")",
            "a $(b)",
            "cat <<E\n)",
            "a `)",
            "a ${x)",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn arithmetic_that_may_be_a_subshell_is_refused() {
        assert_eq!(arithmetic(&mut Cursor::new("1+(2)))")).ok(), Some("1+(2)"));
        assert!(arithmetic(&mut Cursor::new("rm x) )")).is_err());
    }
}
