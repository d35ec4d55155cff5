//! The process of the test MCP server: its tools are its arguments, or a default set.

use std::io;

use tappass_tests::oracle::mcp_server::{DEFAULT_TOOLS, serve};

fn main() -> io::Result<()> {
    let mut tools: Vec<String> = std::env::args().skip(1).collect();
    if tools.is_empty() {
        tools = DEFAULT_TOOLS.map(str::to_owned).to_vec();
    }
    serve(&tools, io::stdin().lock(), io::stdout().lock())
}
