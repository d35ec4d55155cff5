//! The one wildcard matcher: bytes against tokens, iterative, in time of pattern times text.
//!
//! Each kind of pattern turns its own text into tokens; that is where quoting and escapes live.

/// One element of a wildcard pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// Exactly this byte.
    Byte(u8),
    /// Any one byte.
    One,
    /// Any run of bytes, none included.
    Run,
}

/// Whether `pattern` matches all of `text`.
///
/// Going back to the latest run alone is enough: whatever an earlier one could still take, the
/// latest one can take as well.
pub(crate) fn matches<P>(mut pattern: P, text: &[u8]) -> bool
where
    P: Iterator<Item = Token> + Clone,
{
    let mut rest = text;
    let mut retry: Option<(P, &[u8])> = None;
    loop {
        let advanced = match (pattern.next(), rest.split_first()) {
            (Some(Token::Run), _) => {
                retry = Some((pattern.clone(), rest));
                continue;
            }
            (None, None) => return true,
            (Some(Token::Byte(wanted)), Some((&byte, tail))) if wanted == byte => tail,
            (Some(Token::One), Some((_, tail))) => tail,
            (Some(Token::Byte(_) | Token::One) | None, _) => match &mut retry {
                None => return false,
                Some((after, from)) => {
                    let Some((_, tail)) = from.split_first() else {
                        return false;
                    };
                    *from = tail;
                    pattern = after.clone();
                    tail
                }
            },
        };
        rest = advanced;
    }
}

/// The tokens of a text in which `*` is a run and every other byte itself.
pub(crate) fn plain(text: &str) -> impl Iterator<Item = Token> + Clone {
    text.bytes().map(|byte| {
        if byte == b'*' {
            Token::Run
        } else {
            Token::Byte(byte)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_gives_back_what_it_took() {
        assert!(matches(plain("a*bc*d"), b"abxbcxd"));
        assert!(!matches(plain("a*bc*d"), b"abxbxd"));
    }

    #[test]
    fn many_runs_cost_no_more_than_pattern_times_text() {
        let text = vec![b'a'; 20_000];
        assert!(!matches(
            plain(&"*a".repeat(30).replace("**", "*").replace("a*", "a*a*")),
            &[b'b'; 2_000]
        ));
        assert!(!matches(plain("*a*a*a*a*a*a*a*a*b"), &text));
    }
}
