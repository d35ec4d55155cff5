//! What an agent asks to do: one action, on one channel where the caller knows it.

pub mod exec;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::pattern::{Authority, CanonicalPath, McpName};
use crate::vocabulary::{Channel, Method, ToolKind, Verb};
use exec::ShellLine;

/// One question to [`crate::decide::decide`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What is to be done.
    pub action: Action,
    /// How it would happen. Without a channel the answer is the strictest over all of them.
    pub channel: Option<Channel>,
}

/// What is to be done, and to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Open a connection.
    Connect {
        /// The host and port as one parser canonicalised them.
        authority: Authority,
        /// The HTTP method, where it is visible.
        method: Option<Method>,
        /// The addresses that the name resolved to, where they are known. They are judged as well.
        addresses: Vec<IpAddr>,
    },
    /// Accept connections.
    Listen {
        /// The address and port.
        authority: Authority,
    },
    /// Read a file's content or list a directory.
    Read {
        /// Resolved by the caller: no `..`, no symbolic link left.
        path: CanonicalPath,
    },
    /// Change a file's content or a directory's entries.
    Write {
        /// Resolved by the caller, as for `Read`.
        path: CanonicalPath,
    },
    /// Submit a line to a shell.
    Exec(ShellLine),
    /// Use a tool of the harness.
    Tool {
        /// The harness-neutral kind.
        kind: ToolKind,
        /// `harness:Tool`, where the caller knows the harness.
        native: Option<String>,
    },
    /// Call a tool of an MCP server.
    Mcp {
        /// The server and its tool.
        name: McpName,
    },
    /// Import a module.
    Import {
        /// The language of the interpreter.
        language: String,
        /// The module's dotted name.
        module: String,
    },
    /// Call a function that the host offers.
    Call {
        /// The language of the interpreter.
        language: String,
        /// The function's name.
        function: String,
    },
}

impl Action {
    /// The verb that judges this action.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Connect { .. } => Verb::Connect,
            Self::Listen { .. } => Verb::Listen,
            Self::Read { .. } => Verb::Read,
            Self::Write { .. } => Verb::Write,
            Self::Exec(_) => Verb::Exec,
            Self::Tool { .. } => Verb::Tool,
            Self::Mcp { .. } => Verb::Mcp,
            Self::Import { .. } => Verb::Import,
            Self::Call { .. } => Verb::Call,
        }
    }
}

impl Request {
    /// A request whose channel is unknown.
    pub const fn anywhere(action: Action) -> Self {
        Self {
            action,
            channel: None,
        }
    }

    /// A request on one channel.
    pub const fn on(channel: Channel, action: Action) -> Self {
        Self {
            action,
            channel: Some(channel),
        }
    }
}
