//! Text into raw words at unquoted blanks, each with its quotes still on.

use crate::cursor::Cursor;
use crate::refusal::{Reason, Stop, stop};
use crate::substitution;

/// The words of `text`, in order.
pub(crate) fn words(text: &str) -> Result<Vec<&str>, Stop> {
    let mut words = Vec::new();
    let mut cursor = Cursor::new(text);
    loop {
        while cursor.eat("\\\n") || !cursor.take_while(|c| c.is_ascii_whitespace()).is_empty() {}
        if cursor.peek().is_none() {
            return Ok(words);
        }
        let start = cursor.clone();
        word(&mut cursor)?;
        words.push(cursor.read_since(&start));
    }
}

fn word(cursor: &mut Cursor<'_>) -> Result<(), Stop> {
    while let Some(c) = cursor.peek() {
        if c.is_ascii_whitespace() {
            return Ok(());
        }
        if c == '<' || c == '>' {
            return stop(Reason::UnknownSyntax, cursor.rest());
        }
        cursor.bump();
        substitution::skip_quoted(c, cursor)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_in_quotes_do_not_split() {
        assert_eq!(
            words(" a  'b c' \"d e\"f\\ g $(h i)\tj\n").expect("words"),
            ["a", "'b c'", "\"d e\"f\\ g", "$(h i)", "j"]
        );
        assert_eq!(words("a \\\n b").expect("words"), ["a", "b"]);
        assert!(words("a 'b").is_err());
    }
}
