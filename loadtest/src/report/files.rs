//! A run's files: `run.json`, and `report.html` beside it.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{Run, html};

/// Why a run could not be read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// The file cannot be read or written.
    #[error("{}: {error}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It holds something else than a run.
    #[error("{} is no run of this tool: {error}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What and where.
        error: serde_json::Error,
    },
}

impl Run {
    /// Reads a run from its folder, or from its `run.json`.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let path = if path.is_dir() { path.join("run.json") } else { path.to_owned() };
        let text = std::fs::read(&path).map_err(|error| FileError::Io { path: path.clone(), error })?;
        serde_json::from_slice(&text).map_err(|error| FileError::Malformed { path, error })
    }

    /// Writes `run.json` and `report.html` into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// The folder cannot be made, or a file not be written.
    pub fn write(&self, folder: &Path) -> Result<(), FileError> {
        std::fs::create_dir_all(folder).map_err(|error| FileError::Io { path: folder.to_owned(), error })?;
        let json = folder.join("run.json");
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|error| FileError::Malformed { path: json.clone(), error })?;
        text.push('\n');
        for (path, text) in [(json, text), (folder.join("report.html"), html(self))] {
            std::fs::write(&path, text).map_err(|error| FileError::Io { path, error })?;
        }
        Ok(())
    }
}
