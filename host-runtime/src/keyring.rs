//! The keyring directory: the policy in force, what its variables stand for, and how the harness's tool
//! calls are read.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use tappass_ir::bundle::HarnessMap;
use tappass_ir::pattern::Binding;

/// The files of a keyring, read but not yet opened.
#[derive(Debug)]
pub struct Files {
    /// `compiled-policy.bin`.
    pub policy: Vec<u8>,
    /// `harness.json`.
    pub harness: HarnessMap,
    /// `binding.json`.
    pub binding: Binding,
}

/// Reads the directory. The error is one sentence.
pub fn read(directory: &Path) -> Result<Files, String> {
    Ok(Files {
        policy: bytes(directory, "compiled-policy.bin")?,
        harness: json(directory, "harness.json")?,
        binding: json(directory, "binding.json")?,
    })
}

fn bytes(directory: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path = directory.join(name);
    fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

fn json<T: DeserializeOwned>(directory: &Path, name: &str) -> Result<T, String> {
    let path = directory.join(name);
    serde_json::from_slice(&bytes(directory, name)?)
        .map_err(|error| format!("{} is damaged: {error}", path.display()))
}
