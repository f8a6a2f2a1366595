//! Pictures and films as files.

use std::path::{Path, PathBuf};

use ergon_bench::film::write_frames;
use ergon_viewer::ViewerError;

/// How long the last frame of a film is shown, hundredths of a second.
const LAST_CENTISECS: u16 = 250;

/// A film that is being made.
pub(crate) struct Film {
    file: PathBuf,
    size: [u32; 2],
    frame_secs: f64,
    kind: Kind,
}

enum Kind {
    /// Frames that wait for the palette that is made of all of them.
    Gif(Vec<Vec<u8>>),
    /// How many pictures lie in the folder.
    Folder(usize),
}

impl Film {
    pub(crate) fn new(file: &Path, size: [u32; 2], frame_secs: f64) -> Result<Self, ViewerError> {
        let kind = match file.extension().map(|e| e.to_ascii_lowercase()) {
            Some(ending) if ending == "gif" => Kind::Gif(Vec::new()),
            None => {
                std::fs::create_dir_all(file).map_err(|e| failed(file, &e))?;
                Kind::Folder(0)
            }
            Some(_) => {
                let name = file.display();
                let words =
                    format!("a film is a .gif or a folder, a name without ending, not {name}");
                return Err(ViewerError::Usage(words));
            }
        };
        Ok(Self { file: file.into(), size, frame_secs, kind })
    }

    pub(crate) fn add(&mut self, rgb: Vec<u8>) -> Result<(), ViewerError> {
        match &mut self.kind {
            Kind::Gif(frames) => {
                frames.push(rgb);
                Ok(())
            }
            Kind::Folder(count) => {
                let file = self.file.join(format!("{count:05}.png"));
                *count += 1;
                write_png(&file, self.size, &rgb)
            }
        }
    }

    pub(crate) fn finish(self) -> Result<(), ViewerError> {
        let Kind::Gif(frames) = &self.kind else { return Ok(()) };
        let size = self.size.map(|n| n as usize);
        let delay = (100.0 * self.frame_secs).round().max(2.0) as u16;
        let mut bytes = Vec::new();
        write_frames(&mut bytes, size, frames, delay, LAST_CENTISECS)
            .map_err(|e| failed(&self.file, &e))?;
        write(&self.file, &bytes)
    }
}

/// Writes RGB bytes, `height x width x 3`, as a PNG file.
pub(crate) fn write_png(
    file: &Path,
    [width, height]: [u32; 2],
    rgb: &[u8],
) -> Result<(), ViewerError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(rgb));
    written.map_err(|e| failed(file, &e))?;
    write(file, &bytes)
}

/// A temporary, then a rename, so that no half-written file is left.
fn write(file: &Path, bytes: &[u8]) -> Result<(), ViewerError> {
    if let Some(folder) = file.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|e| failed(folder, &e))?;
    }
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    std::fs::write(&part, bytes)
        .and_then(|()| std::fs::rename(&part, file))
        .map_err(|e| failed(file, &e))
}

fn failed(file: &Path, error: &dyn std::fmt::Display) -> ViewerError {
    ViewerError::Write { file: file.into(), why: error.to_string() }
}
