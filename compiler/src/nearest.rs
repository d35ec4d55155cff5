//! The known word that a misspelt one was probably meant to be.
//!
//! Every "did you mean" of the compiler asks here, so that all of them are equally cautious: a
//! suggestion that is far away reads as if the compiler had not understood.

/// The closest candidate by edit distance (insert, delete, replace, swap neighbours; case is
/// ignored), if it is close: one edit for each three characters, at least one, at most three.
/// Among equals the first wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = lower(word);
    let limit = if word.len() < 2 {
        0
    } else {
        (word.len() / 3).clamp(1, 3)
    };
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters = lower(candidate);
        if letters.len().abs_diff(word.len()) > limit || letters.len() < 2 {
            continue;
        }
        let distance = edit_distance(&word, &letters);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn lower(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).collect()
}

/// Optimal string alignment, with three rows instead of a matrix.
fn edit_distance(left: &[char], right: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous_letter = None;
    for (row, letter) in left.iter().enumerate() {
        let mut current = Vec::with_capacity(last.len());
        current.push(row + 1);
        for (column, other) in right.iter().enumerate() {
            let insert = current.get(column).map_or(usize::MAX, |cost| cost + 1);
            let delete = last.get(column + 1).map_or(usize::MAX, |cost| cost + 1);
            let replace = last
                .get(column)
                .map_or(usize::MAX, |cost| cost + usize::from(letter != other));
            let swapped = column.checked_sub(1).and_then(|earlier| {
                let crossed = previous_letter == Some(other) && right.get(earlier) == Some(letter);
                crossed
                    .then(|| before_last.get(earlier).map(|cost| cost + 1))
                    .flatten()
            });
            current.push(
                insert
                    .min(delete)
                    .min(replace)
                    .min(swapped.unwrap_or(usize::MAX)),
            );
        }
        before_last = std::mem::replace(&mut last, current);
        previous_letter = Some(letter);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 4] = ["allow", "ask", "deny", "limit"];

    #[test]
    fn one_letter_is_forgiven_in_a_short_word() {
        assert_eq!(nearest("alow", WORDS), Some("allow"));
        assert_eq!(nearest("dney", WORDS), Some("deny"));
        assert_eq!(nearest("Deny", WORDS), Some("deny"));
    }

    #[test]
    fn a_distant_word_has_no_neighbour() {
        assert_eq!(nearest("permit", WORDS), None);
        assert_eq!(nearest("a", WORDS), None);
        assert_eq!(nearest("", WORDS), None);
    }

    #[test]
    fn the_first_of_equally_near_words_wins() {
        assert_eq!(nearest("bat", ["cat", "hat"]), Some("cat"));
    }

    #[test]
    fn distance_counts_a_swap_as_one_edit() {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        assert_eq!(edit_distance(&letters("abcd"), &letters("acbd")), 1);
        assert_eq!(edit_distance(&letters(""), &letters("abc")), 3);
        assert_eq!(edit_distance(&letters("kitten"), &letters("sitting")), 3);
    }
}
