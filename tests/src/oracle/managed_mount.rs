//! The folder over which a run lays its managed settings, in a mount namespace of its own.
//!
//! Only the mount point must exist on the machine itself. Where it does not, it is created, and removed when the last run
//! that needs it ends: runs hold a shared lock, and who can take the lock alone is the last. A mark beside the lock tells a
//! folder of ours from one that the machine's owner made, also after a run that was killed.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};

use super::cache;

/// While it lives, the mount point exists.
#[derive(Debug)]
pub(super) struct MountPoint {
    path: Utf8PathBuf,
    mark: Utf8PathBuf,
    lock: File,
}

impl MountPoint {
    pub(super) fn hold(path: &str) -> io::Result<Self> {
        Self::hold_in(&cache::folder()?, Utf8Path::new(path))
    }

    fn hold_in(state: &Utf8Path, path: &Utf8Path) -> io::Result<Self> {
        let name = path.as_str().trim_matches('/').replace('/', "-");
        fs::create_dir_all(state)?;
        let mark = state.join(format!(".{name}.made-by-tests"));
        let lock = File::create(state.join(format!(".{name}.lock")))?;
        loop {
            // A lock is not changed from exclusive to shared in one step, so the folder is looked at again in between.
            lock.lock_shared()?;
            if path.is_dir() {
                return Ok(Self {
                    path: path.to_owned(),
                    mark,
                    lock,
                });
            }
            lock.unlock()?;
            lock.lock()?;
            if !path.is_dir() {
                File::create(&mark)?;
                fs::create_dir_all(path)?;
            }
            lock.unlock()?;
        }
    }

    fn release(&self) -> io::Result<()> {
        self.lock.unlock()?;
        match self.lock.try_lock() {
            Ok(()) if Path::new(&self.mark).exists() => {
                fs::remove_dir(&self.path)?;
                fs::remove_file(&self.mark)
            }
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for MountPoint {
    fn drop(&mut self) {
        // An empty folder that stays is removed by the next run that ends.
        let _ = self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        (folder, path)
    }

    #[test]
    fn a_folder_that_we_made_goes_with_its_last_user() {
        let (_guard, root) = scratch();
        let point = root.join("etc/tool");
        let first = MountPoint::hold_in(&root.join("state"), &point).unwrap();
        let second = MountPoint::hold_in(&root.join("state"), &point).unwrap();
        drop(first);
        assert!(point.is_dir());
        drop(second);
        assert!(!point.exists());
    }

    #[test]
    fn a_folder_that_was_there_stays() {
        let (_guard, root) = scratch();
        let point = root.join("etc/tool");
        fs::create_dir_all(&point).unwrap();
        drop(MountPoint::hold_in(&root.join("state"), &point).unwrap());
        assert!(point.is_dir());
    }
}
