//! Paths against the real tree: where a path leads once every symbolic link is followed.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// What the resolver asks of a file system.
pub trait Tree {
    /// What stands at an absolute path whose parent is already real.
    fn look(&self, path: &Path) -> Entry;
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file or directory.
    Real,
    /// A symbolic link, with the real path that it leads to.
    Link(PathBuf),
    /// Nothing yet.
    Missing,
    /// It cannot be known.
    Unknown,
}

/// The machine's own file system.
#[derive(Debug, Clone, Copy)]
pub struct Disk;

impl Tree for Disk {
    fn look(&self, path: &Path) -> Entry {
        match std::fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_symlink() => {
                std::fs::canonicalize(path).map_or(Entry::Unknown, Entry::Link)
            }
            Ok(_) => Entry::Real,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Entry::Missing,
            Err(_) => Entry::Unknown,
        }
    }
}

/// A file system of links only, for tests and for callers without a disk.
#[derive(Debug, Clone, Default)]
pub struct Links(pub BTreeMap<PathBuf, PathBuf>);

impl Tree for Links {
    fn look(&self, path: &Path) -> Entry {
        self.0
            .get(path)
            .map_or(Entry::Real, |target| Entry::Link(target.clone()))
    }
}

/// Where an absolute path leads. What does not exist yet stays as it is written; the error is one sentence.
pub fn resolve(tree: &dyn Tree, path: &Path) -> Result<String, String> {
    if !path.is_absolute() {
        return Err(format!("`{}` is not absolute", path.display()));
    }
    let mut real = PathBuf::from("/");
    let mut missing = false;
    for component in path.components() {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::Prefix(_) => {
                return Err(format!(
                    "`{}` is not a path of this machine",
                    path.display()
                ));
            }
            Component::ParentDir if missing => {
                return Err(format!(
                    "`{}` goes up from a directory that does not exist",
                    path.display()
                ));
            }
            Component::ParentDir => {
                real.pop();
            }
            Component::Normal(name) => {
                real.push(name);
                if !missing {
                    match tree.look(&real) {
                        Entry::Real => {}
                        Entry::Link(target) => real = target,
                        Entry::Missing => missing = true,
                        Entry::Unknown => {
                            return Err(format!(
                                "where `{}` leads cannot be known",
                                path.display()
                            ));
                        }
                    }
                }
            }
        }
    }
    real.into_os_string()
        .into_string()
        .map_err(|_| format!("`{}` leads to a name that is not UTF-8", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(pairs: &[(&str, &str)]) -> Links {
        Links(
            pairs
                .iter()
                .map(|(from, to)| (from.into(), to.into()))
                .collect(),
        )
    }

    #[test]
    fn a_link_leads_to_its_target_and_dots_go_up_from_there() {
        let tree = links(&[("/p/link", "/etc/ssl")]);
        assert_eq!(
            resolve(&tree, Path::new("/p/link/x")).unwrap(),
            "/etc/ssl/x"
        );
        assert_eq!(
            resolve(&tree, Path::new("/p/link/../shadow")).unwrap(),
            "/etc/shadow"
        );
        assert_eq!(resolve(&tree, Path::new("/p/./a/../b")).unwrap(), "/p/b");
        assert!(resolve(&tree, Path::new("p/a")).is_err());
    }

    #[test]
    fn a_file_that_does_not_exist_yet_stays_as_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        let written = real.join("no/such/file");
        assert_eq!(resolve(&Disk, &written).unwrap(), written.to_str().unwrap());
        assert!(resolve(&Disk, &real.join("no/../x")).is_err());
    }

    #[test]
    fn a_link_that_leads_nowhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("gone"), &link).unwrap();
        assert!(resolve(&Disk, &link).is_err());
    }
}
