//! A folder of one run, outside `/tmp`.
//!
//! Programs treat `/tmp` specially: nono grants it by default and behaves differently when the home folder lies in it, so
//! a measurement made there says nothing about a user's machine.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

const OUTSIDE_TMP: &str = "/var/tmp";

/// Removed with everything in it when dropped.
#[derive(Debug)]
pub struct Scratch {
    path: Utf8PathBuf,
    _folder: TempDir,
}

impl Scratch {
    /// # Errors
    /// The folder cannot be made, or its resolved path is not UTF-8.
    pub fn new() -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("tappass-oracle-")
            .tempdir_in(OUTSIDE_TMP)?;
        let path = Utf8PathBuf::from_path_buf(folder.path().canonicalize()?)
            .map_err(|path| io::Error::other(format!("{} is not UTF-8", path.display())))?;
        Ok(Self {
            path,
            _folder: folder,
        })
    }

    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Creates a folder in it and the folders above.
    ///
    /// # Errors
    /// As [`std::fs::create_dir_all`].
    pub fn folder(&self, relative: &str) -> io::Result<Utf8PathBuf> {
        let path = self.path.join(relative);
        std::fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Writes a file in it and creates the folders above.
    ///
    /// # Errors
    /// As [`std::fs::write`].
    pub fn file(&self, relative: &str, contents: &str) -> io::Result<Utf8PathBuf> {
        let path = self.path.join(relative);
        write_with_folders(&path, contents)?;
        Ok(path)
    }
}

pub(super) fn write_with_folders(path: &Utf8Path, contents: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, contents)
}
