//! The normal form of an exec pattern, by the same argument models as commands.

use tappass_ir::request::exec::{NormalPattern, Word};

use crate::cursor::Cursor;
use crate::word::literal;
use crate::{model, split};

/// The normal form of an ask or deny pattern, such as `rm -rf **`. None where the pattern names no
/// command (its first word holds a wildcard), where a wildcard stands in an option, or where quotes
/// protect one: such a pattern matches by its text alone.
pub fn normalise_pattern(pattern: &str) -> Option<NormalPattern> {
    let raw = split::words(pattern).ok()?;
    let (raw, rest) = match raw.split_last() {
        Some((&"**", words)) => (words, true),
        Some(_) | None => (raw.as_slice(), false),
    };
    let words = raw
        .iter()
        .map(|word| unquoted(word))
        .collect::<Option<Vec<_>>>()?;
    let name = words.first()?;
    if name.is_empty()
        || name.contains('*')
        || words
            .iter()
            .any(|word| word.starts_with('-') && word.contains('*'))
    {
        return None;
    }
    let form = model::normal_form(&words.into_iter().map(Word::Literal).collect::<Vec<_>>());
    Some(NormalPattern {
        command: texts(&form.command),
        options: form
            .options
            .iter()
            .map(|(name, values)| (name.clone(), texts(values)))
            .collect(),
        operands: texts(&form.operands),
        rest,
    })
}

fn texts(words: &[Word]) -> Vec<String> {
    words
        .iter()
        .filter_map(literal)
        .map(str::to_owned)
        .collect()
}

/// Quotes taken off, everything else as it stands. None for a quoted wildcard: the normal form could not
/// tell it from a bare one.
fn unquoted(raw: &str) -> Option<String> {
    let mut text = String::new();
    let mut cursor = Cursor::new(raw);
    while let Some(c) = cursor.bump() {
        let protected = match c {
            '\\' => String::from(cursor.bump()?),
            '\'' => quoted(&mut cursor, '\'')?,
            '"' => quoted(&mut cursor, '"')?,
            c => {
                text.push(c);
                continue;
            }
        };
        if protected.contains('*') {
            return None;
        }
        text.push_str(&protected);
    }
    Some(text)
}

fn quoted(cursor: &mut Cursor<'_>, end: char) -> Option<String> {
    let mut text = String::new();
    loop {
        match cursor.bump()? {
            '\\' if end == '"' => text.push(cursor.bump()?),
            c if c == end => return Some(text),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(pattern: &str) -> Vec<String> {
        normalise_pattern(pattern)
            .expect(pattern)
            .options
            .into_keys()
            .collect()
    }

    #[test]
    fn options_are_taken_out_by_the_models() {
        let pattern = normalise_pattern("rm -rf **").expect("rm");
        assert_eq!(
            (pattern.command, pattern.operands, pattern.rest),
            (vec!["rm".to_owned()], vec![], true)
        );
        assert_eq!(keys("rm -r --force x"), ["force", "recursive"]);
        let push = normalise_pattern("git push --force origin *").expect("push");
        assert_eq!(
            (push.command, push.operands, push.rest),
            (
                vec!["git".to_owned(), "push".to_owned()],
                vec!["origin".to_owned(), "*".to_owned()],
                false
            )
        );
        assert_eq!(keys("find * -delete"), ["delete"]);
    }

    #[test]
    fn a_pattern_without_a_model_keeps_its_words() {
        let pattern = normalise_pattern("curl -X 'a b' **").expect("curl");
        assert_eq!(
            (pattern.options.len(), pattern.operands),
            (0, vec!["-X".to_owned(), "a b".to_owned()])
        );
    }

    #[test]
    fn a_pattern_that_names_no_command_has_no_normal_form() {
        for pattern in ["**", "*", "g* push", "", "rm -* x", "rm '*'", "rm 'x"] {
            assert_eq!(normalise_pattern(pattern), None, "{pattern}");
        }
    }
}
