//! The tools of Claude Code 2.1.329: their kinds, and the fields that the hook reads.

use tappass_ir::bundle::{HarnessMap, McpNaming, ToolMap};
use tappass_ir::vocabulary::{Channel, ToolKind};

/// A tool and what its input holds.
struct Tool {
    name: &'static str,
    kind: ToolKind,
    subject: Subject,
}

/// The input field that decides.
enum Subject {
    Nothing,
    Command(&'static str),
    Path(&'static str),
    PathOrDirectory(&'static str),
    Url(&'static str),
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "Bash",
        kind: ToolKind::Shell,
        subject: Subject::Command("command"),
    },
    Tool {
        name: "Monitor",
        kind: ToolKind::Shell,
        subject: Subject::Command("command"),
    },
    Tool {
        name: "Read",
        kind: ToolKind::ReadFile,
        subject: Subject::Path("file_path"),
    },
    Tool {
        name: "Edit",
        kind: ToolKind::EditFile,
        subject: Subject::Path("file_path"),
    },
    Tool {
        name: "MultiEdit",
        kind: ToolKind::EditFile,
        subject: Subject::Path("file_path"),
    },
    Tool {
        name: "Write",
        kind: ToolKind::EditFile,
        subject: Subject::Path("file_path"),
    },
    Tool {
        name: "NotebookEdit",
        kind: ToolKind::Notebook,
        subject: Subject::Path("notebook_path"),
    },
    Tool {
        name: "Glob",
        kind: ToolKind::Search,
        subject: Subject::PathOrDirectory("path"),
    },
    Tool {
        name: "Grep",
        kind: ToolKind::Search,
        subject: Subject::PathOrDirectory("path"),
    },
    Tool {
        name: "LS",
        kind: ToolKind::Search,
        subject: Subject::Path("path"),
    },
    Tool {
        name: "WebFetch",
        kind: ToolKind::WebFetch,
        subject: Subject::Url("url"),
    },
    Tool {
        name: "WebSearch",
        kind: ToolKind::WebSearch,
        subject: Subject::Nothing,
    },
    Tool {
        name: "Agent",
        kind: ToolKind::Subagent,
        subject: Subject::Nothing,
    },
    Tool {
        name: "Task",
        kind: ToolKind::Subagent,
        subject: Subject::Nothing,
    },
    Tool {
        name: "AskUserQuestion",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "EnterPlanMode",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "ExitPlanMode",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "ListAgents",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "ReportFindings",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "TaskCreate",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "TaskGet",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "TaskList",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "TaskStop",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "TaskUpdate",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "TodoWrite",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
    Tool {
        name: "ToolSearch",
        kind: ToolKind::Internal,
        subject: Subject::Nothing,
    },
];

/// The names of the tools of one kind.
pub(super) fn of_kind(kind: &str) -> impl Iterator<Item = &'static str> {
    TOOLS
        .iter()
        .filter(move |tool| tool.kind.word() == kind)
        .map(|tool| tool.name)
}

/// `harness.json` for the hook. A tool that it does not name is of kind `other`.
pub(super) fn harness_map() -> HarnessMap {
    let tools = TOOLS
        .iter()
        .map(|tool| (tool.name.to_owned(), tool.map()))
        .collect();
    let mcp = Some(McpNaming {
        prefix: "mcp__".to_owned(),
        separator: "__".to_owned(),
    });
    HarnessMap {
        format: 1,
        harness: "claude-code".to_owned(),
        tools,
        mcp,
    }
}

impl Tool {
    fn map(&self) -> ToolMap {
        let channel = match self.kind {
            ToolKind::Shell => Channel::Shell,
            ToolKind::Mcp => Channel::Mcp,
            ToolKind::ReadFile
            | ToolKind::EditFile
            | ToolKind::Search
            | ToolKind::WebFetch
            | ToolKind::WebSearch
            | ToolKind::Subagent
            | ToolKind::Notebook
            | ToolKind::Computer
            | ToolKind::Other
            | ToolKind::Internal => Channel::Tool,
        };
        let mut map = ToolMap {
            kind: self.kind,
            command: None,
            path: None,
            path_defaults_to_directory: false,
            url: None,
            channel,
        };
        match self.subject {
            Subject::Nothing => {}
            Subject::Command(field) => map.command = Some(field.to_owned()),
            Subject::Path(field) => map.path = Some(field.to_owned()),
            Subject::PathOrDirectory(field) => {
                map.path = Some(field.to_owned());
                map.path_defaults_to_directory = true;
            }
            Subject::Url(field) => map.url = Some(field.to_owned()),
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_that_touches_something_names_the_field_that_says_what() {
        for (name, tool) in harness_map().tools {
            let fields = [&tool.command, &tool.path, &tool.url]
                .into_iter()
                .flatten()
                .count();
            let expected = match tool.kind {
                ToolKind::Shell
                | ToolKind::ReadFile
                | ToolKind::EditFile
                | ToolKind::Search
                | ToolKind::WebFetch
                | ToolKind::Notebook => 1,
                ToolKind::WebSearch
                | ToolKind::Subagent
                | ToolKind::Computer
                | ToolKind::Mcp
                | ToolKind::Other
                | ToolKind::Internal => 0,
            };
            assert_eq!(fields, expected, "{name}");
        }
    }
}
