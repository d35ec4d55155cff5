//! Where the variables of a policy point on one machine.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::path::CanonicalPath;
use crate::vocabulary::Variable;

/// What the host found the variables to be. A variable that is not bound stays a symbol: it is then
/// equal to itself and to nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    try_from = "BTreeMap<Variable, CanonicalPath>",
    into = "BTreeMap<Variable, CanonicalPath>"
)]
pub struct Binding(BTreeMap<Variable, CanonicalPath>);

/// A variable bound to a path that itself begins with a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAbsolute(pub Variable);

impl std::fmt::Display for NotAbsolute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`${}` must be bound to an absolute path", self.0)
    }
}

impl std::error::Error for NotAbsolute {}

impl Binding {
    /// The absolute path that `variable` is bound to.
    pub fn get(&self, variable: Variable) -> Option<&CanonicalPath> {
        self.0.get(&variable)
    }

    /// The same binding with `variable` bound to `path`, which must be absolute.
    pub fn with(mut self, variable: Variable, path: CanonicalPath) -> Result<Self, NotAbsolute> {
        if path.variable().is_some() {
            return Err(NotAbsolute(variable));
        }
        self.0.insert(variable, path);
        Ok(self)
    }

    /// Every way in which a pattern may begin to match `path`: as it stands on the machine, and from
    /// each variable that is bound to one of its ancestors.
    pub fn spellings(&self, path: &CanonicalPath) -> Vec<CanonicalPath> {
        let bound = path.bind(self);
        let from_variables = self.0.iter().filter_map(|(variable, root)| {
            let rest = match root.as_str() {
                "/" => bound.as_str(),
                _ if !bound.is_within(root) => return None,
                root => bound.as_str().get(root.len()..)?,
            };
            CanonicalPath::parse(&format!("${variable}{rest}")).ok()
        });
        let mut spellings: Vec<CanonicalPath> = from_variables.collect();
        spellings.push(bound);
        spellings
    }

    /// Whether nothing is bound.
    pub fn is_symbolic(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<BTreeMap<Variable, CanonicalPath>> for Binding {
    type Error = NotAbsolute;

    fn try_from(paths: BTreeMap<Variable, CanonicalPath>) -> Result<Self, NotAbsolute> {
        paths
            .into_iter()
            .try_fold(Self::default(), |binding, (variable, path)| {
                binding.with(variable, path)
            })
    }
}

impl From<Binding> for BTreeMap<Variable, CanonicalPath> {
    fn from(binding: Binding) -> Self {
        binding.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_bound_to_absolute_paths_only() {
        let path = CanonicalPath::parse("$home/x").expect("a path");
        assert_eq!(
            Binding::default().with(Variable::Project, path),
            Err(NotAbsolute(Variable::Project))
        );
        assert!(serde_json::from_str::<Binding>(r#"{"project":"$home"}"#).is_err());
    }
}
