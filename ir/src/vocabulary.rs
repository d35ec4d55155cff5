//! The closed sets that everything else is written in: aspects, verbs, effects, channels, rings.
//!
//! Each set has one declaration; its words are what the policy language, the JSON forms and the
//! reports print. An added variant breaks the compile wherever it must be decided.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares a closed set: the enum, its words, all its members in order, and both directions of text.
macro_rules! closed_set {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every member, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that the language and every report use for this member.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The member that `word` names, if it names one.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

closed_set! {
    /// One dimension of what an agent may do. The order is that of every report.
    Aspect {
        Identity = "identity",
        Network = "network",
        Filesystem = "filesystem",
        Tools = "tools",
        Interpreter = "interpreter",
        Budget = "budget",
        ComplianceTags = "compliance_tags",
    }
}

closed_set! {
    /// What a rule says, and what a decision is. Ordered by strictness: `allow < ask < deny`.
    Effect {
        Allow = "allow",
        Ask = "ask",
        Deny = "deny",
    }
}

closed_set! {
    /// What an agent does to an object. The verb fixes the type of the pattern.
    Verb {
        Connect = "connect",
        Listen = "listen",
        Read = "read",
        Write = "write",
        Exec = "exec",
        Tool = "tool",
        Mcp = "mcp",
        Import = "import",
        Call = "call",
    }
}

closed_set! {
    /// What a limit counts.
    Meter {
        Tokens = "tokens",
        Spend = "spend",
        Calls = "calls",
        Memory = "memory",
        Time = "time",
        Allocations = "allocations",
        Recursion = "recursion",
    }
}

closed_set! {
    /// A way in which a verb can happen.
    Channel {
        /// The harness's own model calls.
        Llm = "llm",
        /// The harness's own tools.
        Tool = "tool",
        /// Lines that the agent submits to a shell, and the processes which they start.
        Shell = "shell",
        /// MCP servers.
        Mcp = "mcp",
        /// Code that an interpreter runs for the agent.
        Code = "code",
        /// The record that the host keeps.
        Audit = "audit",
    }
}

closed_set! {
    /// The place where enforcement happens. A runtime has at most one provider for each.
    Ring {
        Harness = "harness",
        Kernel = "kernel",
        Interpreter = "interpreter",
        Gateway = "gateway",
        Broker = "broker",
    }
}

closed_set! {
    /// The operating system that a bundle is built for.
    Platform {
        Linux = "linux",
        Macos = "macos",
        Windows = "windows",
    }
}

closed_set! {
    /// A directory that the host binds when it applies a bundle.
    Variable {
        Project = "project",
        Home = "home",
        Tmp = "tmp",
        Cache = "cache",
    }
}

closed_set! {
    /// Harness-neutral kinds of tool.
    ToolKind {
        Shell = "shell",
        ReadFile = "read-file",
        EditFile = "edit-file",
        Search = "search",
        WebFetch = "web-fetch",
        WebSearch = "web-search",
        Subagent = "subagent",
        Notebook = "notebook",
        Computer = "computer",
        Mcp = "mcp",
        Other = "other",
        /// No effect outside the conversation: to-do lists, plan mode, questions. Always allowed.
        Internal = "internal",
    }
}

closed_set! {
    /// An HTTP method, visible to some enforcement points only.
    Method {
        Get = "GET",
        Head = "HEAD",
        Post = "POST",
        Put = "PUT",
        Patch = "PATCH",
        Delete = "DELETE",
        Options = "OPTIONS",
    }
}

impl Verb {
    /// The aspect under which this verb's rules stand.
    pub const fn aspect(self) -> Aspect {
        match self {
            Self::Connect | Self::Listen => Aspect::Network,
            Self::Read | Self::Write => Aspect::Filesystem,
            Self::Exec | Self::Tool | Self::Mcp => Aspect::Tools,
            Self::Import | Self::Call => Aspect::Interpreter,
        }
    }

    /// The channels on which this verb can happen at all; a runtime may lack the carrier of some.
    pub const fn channels(self) -> &'static [Channel] {
        match self {
            Self::Connect => &[
                Channel::Llm,
                Channel::Tool,
                Channel::Shell,
                Channel::Mcp,
                Channel::Code,
            ],
            Self::Listen => &[Channel::Shell, Channel::Mcp, Channel::Code],
            Self::Read | Self::Write => {
                &[Channel::Tool, Channel::Shell, Channel::Mcp, Channel::Code]
            }
            Self::Exec => &[Channel::Shell],
            Self::Tool => &[Channel::Tool],
            Self::Mcp => &[Channel::Mcp],
            Self::Import | Self::Call => &[Channel::Shell, Channel::Code],
        }
    }
}

impl Meter {
    /// The aspect under which this meter's limits stand.
    pub const fn aspect(self) -> Aspect {
        match self {
            Self::Tokens | Self::Spend | Self::Calls => Aspect::Budget,
            Self::Memory | Self::Time | Self::Allocations | Self::Recursion => Aspect::Interpreter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_leads_back_to_its_member() {
        for verb in Verb::ALL {
            assert_eq!(Verb::from_word(verb.word()), Some(*verb));
        }
        for aspect in Aspect::ALL {
            assert_eq!(Aspect::from_word(aspect.word()), Some(*aspect));
        }
        assert_eq!(Verb::from_word("Connect"), None);
    }

    #[test]
    fn effects_are_ordered_by_strictness() {
        assert!(Effect::Allow < Effect::Ask && Effect::Ask < Effect::Deny);
    }
}
