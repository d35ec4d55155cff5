//! Variables of a policy as the placeholders that the host replaces when it applies a bundle.

use tappass_ir::vocabulary::Variable;

/// `$project/src` as `{project}/src`; a path without a variable stays as it is.
pub(crate) fn placeholder(path: &str) -> String {
    let Some(rest) = path.strip_prefix('$') else {
        return path.to_owned();
    };
    match rest.split_once('/') {
        Some((variable, below)) => format!("{{{variable}}}/{below}"),
        None => format!("{{{rest}}}"),
    }
}

/// The inverse of [`placeholder`]; none for a placeholder that is no variable.
pub(crate) fn variable(text: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix('{') else {
        return Some(text.to_owned());
    };
    let (name, below) = rest.split_once('}')?;
    Variable::from_word(name).map(|variable| format!("${variable}{below}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_leads_back_to_its_variable() {
        for path in ["$project", "$home/.claude", "/etc/hosts"] {
            assert_eq!(variable(&placeholder(path)).as_deref(), Some(path));
        }
        assert_eq!(variable("{gateway}/x"), None);
    }
}
