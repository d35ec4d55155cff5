//! The directories that a relative path of a line may stand on.
//!
//! A `cd` may or may not have run when a later command does, so a line has a set of places, and a
//! relative path is judged on each. Where a `cd` cannot be followed, relative paths cannot be resolved and
//! a command that names one is refused.

use std::collections::BTreeSet;

use crate::refusal::{Reason, Stop, stop};
use crate::word::Shape;

/// More places than a line with a few `cd`s can have.
const MOST: usize = 32;

#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// One of these directories.
    Known(BTreeSet<String>),
    /// Any directory.
    Anywhere,
}

impl Place {
    pub(crate) fn at(directory: &str) -> Self {
        match normalise("", directory) {
            Some(directory) => Self::Known(BTreeSet::from([directory])),
            None => Self::Anywhere,
        }
    }

    /// Every path that `shape` may name, or none where the line does not say.
    pub(crate) fn resolve(&self, shape: &Shape) -> Result<Vec<String>, Stop> {
        if let Some(below) = &shape.below_home {
            return path("", &format!("$home{below}")).map(|path| vec![path]);
        }
        let Some(text) = shape.as_literal() else {
            return Ok(Vec::new());
        };
        if text.starts_with('/') {
            return path("", text).map(|path| vec![path]);
        }
        match self {
            Self::Known(places) => places.iter().map(|place| path(place, text)).collect(),
            Self::Anywhere => stop(Reason::UnprovablePath, text),
        }
    }

    /// After a `cd` to `target` that may have failed or may not have run.
    pub(crate) fn maybe_moved(&mut self, target: Option<&Shape>) {
        let moved = target.map(|target| self.resolve(target));
        match (&mut *self, moved) {
            (Self::Known(places), Some(Ok(moved))) if !moved.is_empty() => {
                places.extend(moved);
                if places.len() > MOST {
                    *self = Self::Anywhere;
                }
            }
            (Self::Known(_) | Self::Anywhere, _) => *self = Self::Anywhere,
        }
    }
}

fn path(directory: &str, text: &str) -> Result<String, Stop> {
    match normalise(directory, text) {
        Some(path) => Ok(path),
        None => stop(Reason::UnprovablePath, text),
    }
}

/// Joins lexically. None where `..` leaves the root or a variable, whose parent is not known.
fn normalise(directory: &str, text: &str) -> Option<String> {
    let joined = if directory.is_empty() {
        text.to_owned()
    } else {
        format!("{directory}/{text}")
    };
    let absolute = joined.starts_with('/');
    let mut segments: Vec<&str> = Vec::new();
    for segment in joined.split('/') {
        match segment {
            "" | "." => {}
            ".." if absolute => {
                segments.pop();
            }
            ".." if segments.len() > 1 => {
                segments.pop();
            }
            ".." => return None,
            segment => segments.push(segment),
        }
    }
    let relative = !absolute && segments.first().is_none_or(|first| !first.starts_with('$'));
    let root = if absolute { "/" } else { "" };
    (!relative).then(|| format!("{root}{}", segments.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(directory: &str, text: &str) -> Option<Vec<String>> {
        Place::at(directory).resolve(&Shape::literal(text)).ok()
    }

    #[test]
    fn paths_are_resolved_lexically() {
        for (directory, text, expected) in [
            ("$project", "a/./b//c/", "$project/a/b/c"),
            ("$project", "a/../b", "$project/b"),
            ("$project", ".", "$project"),
            ("/w", "../x", "/x"),
            ("/w", "../../../x", "/x"),
            ("$project", "/etc/../x", "/x"),
            ("$project", "$home/x", "$project/$home/x"),
        ] {
            assert_eq!(
                resolved(directory, text),
                Some(vec![expected.to_owned()]),
                "{directory} {text}"
            );
        }
    }

    #[test]
    fn a_path_above_a_variable_is_not_known() {
        assert_eq!(resolved("$project", "../x"), None);
        assert_eq!(resolved("relative", "x"), None);
    }

    #[test]
    fn a_cd_adds_a_place_and_an_unknown_one_any() {
        let mut place = Place::at("/w");
        place.maybe_moved(Some(&Shape::literal("sub")));
        assert_eq!(
            place.resolve(&Shape::literal("x")).expect("known"),
            ["/w/x", "/w/sub/x"]
        );
        place.maybe_moved(None);
        assert!(place.resolve(&Shape::literal("x")).is_err());
        assert!(place.resolve(&Shape::literal("/x")).is_ok());
    }
}
