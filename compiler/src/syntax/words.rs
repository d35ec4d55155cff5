//! Which words may begin a statement where: the positional heads of the grammar.
//!
//! The parser dispatches on these tables, messages list them, suggestions choose from them, and the
//! grammar test compares them with GRAMMAR.md.

use tappass_ir::vocabulary::Verb;

use super::token::TokenKind;

/// A place where statements stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    File,
    Policy,
    Pack,
    Section,
    Test,
    /// Nothing but fields: identity, server, runtime.
    Fields,
    Sandbox,
    Require,
}

pub const MODIFIERS: &[TokenKind] = &[
    TokenKind::Because,
    TokenKind::Audit,
    TokenKind::By,
    TokenKind::Within,
    TokenKind::Methods,
];

macro_rules! head_set {
    ($(#[$meta:meta])* $name:ident { $($head:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum $name { $($head),+ }

        impl $name {
            const KINDS: &'static [TokenKind] = &[$(TokenKind::$head),+];

            pub(super) fn of(kind: TokenKind) -> Option<Self> {
                $(if kind == TokenKind::$head { return Some(Self::$head); })+
                None
            }
        }
    };
}

head_set! { FileHead { Import, Policy, Pack, Server, Runtime, Sandbox } }
head_set! { PackHead { Network, Filesystem, Tools, Budget, Interpreter, Compliance, Test } }
head_set! { SectionHead { Allow, Ask, Deny, Limit } }
head_set! { SandboxHead { Require } }

/// A policy has what a pack has, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PolicyHead {
    Use,
    Identity,
    Accept,
    Shared(PackHead),
}

impl PolicyHead {
    pub(super) fn of(kind: TokenKind) -> Option<Self> {
        let own = [
            (TokenKind::Use, Self::Use),
            (TokenKind::Identity, Self::Identity),
            (TokenKind::Accept, Self::Accept),
        ];
        let found = own
            .into_iter()
            .find(|(own, _)| *own == kind)
            .map(|(_, head)| head);
        found.or_else(|| PackHead::of(kind).map(Self::Shared))
    }
}

/// Whether the patterns of a verb may be written without quotes: they are identifiers.
pub const fn takes_names(verb: Verb) -> bool {
    match verb {
        Verb::Tool | Verb::Import | Verb::Call => true,
        Verb::Connect | Verb::Listen | Verb::Read | Verb::Write | Verb::Exec | Verb::Mcp => false,
    }
}

impl Block {
    /// The words that begin a statement here. Fields and test cases begin with other names.
    pub const fn heads(self) -> &'static [TokenKind] {
        match self {
            Self::File => FileHead::KINDS,
            Self::Policy => &[
                TokenKind::Use,
                TokenKind::Network,
                TokenKind::Filesystem,
                TokenKind::Tools,
                TokenKind::Budget,
                TokenKind::Interpreter,
                TokenKind::Identity,
                TokenKind::Compliance,
                TokenKind::Accept,
                TokenKind::Test,
            ],
            Self::Pack => PackHead::KINDS,
            Self::Section => SectionHead::KINDS,
            Self::Sandbox => SandboxHead::KINDS,
            Self::Test | Self::Fields | Self::Require => &[],
        }
    }

    pub fn begins(self, kind: TokenKind) -> bool {
        self.heads().contains(&kind)
    }

    /// What stands here, for "expected ...".
    pub const fn statement(self) -> &'static str {
        match self {
            Self::File => "`import`, `policy`, `pack`, `server`, `runtime` or `sandbox`",
            Self::Policy => "a section, `use`, `identity`, `compliance`, `accept` or `test`",
            Self::Pack => "a section, `compliance` or `test`",
            Self::Section => "a rule or a limit",
            Self::Test => "a test case such as `read \"/tmp/x\" => allow`",
            Self::Fields => "a field such as `name: value`",
            Self::Sandbox => "a field such as `name: value`, or `require`",
            Self::Require => "an aspect and its coverage such as `network: full`",
        }
    }

    /// Where a statement that begins with this word is at home; `None` if no statement does.
    pub fn home_of(head: TokenKind) -> Option<Self> {
        let homes = [
            Self::File,
            Self::Policy,
            Self::Pack,
            Self::Section,
            Self::Sandbox,
        ];
        homes.into_iter().find(|home| home.begins(head))
    }

    /// The place in words.
    pub const fn description(self) -> &'static str {
        match self {
            Self::File => "the file itself, outside any block",
            Self::Policy => "a policy",
            Self::Pack => "a pack",
            Self::Section => "a section such as `filesystem { ... }`",
            Self::Test => "a test",
            Self::Fields => "a block of fields",
            Self::Sandbox => "a sandbox",
            Self::Require => "`require`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::token::WORDS;

    #[test]
    fn a_head_is_at_home_where_it_may_begin_a_statement() {
        assert_eq!(Block::home_of(TokenKind::Deny), Some(Block::Section));
        assert_eq!(Block::home_of(TokenKind::Require), Some(Block::Sandbox));
        assert_eq!(Block::home_of(TokenKind::Because), None);
    }

    #[test]
    fn a_policy_begins_with_the_words_that_its_dispatch_knows() {
        for (word, kind) in WORDS {
            assert_eq!(
                PolicyHead::of(*kind).is_some(),
                Block::Policy.begins(*kind),
                "{word}"
            );
        }
    }

    #[test]
    fn every_word_is_a_head_or_continues_a_statement() {
        let continues = [
            TokenKind::Narrows,
            TokenKind::Category,
            TokenKind::Then,
            TokenKind::Gap,
            TokenKind::AtWord,
            TokenKind::Under,
        ];
        for (word, kind) in WORDS {
            let roles = usize::from(Block::home_of(*kind).is_some())
                + usize::from(MODIFIERS.contains(kind))
                + usize::from(continues.contains(kind));
            assert_eq!(roles, 1, "{word}");
        }
    }
}
