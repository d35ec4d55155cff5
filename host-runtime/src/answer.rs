//! The hook's answer in each harness's own format.

use serde_json::json;
use tappass_ir::vocabulary::Effect;

use crate::verify::Verdict;

/// The harnesses whose answer format is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    ClaudeCode,
}

impl Format {
    /// The format that a harness's name stands for.
    pub fn of(harness: &str) -> Option<Self> {
        (harness == "claude-code").then_some(Self::ClaudeCode)
    }

    /// One line of JSON.
    pub fn write(self, verdict: &Verdict) -> String {
        match self {
            Self::ClaudeCode => {
                let reason = match verdict.effect {
                    Effect::Allow => "allowed by the policy".to_owned(),
                    Effect::Ask => format!("a person has to approve this: {}", verdict.reason),
                    Effect::Deny => format!("denied by the policy in force: {}", verdict.reason),
                };
                json!({ "hookSpecificOutput": {
                    "hookEventName": "PreToolUse",
                    "permissionDecision": verdict.effect,
                    "permissionDecisionReason": reason,
                } })
                .to_string()
            }
        }
    }
}
