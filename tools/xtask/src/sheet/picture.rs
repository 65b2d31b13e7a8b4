//! A picture in memory: three bytes a pixel, row by row.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use crate::failure::{Context, Failure, Outcome};

/// Red, green and blue of every pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Picture {
    /// A picture of one colour.
    #[must_use]
    pub fn filled(width: usize, height: usize, colour: [u8; 3]) -> Self {
        Self { width, height, rgb: colour.repeat(width * height) }
    }

    /// Pixels from left to right.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels from top to bottom.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The colour at a place inside the picture.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// Colours a rectangle; what lies outside the picture is cut off.
    pub fn fill(&mut self, left: usize, top: usize, size: (usize, usize), colour: [u8; 3]) {
        for y in top..(top + size.1).min(self.height) {
            for x in left..(left + size.0).min(self.width) {
                let at = (y * self.width + x) * 3;
                self.rgb[at..at + 3].copy_from_slice(&colour);
            }
        }
    }

    /// Lays another picture on this one; what lies outside is cut off.
    pub fn paste(&mut self, other: &Self, left: usize, top: usize) {
        let width = other.width.min(self.width.saturating_sub(left)) * 3;
        for row in 0..other.height.min(self.height.saturating_sub(top)) {
            let (from, to) = (row * other.width * 3, ((top + row) * self.width + left) * 3);
            self.rgb[to..to + width].copy_from_slice(&other.rgb[from..from + width]);
        }
    }

    /// The same picture of another width, never wider: each new pixel is the mean of those it covers.
    #[must_use]
    pub fn shrunk(&self, width: usize) -> Self {
        if width >= self.width {
            return self.clone();
        }
        let height = (self.height * width / self.width).max(1);
        let mut small = Self::filled(width, height, [0; 3]);
        for y in 0..height {
            let rows = y * self.height / height..((y + 1) * self.height).div_ceil(height);
            for x in 0..width {
                let columns = x * self.width / width..((x + 1) * self.width).div_ceil(width);
                small.fill(x, y, (1, 1), self.mean(columns, rows.clone()));
            }
        }
        small
    }

    fn mean(&self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> [u8; 3] {
        let count = (columns.len() * rows.len()).max(1);
        let mut sum = [0_usize; 3];
        for y in rows {
            for x in columns.clone() {
                for (total, part) in sum.iter_mut().zip(self.pixel(x, y)) {
                    *total += usize::from(part);
                }
            }
        }
        // A mean of bytes is a byte.
        sum.map(|total| u8::try_from(total / count).unwrap_or(u8::MAX))
    }

    /// Reads a PNG of eight bits a channel, in colour; a transparency is left out.
    ///
    /// # Errors
    /// The file cannot be read, or is another kind of picture.
    pub fn read(file: &Path) -> Outcome<Self> {
        let doing = || format!("reading {}", file.display());
        let open = BufReader::new(File::open(file).while_doing(doing())?);
        let mut reader = png::Decoder::new(open).read_info().while_doing(doing())?;
        let size = reader.output_buffer_size().ok_or_else(|| Failure::refused(format!("{}: too large", doing())))?;
        let mut bytes = vec![0; size];
        let info = reader.next_frame(&mut bytes).while_doing(doing())?;
        bytes.truncate(info.buffer_size());
        let channels = match (info.color_type, info.bit_depth) {
            (png::ColorType::Rgb, png::BitDepth::Eight) => 3,
            (png::ColorType::Rgba, png::BitDepth::Eight) => 4,
            other => return Err(Failure::refused(format!("{}: {other:?} is not eight bits of colour", doing()))),
        };
        let rgb = bytes.chunks_exact(channels).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        Ok(Self { width: info.width as usize, height: info.height as usize, rgb })
    }

    /// Writes it as a PNG.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, file: &Path) -> Outcome<()> {
        let doing = || format!("writing {}", file.display());
        let side = |pixels: usize| u32::try_from(pixels).while_doing(doing());
        let open = BufWriter::new(File::create(file).while_doing(doing())?);
        let mut encoder = png::Encoder::new(open, side(self.width)?, side(self.height)?);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().while_doing(doing())?;
        writer.write_image_data(&self.rgb).while_doing(doing())?;
        writer.finish().while_doing(doing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_pixel_is_the_mean_of_those_it_covers() {
        let mut picture = Picture::filled(4, 2, [0; 3]);
        picture.fill(0, 0, (1, 2), [200, 100, 40]);
        let small = picture.shrunk(2);
        assert_eq!((small.width(), small.height()), (2, 1));
        assert_eq!((small.pixel(0, 0), small.pixel(1, 0)), ([100, 50, 20], [0; 3]));
        // Where the widths do not divide, nothing is left out and nothing is read beyond the edge.
        assert_eq!(Picture::filled(7, 5, [9; 3]).shrunk(3), Picture::filled(3, 2, [9; 3]));
        assert_eq!(picture.shrunk(9), picture);
    }

    #[test]
    fn what_lies_outside_is_cut_off() {
        let mut paper = Picture::filled(3, 3, [0; 3]);
        paper.paste(&Picture::filled(2, 2, [7; 3]), 2, 2);
        paper.paste(&Picture::filled(2, 2, [7; 3]), 5, 5);
        paper.fill(2, 0, (9, 1), [5; 3]);
        assert_eq!((paper.pixel(2, 2), paper.pixel(1, 1), paper.pixel(2, 0)), ([7; 3], [0; 3], [5; 3]));
    }

    #[test]
    fn a_picture_survives_its_file_and_a_stranger_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("a.png");
        let mut picture = Picture::filled(5, 4, [1, 2, 3]);
        picture.fill(1, 1, (2, 2), [250, 0, 9]);
        picture.write(&file).unwrap();
        assert_eq!(Picture::read(&file).unwrap(), picture);
        std::fs::write(&file, "no picture").unwrap();
        assert!(Picture::read(&file).unwrap_err().to_string().contains("a.png"));
    }
}
