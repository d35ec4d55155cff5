//! What can be wrong in a pattern, in the words of whoever wrote it.
//!
//! The compiler turns each of these into a diagnostic at the exact bytes; [`PatternErrorKind::hint`]
//! is its next step.

use std::fmt;
use std::ops::Range;

/// A pattern that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// The bytes of the given text that are wrong.
    pub span: Range<usize>,
    /// What is wrong with them.
    pub kind: PatternErrorKind,
}

impl PatternError {
    pub(super) fn new(span: Range<usize>, kind: PatternErrorKind) -> Self {
        Self { span, kind }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for PatternError {}

/// Declares the kinds, each with its sentence and its next step.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $what:literal, $hint:literal;)+) => {
        /// What is wrong in a pattern.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PatternErrorKind {
            $($(#[$doc])* #[doc = $what] $kind,)+
        }

        impl PatternErrorKind {
            const fn sentence(self) -> &'static str {
                match self { $(Self::$kind => $what),+ }
            }

            /// The imperative next step.
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$kind => $hint),+ }
            }
        }
    };
}

kinds! {
    Empty: "the pattern is empty", "write what the rule is about";
    NulByte: "a pattern cannot hold a NUL or another control character", "remove the character";
    TooLong: "the pattern is too long", "split it into several patterns";

    NotRooted: "a path begins with `/`, a variable or `**/`", "write `$project/...`, `/...` or `**/...`";
    UnknownVariable: "there is no such variable", "use `$project`, `$home`, `$tmp` or `$cache`";
    EmptySegment: "a path has no empty segment", "remove the extra `/`";
    DotSegment: "a path has neither `.` nor `..`", "write the path that it leads to";
    DoubleStar: "`**` stands for whole segments", "write `**` between two `/`, or a single `*`";
    UnbalancedBrace: "a `{` or `}` has no partner", "close the alternative, or write `\\{`";
    TooManyAlternatives: "the alternatives make more than 64 patterns", "write several rules";
    DanglingEscape: "a `\\` ends the pattern", "write `\\\\` for a backslash";
    SeveralPatterns: "alternatives are not canonical", "write one pattern for each";

    Url: "a host pattern is not a URL", "write `host` or `host:port`";
    HostCharacter: "a host name cannot hold this character", "write letters, digits, `-`, `_`, `.` and `*`";
    EmptyLabel: "a host name has no empty label", "remove the extra `.`";
    LabelTooLong: "a label of a host name has at most 63 characters, the name at most 253", "shorten it";
    WildcardInIdn: "`*` cannot stand in a label that is not ASCII", "write the label in its `xn--` form";
    HostDoubleStar: "`**` stands alone, or for the labels before the first `.`", "write `**.example.com`";
    NotAnAddress: "this looks like an IPv4 address and is none", "write four numbers from 0 to 255";
    Ipv6: "this is not an IPv6 address in brackets", "write `[v6]` or `[v6/length]`, with an optional `:port`";
    PrefixLength: "the prefix length does not fit the address", "write 0 to 32 for IPv4, 0 to 128 for IPv6";
    HostBits: "the address has bits set beyond its prefix", "write the first address of the network";
    Port: "a port is a number from 1 to 65535, or a range `lo-hi` of them", "write `:443` or `:8000-8999`";

    UnclosedQuote: "a quotation mark is not closed", "close it, or write `\\` before it";
    ShellOperator: "a pattern is one command, and nothing in it is expanded", "write a rule for each command, or quote the character";
    RestNotLast: "`**` stands at the end of a command pattern, as a word of its own", "move it to the end, or write `*` for one word";

    McpShape: "an MCP pattern is `server/tool`", "write both parts with one `/` between them";
    McpCharacter: "the name of an MCP server or tool is plain ASCII without spaces", "write the name as the server gives it";

    ToolKind: "there is no such kind of tool", "write a kind such as `web-search`, or `harness:Tool`";
}

impl fmt::Display for PatternErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.sentence())
    }
}
