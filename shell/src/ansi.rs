//! The text of `$'...'`, with its escapes undone.
//!
//! An escape that bash does not define, a NUL, and bytes that are not UTF-8 are refused: what a program
//! would be passed is then not the text that is judged.

use crate::cursor::Cursor;
use crate::refusal::{Reason, Stop, stop};

/// Reads up to the closing quote, which `cursor` stands before the text of.
pub(crate) fn decode(cursor: &mut Cursor<'_>) -> Result<String, Stop> {
    let start = cursor.clone();
    let mut bytes = Vec::new();
    loop {
        match cursor.bump() {
            Some('\'') => break,
            Some('\\') => match escape(cursor) {
                Some(text) => bytes.extend(text),
                None => return stop(Reason::Escape, cursor.read_since(&start)),
            },
            Some(c) => bytes.extend(c.to_string().bytes()),
            None => return stop(Reason::ParseError, cursor.read_since(&start)),
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        Ok(_) | Err(_) => stop(Reason::Escape, cursor.read_since(&start)),
    }
}

fn escape(cursor: &mut Cursor<'_>) -> Option<Vec<u8>> {
    let byte = match cursor.bump()? {
        'n' => b'\n',
        't' => b'\t',
        'r' => b'\r',
        'a' => 0x07,
        'b' => 0x08,
        'e' | 'E' => 0x1b,
        'f' => 0x0c,
        'v' => 0x0b,
        '\\' => b'\\',
        '\'' => b'\'',
        '"' => b'"',
        '?' => b'?',
        'x' => u8::try_from(number(cursor, 16, 2, 0)?).ok()?,
        digit @ '0'..='7' => u8::try_from(number(cursor, 8, 2, digit.to_digit(8)?)? & 0xff).ok()?,
        'u' => return character(number(cursor, 16, 4, 0)?),
        'U' => return character(number(cursor, 16, 8, 0)?),
        _ => return None,
    };
    Some(vec![byte])
}

fn character(code: u32) -> Option<Vec<u8>> {
    char::from_u32(code).map(|c| c.to_string().into_bytes())
}

/// Reads up to `most` further digits; at least one is needed unless octal gave the first.
fn number(cursor: &mut Cursor<'_>, radix: u32, most: usize, first: u32) -> Option<u32> {
    let mut value = first;
    let mut read = 0;
    while read < most
        && let Some(digit) = cursor.peek().and_then(|c| c.to_digit(radix))
    {
        cursor.bump();
        value = value.checked_mul(radix)?.checked_add(digit)?;
        read += 1;
    }
    (read > 0 || radix == 8).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        for (text, expected) in [
            ("rm'", "rm"),
            ("\\x72m'", "rm"),
            ("\\162\\155'", "rm"),
            ("\\u0072\\U0000006d'", "rm"),
            ("a\\'b'", "a'b"),
            ("\\n\\t\\\\'", "\n\t\\"),
            ("\\xc3\\xa9'", "é"),
            ("\\x7'", "\u{7}"),
            ("\\1234'", "S4"),
        ] {
            assert_eq!(
                decode(&mut Cursor::new(text)).as_deref(),
                Ok(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_text_is_refused() {
        for text in [
            "\\0'", "\\x00'", "\\xff'", "\\q'", "\\cA'", "\\x'", "\\", "abc", "\\ud800'",
        ] {
            assert!(decode(&mut Cursor::new(text)).is_err(), "{text}");
        }
    }
}
