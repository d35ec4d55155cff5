//! The files of a bundle: what `build` writes for one runtime, and nothing else decides what is in it.

use std::collections::BTreeMap;

use tappass_ir::bundle::{
    Apply, Environment, FileEntry, HarnessMap, Manifest, sha256, to_stable_json,
};
use tappass_ir::coverage::CoverageReport;
use tappass_ir::keyring;

use crate::emit::Built;

/// The files by their paths in the bundle. The error is a bug of ours, put into one sentence.
pub fn files(built: &Built, report: &CoverageReport) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let failed = |error: serde_json::Error| {
        format!("a file of the bundle cannot be written as JSON: {error}")
    };
    let policy = built.policy.to_canonical_json().map_err(failed)?;
    let harness = built
        .emissions
        .values()
        .find_map(|it| it.emission.harness.clone())
        .unwrap_or_else(no_harness);
    let mut files = BTreeMap::from([
        (
            "compiled-policy.bin".to_owned(),
            keyring::write(&built.policy),
        ),
        (
            "compiled-policy.json".to_owned(),
            policy.clone().into_bytes(),
        ),
        (
            "coverage.json".to_owned(),
            to_stable_json(report).map_err(failed)?.into_bytes(),
        ),
        (
            "harness.json".to_owned(),
            to_stable_json(&harness).map_err(failed)?.into_bytes(),
        ),
    ]);
    let mut entries: BTreeMap<String, FileEntry> = files
        .iter()
        .map(|(path, content)| {
            (
                path.clone(),
                FileEntry {
                    sha256: sha256(content),
                    apply: None,
                },
            )
        })
        .collect();
    let mut environment = Environment::default();
    let mut assumptions = std::collections::BTreeSet::new();
    for (ring, emitted) in &built.emissions {
        environment = environment.and(emitted.emission.environment.clone());
        assumptions.extend(emitted.emission.assumptions.iter().cloned());
        let tool = emitted.provider.tool();
        for artifact in &emitted.emission.artifacts {
            let path = format!(
                "artifacts/{ring}/{}/{}",
                emitted.provider.id(),
                artifact.path
            );
            let apply = Apply {
                ring: *ring,
                provider: emitted.provider.id().to_owned(),
                tool_version: tool.version.to_owned(),
                target: artifact.target.clone(),
                mode: format!("{:04o}", artifact.mode),
                owner: artifact.owner,
                update: artifact.update,
            };
            entries.insert(
                path.clone(),
                FileEntry {
                    sha256: sha256(artifact.content.as_bytes()),
                    apply: Some(apply),
                },
            );
            files.insert(path, artifact.content.clone().into_bytes());
        }
    }
    let manifest = Manifest {
        format: 1,
        runtime: built.runtime.clone(),
        policy: built.policy.policy.clone(),
        policy_sha256: sha256(policy.as_bytes()),
        platform: built.policy.platform,
        files: entries,
        environment,
        assumptions,
    };
    files.insert(
        "bundle.json".to_owned(),
        to_stable_json(&manifest).map_err(failed)?.into_bytes(),
    );
    Ok(files)
}

/// Without a harness provider every tool is unknown, and so refused unless the policy allows `other`.
fn no_harness() -> HarnessMap {
    HarnessMap {
        format: 1,
        harness: "generic".to_owned(),
        tools: BTreeMap::new(),
        mcp: None,
    }
}
