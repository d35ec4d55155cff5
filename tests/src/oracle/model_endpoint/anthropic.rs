//! Anthropic Messages, streamed and not: as much of the protocol as a harness needs to go on.

use serde_json::{Value, json};

use super::{Conversation, ToolCall, ToolResult, Turn};

const DONE: &str = "done";

pub(super) fn conversation(request: &Value) -> Conversation {
    let messages = array(request, "messages");
    Conversation {
        turns: messages
            .iter()
            .filter(|message| calls_tools(message))
            .count(),
        results: messages
            .iter()
            .flat_map(|message| array(message, "content"))
            .filter_map(result)
            .collect(),
        offered: array(request, "tools").iter().filter_map(offer).collect(),
        opening: messages
            .iter()
            .find(|message| text_at(message, "role") == "user")
            .map(opening)
            .unwrap_or_default(),
    }
}

pub(super) fn model(request: &Value) -> String {
    text_at(request, "model").to_owned()
}

pub(super) fn wants_stream(request: &Value) -> bool {
    request
        .get("stream")
        .and_then(Value::as_bool)
        .unwrap_or_default()
}

pub(super) fn message(turn: &Turn) -> Value {
    envelope(turn, &blocks(turn), Some(stop_reason(turn)))
}

/// The same message as server-sent events.
pub(super) fn stream(turn: &Turn) -> String {
    let mut events = vec![json!({ "type": "message_start", "message": envelope(turn, &[], None) })];
    for (index, block) in blocks(turn).iter().enumerate() {
        events.extend(block_events(index, block));
    }
    events.push(json!({
        "type": "message_delta",
        "delta": { "stop_reason": stop_reason(turn), "stop_sequence": null },
        "usage": { "output_tokens": 1 },
    }));
    events.push(json!({ "type": "message_stop" }));
    events.iter().map(server_sent).collect::<Vec<_>>().concat()
}

fn server_sent(event: &Value) -> String {
    format!("event: {}\ndata: {event}\n\n", text_at(event, "type"))
}

fn envelope(turn: &Turn, content: &[Value], stop_reason: Option<&str>) -> Value {
    json!({
        "id": message_id(turn),
        "type": "message",
        "role": "assistant",
        "model": turn.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": null,
        "usage": usage(),
    })
}

fn block_events(index: usize, block: &Value) -> [Value; 3] {
    let (opened, delta) = match block.get("input") {
        Some(input) => (
            json!({ "type": "tool_use", "id": block.get("id"), "name": block.get("name"), "input": {} }),
            json!({ "type": "input_json_delta", "partial_json": input.to_string() }),
        ),
        None => (
            json!({ "type": "text", "text": "" }),
            json!({ "type": "text_delta", "text": text_at(block, "text") }),
        ),
    };
    [
        json!({ "type": "content_block_start", "index": index, "content_block": opened }),
        json!({ "type": "content_block_delta", "index": index, "delta": delta }),
        json!({ "type": "content_block_stop", "index": index }),
    ]
}

fn blocks(turn: &Turn) -> Vec<Value> {
    if turn.calls.is_empty() {
        return vec![json!({ "type": "text", "text": DONE })];
    }
    let block = |(id, call): &(String, ToolCall)| json!({ "type": "tool_use", "id": id, "name": call.tool, "input": call.input });
    turn.calls.iter().map(block).collect()
}

/// Distinct within a conversation, and the same for a repeated request.
fn message_id(turn: &Turn) -> String {
    format!("msg_{}", turn.calls.first().map_or(DONE, |(id, _)| id))
}

fn stop_reason(turn: &Turn) -> &'static str {
    if turn.calls.is_empty() {
        "end_turn"
    } else {
        "tool_use"
    }
}

fn usage() -> Value {
    json!({ "input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0 })
}

fn calls_tools(message: &Value) -> bool {
    text_at(message, "role") == "assistant"
        && array(message, "content")
            .iter()
            .any(|block| text_at(block, "type") == "tool_use")
}

fn result(block: &Value) -> Option<(String, ToolResult)> {
    let id = block.get("tool_use_id")?.as_str()?.to_owned();
    let is_error = block
        .get("is_error")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    Some((
        id,
        ToolResult {
            text: text_of(block.get("content")?),
            is_error,
        },
    ))
}

fn offer(tool: &Value) -> Option<(String, Value)> {
    let schema = tool.get("input_schema").cloned().unwrap_or_default();
    Some((tool.get("name")?.as_str()?.to_owned(), schema))
}

fn opening(message: &Value) -> String {
    message.get("content").map(text_of).unwrap_or_default()
}

/// A content is a text or a list of blocks, of which those without text count as nothing.
fn text_of(content: &Value) -> String {
    match content.as_str() {
        Some(text) => text.to_owned(),
        None => content
            .as_array()
            .into_iter()
            .flatten()
            .map(|block| text_at(block, "text"))
            .collect(),
    }
}

fn text_at<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_plain_text_turn_calls_no_tool() {
        let request = json!({ "messages": [{ "role": "assistant", "content": "hello" }] });
        assert_eq!(conversation(&request).turns, 0);
    }

    #[test]
    fn two_calls_in_one_message_are_one_turn() {
        let call = json!({ "type": "tool_use", "id": "a", "name": "T", "input": {} });
        let request = json!({ "messages": [{ "role": "assistant", "content": [call, call] }] });
        assert_eq!(conversation(&request).turns, 1);
    }

    #[test]
    fn a_result_in_blocks_is_one_text() {
        let request = json!({ "messages": [{ "role": "user", "content": [{
            "type": "tool_result", "tool_use_id": "a", "is_error": true,
            "content": [{ "type": "text", "text": "no " }, { "type": "image" }, { "type": "text", "text": "entry" }],
        }] }] });
        let results = conversation(&request).results;
        assert_eq!(
            results,
            BTreeMap::from([(
                "a".into(),
                ToolResult {
                    text: "no entry".into(),
                    is_error: true
                }
            )])
        );
    }
}
