//! A stdio MCP server with a few tools that do nothing, for runs that call MCP tools.
//!
//! [`serve`] is the server, a program of this package (`stdio-mcp`) is its process, and [`declaration`] is the entry that
//! names that process in a settings file. A call is answered with [`answer_of`], so a test can tell that the tool ran.

use std::io::{self, BufRead, Write};

use camino::Utf8Path;
use serde_json::{Map, Value, json};

/// The tools of a server started without arguments.
pub const DEFAULT_TOOLS: [&str; 3] = ["get_issue", "create_issue", "delete_issue"];

/// `{"mcpServers": {NAME: ...}}`, the content of `.mcp.json` and `managed-mcp.json`.
pub fn declaration(server: &str, program: &Utf8Path) -> Value {
    let entry = json!({ "command": program.as_str(), "args": [] });
    json!({ "mcpServers": Map::from_iter([(server.to_owned(), entry)]) })
}

/// What a call of the tool answers.
pub fn answer_of(tool: &str) -> String {
    format!("{tool} ran")
}

/// Answers JSON-RPC lines until the input ends.
///
/// # Errors
/// Input or output breaks off.
pub fn serve(tools: &[String], input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    for line in input.lines() {
        let Ok(request) = serde_json::from_str::<Value>(&line?) else {
            continue;
        };
        // A notification has no id and no answer.
        let Some(id) = request.get("id") else {
            continue;
        };
        let result = result_of(tools, &request);
        writeln!(
            output,
            "{}",
            json!({ "jsonrpc": "2.0", "id": id, "result": result })
        )?;
        output.flush()?;
    }
    Ok(())
}

fn result_of(tools: &[String], request: &Value) -> Value {
    match request.get("method").and_then(Value::as_str) {
        Some("initialize") => json!({
            "protocolVersion": request.pointer("/params/protocolVersion"),
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "tappass-stdio-mcp", "version": "1" },
        }),
        Some("tools/list") => {
            let entry = |tool: &String| json!({ "name": tool, "description": tool, "inputSchema": { "type": "object", "properties": {} } });
            json!({ "tools": tools.iter().map(entry).collect::<Vec<_>>() })
        }
        Some("tools/call") => {
            let tool = request
                .pointer("/params/name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            json!({ "content": [{ "type": "text", "text": answer_of(tool) }] })
        }
        _ => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(requests: &[Value]) -> Vec<Value> {
        let lines: Vec<String> = requests.iter().map(Value::to_string).collect();
        let input = lines.join("\n");
        let mut output = Vec::new();
        serve(&["a".to_owned()], input.as_bytes(), &mut output).unwrap();
        String::from_utf8(output)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_call_names_the_tool_that_ran() {
        let answers = ask(&[json!({ "id": 7, "method": "tools/call", "params": { "name": "a" } })]);
        assert_eq!(answers[0]["id"], 7);
        assert_eq!(answers[0]["result"]["content"][0]["text"], "a ran");
    }

    #[test]
    fn a_notification_is_not_answered() {
        let answers = ask(&[
            json!({ "method": "notifications/initialized" }),
            json!({ "id": 1, "method": "tools/list" }),
        ]);
        assert_eq!(answers.len(), 1);
        assert_eq!(answers[0]["result"]["tools"][0]["name"], "a");
    }
}
