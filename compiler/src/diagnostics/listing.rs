//! Several names in one sentence: `a`, `b` or `c`.

use super::quoted;

/// More names than these help nobody.
const MOST: usize = 8;

/// The names in backticks, the last one behind `conjunction`; cut where they are many.
pub(super) fn listing<'a>(names: impl IntoIterator<Item = &'a str>, conjunction: &str) -> String {
    let mut shown: Vec<String> = names.into_iter().map(quoted).collect();
    let hidden = shown.len().saturating_sub(MOST);
    shown.truncate(MOST);
    if hidden > 0 {
        shown.push(format!("{hidden} more"));
    }
    match shown.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {conjunction} {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conjunction_stands_before_the_last_name_only() {
        assert_eq!(listing([], "or"), "");
        assert_eq!(listing(["a"], "or"), "`a`");
        assert_eq!(listing(["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }

    #[test]
    fn eight_names_are_shown_and_the_others_counted() {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        let eight = "`a`, `b`, `c`, `d`, `e`, `f`, `g`";
        assert_eq!(
            listing(names[..8].to_vec(), "or"),
            format!("{eight} or `h`")
        );
        assert_eq!(listing(names, "or"), format!("{eight}, `h` or 2 more"));
    }
}
