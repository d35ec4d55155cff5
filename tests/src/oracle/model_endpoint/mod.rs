//! A model endpoint on loopback that plays scripts instead of thinking.
//!
//! A script is a list of steps, a step the tool calls of one model turn. Which step is due follows from the conversation
//! alone: as many turns as it holds with tool calls, so the server keeps no state per client and a repeated request gets the
//! same answer. Requests that offer no tools (titles, classifiers) get plain text and consume nothing. What the harness
//! sends is recorded: the results of the tools, the tools it offered, its credentials, the raw requests.
//!
//! A wire protocol is a module that reads a [`Conversation`] out of a request and writes a [`Turn`] into a response.

mod anthropic;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use tiny_http::{Header, Method, Request, Response, Server};

/// One tool call that the model makes.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    pub tool: String,
    pub input: Value,
}

impl ToolCall {
    pub fn new(tool: &str, input: Value) -> Self {
        Self {
            tool: tool.to_owned(),
            input,
        }
    }
}

/// The tool calls of one model turn.
pub type Step = Vec<ToolCall>;

/// What the harness answered to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolResult {
    pub text: String,
    pub is_error: bool,
}

/// Begins the prompt of a subagent that is to play another script: `play:NAME`.
pub const PLAY: &str = "play:";

/// The identifier under which a call of a script is made and its result is recorded.
pub fn call_id(script: &str, step: usize, call: usize) -> String {
    format!("toolu_{script}_{step}_{call}")
}

/// The server. It stops when dropped.
#[derive(Debug)]
pub struct Endpoint {
    port: u16,
    scripts: Scripts,
    server: Arc<ServerHandle>,
    accepting: Option<JoinHandle<()>>,
}

type Scripts = Arc<Mutex<BTreeMap<String, Script>>>;

#[derive(Debug, Default)]
struct Script {
    steps: Vec<Step>,
    results: BTreeMap<String, ToolResult>,
    offered: BTreeMap<String, Value>,
    credentials: BTreeMap<String, String>,
    requests: Vec<String>,
}

struct ServerHandle(Server);

impl std::fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ServerHandle")
            .field(&self.0.server_addr())
            .finish()
    }
}

/// What a request says of the conversation so far, whatever its protocol.
struct Conversation {
    /// Model turns that called tools.
    turns: usize,
    results: BTreeMap<String, ToolResult>,
    /// Tool name to the schema of its input.
    offered: BTreeMap<String, Value>,
    /// The text that opened the conversation, where a subagent's script is named.
    opening: String,
}

/// What the model says next, each call with its identifier. Without calls the conversation ends.
struct Turn {
    model: String,
    calls: Vec<(String, ToolCall)>,
}

impl Endpoint {
    /// # Errors
    /// No loopback port can be bound.
    pub fn start() -> io::Result<Self> {
        let server = Arc::new(ServerHandle(
            Server::http("127.0.0.1:0").map_err(io::Error::other)?,
        ));
        let port = server
            .0
            .server_addr()
            .to_ip()
            .map_or(0, |address| address.port());
        let scripts = Scripts::default();
        let accepting = std::thread::spawn({
            let (server, scripts) = (Arc::clone(&server), Arc::clone(&scripts));
            move || accept(&server.0, &scripts)
        });
        Ok(Self {
            port,
            scripts,
            server,
            accepting: Some(accepting),
        })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The base address under which requests play this script.
    pub fn url(&self, script: &str) -> String {
        format!("http://127.0.0.1:{}/s/{script}", self.port)
    }

    /// Sets the steps of a script and forgets what was recorded under its name.
    pub fn script(&self, name: &str, steps: Vec<Step>) {
        locked(&self.scripts).insert(
            name.to_owned(),
            Script {
                steps,
                ..Script::default()
            },
        );
    }

    /// The results by [`call_id`].
    pub fn results(&self, script: &str) -> BTreeMap<String, ToolResult> {
        self.recorded(script, |script| script.results.clone())
    }

    /// The tools that the model was offered, with the schemas of their inputs.
    pub fn offered(&self, script: &str) -> BTreeMap<String, Value> {
        self.recorded(script, |script| script.offered.clone())
    }

    /// The headers that carry credentials, by lower-case name.
    pub fn credentials(&self, script: &str) -> BTreeMap<String, String> {
        self.recorded(script, |script| script.credentials.clone())
    }

    /// The bodies of all requests, for what must not reach the model.
    pub fn requests(&self, script: &str) -> Vec<String> {
        self.recorded(script, |script| script.requests.clone())
    }

    fn recorded<T: Default>(&self, script: &str, part: impl FnOnce(&Script) -> T) -> T {
        locked(&self.scripts)
            .get(script)
            .map(part)
            .unwrap_or_default()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.0.unblock();
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// A panic of one request's thread leaves whole records behind, so its poison means nothing.
fn locked(scripts: &Scripts) -> MutexGuard<'_, BTreeMap<String, Script>> {
    scripts.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(server: &Server, scripts: &Scripts) {
    while let Ok(request) = server.recv() {
        let scripts = Arc::clone(scripts);
        // A harness sends side calls while the main call is open. A client that went away needs no answer.
        std::thread::spawn(move || answer(request, &scripts));
    }
}

fn answer(mut request: Request, scripts: &Scripts) -> io::Result<()> {
    let mut body = String::new();
    request.as_reader().read_to_string(&mut body)?;
    let (script, path) = script_and_path(request.url());
    let reply = match (request.method(), path.as_str()) {
        (Method::Post, "/v1/messages") => messages(&script, &body, &request, scripts),
        (Method::Post, "/v1/messages/count_tokens") => Reply::json(&json!({ "input_tokens": 10 })),
        (Method::Head, _) => Reply::json(&json!({})),
        _ => Reply {
            status: 404,
            ..Reply::json(&json!({ "type": "error", "error": { "type": "not_found_error" } }))
        },
    };
    let response = Response::from_string(reply.body).with_status_code(reply.status);
    request.respond(
        match Header::from_bytes("Content-Type", reply.content_type) {
            Ok(header) => response.with_header(header),
            Err(()) => response,
        },
    )
}

struct Reply {
    status: u16,
    content_type: &'static str,
    body: String,
}

impl Reply {
    fn json(body: &Value) -> Self {
        Self {
            status: 200,
            content_type: "application/json",
            body: body.to_string(),
        }
    }
}

fn messages(script: &str, body: &str, request: &Request, scripts: &Scripts) -> Reply {
    let Ok(request_body) = serde_json::from_str::<Value>(body) else {
        return Reply {
            status: 400,
            ..Reply::json(&json!({ "type": "error", "error": { "type": "invalid_request_error" } }))
        };
    };
    let conversation = anthropic::conversation(&request_body);
    let script = named_in(&conversation.opening).unwrap_or(script);
    let calls = record_and_choose(script, &conversation, body, credentials(request), scripts);
    let turn = Turn {
        model: anthropic::model(&request_body),
        calls,
    };
    if anthropic::wants_stream(&request_body) {
        Reply {
            status: 200,
            content_type: "text/event-stream",
            body: anthropic::stream(&turn),
        }
    } else {
        Reply::json(&anthropic::message(&turn))
    }
}

fn record_and_choose(
    name: &str,
    conversation: &Conversation,
    body: &str,
    credentials: BTreeMap<String, String>,
    scripts: &Scripts,
) -> Vec<(String, ToolCall)> {
    let mut scripts = locked(scripts);
    let script = scripts.entry(name.to_owned()).or_default();
    script.requests.push(body.to_owned());
    script.credentials.extend(credentials);
    script.results.extend(conversation.results.clone());
    script.offered.extend(conversation.offered.clone());
    if conversation.offered.is_empty() {
        return Vec::new();
    }
    let step = script
        .steps
        .get(conversation.turns)
        .map(Vec::as_slice)
        .unwrap_or_default();
    step.iter()
        .enumerate()
        .map(|(call, made)| (call_id(name, conversation.turns, call), made.clone()))
        .collect()
}

/// `/s/NAME/rest?query` → `NAME`, `/rest`.
fn script_and_path(url: &str) -> (String, String) {
    let path = url.split('?').next().unwrap_or_default();
    match path
        .strip_prefix("/s/")
        .and_then(|rest| rest.split_once('/'))
    {
        Some((script, rest)) => (script.to_owned(), format!("/{rest}")),
        None => (String::new(), path.to_owned()),
    }
}

fn named_in(opening: &str) -> Option<&str> {
    let (_, rest) = opening.split_once(PLAY)?;
    rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .next()
        .filter(|name| !name.is_empty())
}

fn credentials(request: &Request) -> BTreeMap<String, String> {
    request
        .headers()
        .iter()
        .map(|header| {
            (
                header.field.as_str().as_str().to_ascii_lowercase(),
                header.value.as_str().to_owned(),
            )
        })
        .filter(|(name, _)| matches!(name.as_str(), "authorization" | "x-api-key"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpStream;

    fn post(endpoint: &Endpoint, script: &str, body: &Value) -> String {
        let body = body.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", endpoint.port())).unwrap();
        write!(
            stream,
            "POST /s/{script}/v1/messages?beta=true HTTP/1.1\r\nHost: x\r\nX-Api-Key: secret\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
        while lines.next().is_some_and(|line| !line.is_empty()) {}
        lines.collect::<Vec<_>>().join("\n")
    }

    fn one_step() -> Vec<Step> {
        vec![vec![ToolCall::new("Bash", json!({ "command": "ls" }))]]
    }

    fn offering(messages: &Value) -> Value {
        json!({ "model": "m", "messages": messages, "tools": [{ "name": "Bash", "input_schema": { "type": "object" } }] })
    }

    #[test]
    fn the_step_follows_from_the_turns_in_the_conversation() {
        let endpoint = Endpoint::start().unwrap();
        endpoint.script("a", one_step());
        let first = post(
            &endpoint,
            "a",
            &offering(&json!([{ "role": "user", "content": "go" }])),
        );
        let first: Value = serde_json::from_str(&first).unwrap();
        assert_eq!(first["content"][0]["input"]["command"], "ls");
        let id = call_id("a", 0, 0);
        let last = post(
            &endpoint,
            "a",
            &offering(&json!([
                { "role": "user", "content": "go" },
                { "role": "assistant", "content": [{ "type": "tool_use", "id": id, "name": "Bash", "input": {} }] },
                { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": id, "content": "a.txt" }] },
            ])),
        );
        assert!(last.contains("end_turn"));
        assert_eq!(
            endpoint.results("a"),
            BTreeMap::from([(
                id,
                ToolResult {
                    text: "a.txt".into(),
                    is_error: false
                }
            )])
        );
    }

    #[test]
    fn a_side_call_without_tools_consumes_no_step() {
        let endpoint = Endpoint::start().unwrap();
        endpoint.script("a", one_step());
        let title =
            json!({ "model": "m", "messages": [{ "role": "user", "content": "a title, please" }] });
        assert!(post(&endpoint, "a", &title).contains("end_turn"));
    }

    #[test]
    fn a_subagents_prompt_names_its_own_script() {
        let endpoint = Endpoint::start().unwrap();
        endpoint.script("main", one_step());
        endpoint.script("sub", Vec::new());
        let asked = offering(
            &json!([{ "role": "user", "content": [{ "type": "text", "text": "play:sub, then report" }] }]),
        );
        assert!(post(&endpoint, "main", &asked).contains("end_turn"));
        assert_eq!(endpoint.requests("sub").len(), 1);
    }

    #[test]
    fn offered_tools_and_credentials_are_recorded() {
        let endpoint = Endpoint::start().unwrap();
        endpoint.script("a", Vec::new());
        post(&endpoint, "a", &offering(&json!([])));
        assert_eq!(endpoint.offered("a")["Bash"]["type"], "object");
        assert_eq!(endpoint.credentials("a")["x-api-key"], "secret");
    }

    #[test]
    fn a_streamed_turn_ends_with_its_stop_event() {
        let endpoint = Endpoint::start().unwrap();
        endpoint.script("a", one_step());
        let mut asked = offering(&json!([]));
        asked["stream"] = json!(true);
        let events = post(&endpoint, "a", &asked);
        assert!(
            events.contains(r#""partial_json":"{\"command\":\"ls\"}""#),
            "{events}"
        );
        assert!(
            events
                .trim_end()
                .ends_with(r#"data: {"type":"message_stop"}"#),
            "{events}"
        );
    }
}
