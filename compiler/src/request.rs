//! A verb and a value as a person types them, to the request that they mean.

use tappass_ir::pattern::{Authority, CanonicalPath, McpName};
use tappass_ir::request::Action;
use tappass_ir::vocabulary::{Method, ToolKind, Verb};

/// The directory on which relative paths in a command stand, in tests and in `why`.
const DIRECTORY: &str = "$project";

/// Reads `value` as `verb` takes it. The error is one sentence on what is wrong with it.
pub fn action(
    verb: Verb,
    language: &str,
    value: &str,
    method: Option<Method>,
) -> Result<Action, String> {
    let authority =
        || Authority::parse(value).map_err(|refusal| format!("`{value}` is not a host: {refusal}"));
    let path = || {
        CanonicalPath::parse(value).map_err(|refusal| format!("`{value}` is not a path: {refusal}"))
    };
    Ok(match verb {
        Verb::Connect => Action::Connect {
            authority: authority()?,
            method,
            addresses: Vec::new(),
        },
        Verb::Listen => Action::Listen {
            authority: authority()?,
        },
        Verb::Read => Action::Read { path: path()? },
        Verb::Write => Action::Write { path: path()? },
        Verb::Exec => Action::Exec(tappass_shell::analyse(value, DIRECTORY)),
        Verb::Tool => tool(value),
        Verb::Mcp => {
            let name = McpName::parse(value)
                .map_err(|refusal| format!("`{value}` is not `server/tool`: {refusal}"))?;
            Action::Mcp { name }
        }
        Verb::Import => Action::Import {
            language: language.to_owned(),
            module: value.to_owned(),
        },
        Verb::Call => Action::Call {
            language: language.to_owned(),
            function: value.to_owned(),
        },
    })
}

/// A kind, or a harness's own tool, which is then of no kind that we know.
fn tool(value: &str) -> Action {
    match ToolKind::from_word(value) {
        Some(kind) => Action::Tool { kind, native: None },
        None => Action::Tool {
            kind: ToolKind::Other,
            native: Some(value.to_owned()),
        },
    }
}
