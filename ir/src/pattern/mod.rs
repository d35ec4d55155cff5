//! Typed patterns, and the values of a request that they match.
//!
//! Each kind has one file: its grammar, its canonical text and its matcher. A pattern is stored as
//! its canonical text, because a policy has many of them and a decision looks at few. Nothing here
//! decides: whether a match allows or denies is [`crate::decide`]'s business, and whether two
//! patterns overlap is [`crate::algebra`]'s.

pub mod argv;
pub mod binding;
mod error;
pub(crate) mod glob;
pub mod host;
pub mod mcp;
pub mod name;
pub mod path;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::argv::{ArgvPattern, WordPattern, normal_covers};
pub use self::binding::Binding;
pub use self::error::{PatternError, PatternErrorKind};
pub use self::host::{Authority, AuthorityRefusal, Host, HostPattern, HostShape, Ports};
pub use self::mcp::{McpName, McpPattern, McpRefusal};
pub use self::name::NamePattern;
pub use self::path::{CanonicalPath, PathPattern, PathRefusal};

use crate::vocabulary::Verb;

/// One pattern of a rule. The verb of the rule fixes the kind.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// `read` and `write`.
    Path(PathPattern),
    /// `connect` and `listen`.
    Host(HostPattern),
    /// `exec`.
    Argv(ArgvPattern),
    /// `mcp`.
    Mcp(McpPattern),
    /// `tool`, `import` and `call`.
    Name(NamePattern),
}

impl Pattern {
    /// Reads the pattern that a rule with `verb` has in the policy's text. Only a path can stand for
    /// several patterns (`{a,b}`).
    pub fn parse_all(verb: Verb, text: &str) -> Result<Vec<Self>, PatternError> {
        match verb {
            Verb::Connect | Verb::Listen => Ok(vec![Self::Host(HostPattern::parse(text)?)]),
            Verb::Read | Verb::Write => Ok(PathPattern::parse_all(text)?
                .into_iter()
                .map(Self::Path)
                .collect()),
            Verb::Exec => Ok(vec![Self::Argv(ArgvPattern::parse(text)?)]),
            Verb::Tool => Ok(vec![Self::Name(NamePattern::parse_tool(text)?)]),
            Verb::Mcp => Ok(vec![Self::Mcp(McpPattern::parse(text)?)]),
            Verb::Import | Verb::Call => Ok(vec![Self::Name(NamePattern::parse(text)?)]),
        }
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Path(pattern) => pattern.as_str(),
            Self::Host(pattern) => pattern.as_str(),
            Self::Argv(pattern) => pattern.as_str(),
            Self::Mcp(pattern) => pattern.as_str(),
            Self::Name(pattern) => pattern.as_str(),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The reading and printing that every type stored as its canonical text has.
macro_rules! canonical_text {
    ($name:ident, $parse:path, $error:ty) => {
        impl $name {
            /// The canonical text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                $parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                $parse(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}
use canonical_text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_fixes_the_kind_of_the_pattern() {
        let kinds = [
            (Verb::Connect, "**"),
            (Verb::Read, "**"),
            (Verb::Exec, "**"),
            (Verb::Mcp, "*/*"),
            (Verb::Tool, "shell"),
            (Verb::Import, "numpy"),
        ]
        .map(|(verb, text)| Pattern::parse_all(verb, text).expect("a pattern").remove(0));
        assert!(matches!(
            kinds,
            [
                Pattern::Host(_),
                Pattern::Path(_),
                Pattern::Argv(_),
                Pattern::Mcp(_),
                Pattern::Name(_),
                Pattern::Name(_)
            ]
        ));
    }

    #[test]
    fn json_is_the_canonical_text_and_a_bad_text_is_refused() {
        let pattern = Pattern::parse_all(Verb::Read, "/a//b".trim_end_matches("/b"))
            .map_err(|error| error.kind);
        assert_eq!(pattern, Err(PatternErrorKind::EmptySegment));
        let path: PathPattern = serde_json::from_str("\"/a/**\"").expect("a path pattern");
        assert_eq!(serde_json::to_string(&path).expect("json"), "\"/a/**\"");
        assert!(serde_json::from_str::<PathPattern>("\"/a/{b,c}\"").is_err());
        assert!(serde_json::from_str::<HostPattern>("\"https://h\"").is_err());
    }
}
